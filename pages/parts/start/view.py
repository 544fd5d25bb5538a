"""The two charts of the start page: models over all questions, and question by question."""

from typing import NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from core.charts.china_west import between_chart, place_chart
from core.charts.palette import Palette
from core.findings.china_west.answers import PUBLISHED
from core.i18n import Texts
from core.surveys.published import PersonaCountry, lean_counts
from core.types import Language
from pages.parts.shared.chart_block import Block
from pages.parts.shared.texts import number, t, term
from pages.parts.start.published import (
    asked_so,
    finding_words,
    item_frames,
    item_words,
    lean_frame,
    rank_words,
    spread_item,
)


class Shown(NamedTuple):
    """The content of the start page for one way of asking."""

    sentences: list[str]
    leans: Block
    items: Block
    table: pd.DataFrame
    widest: str
    question: str
    lean_table: pd.DataFrame
    models: list[str | None]
    item_table: pd.DataFrame


@st.cache_resource(show_spinner=False, max_entries=32)
def shown(language: Language, persona: PersonaCountry | None, interface: str) -> Shown:
    """Sentences, charts and tables, made once for all sessions; ``interface`` is their language."""
    return _made(language, persona)


def _made(language: Language, persona: PersonaCountry | None) -> Shown:
    known = asked_so(language, persona)
    frame, table = known["positions"], known["items"]
    sentences = finding_words(lean_counts(frame).set_index("origin"), frame["lean"])
    sentences.append(rank_words(language, persona))
    widest, question, gap = spread_item(table)
    of = (language, persona)
    leans = lean_block(lean_frame(frame), sentences[0])._replace(of=of)
    items = item_block(table, t("start.item_title", question=question, gap=number(gap, 1)))._replace(of=of)
    words = item_words(table).round(2)
    return Shown(
        sentences, leans, items, table, widest, question, lean_table(leans.frame), models_of(leans.frame), words
    )


def lean_table(leans: pd.DataFrame) -> pd.DataFrame:
    """Every model and both baselines, columns in words."""
    return leans.rename(columns={name: term("lean_column", name) for name in leans.columns}).round(2)


def models_of(leans: pd.DataFrame) -> list[str | None]:
    """The id of the model of each row; none for a baseline."""
    pairs = zip(leans["model"], leans["origin_name"], strict=True)
    return [None if origin == t("start.baseline") else PUBLISHED + name for name, origin in pairs]


def lean_block(leans: pd.DataFrame, title: str) -> Block:
    """Every model and both baselines, left or right of zero."""
    groups = {term("origin", "China"): "China", term("origin", "USA"): "West", t("start.baseline"): "baseline"}
    rows = leans.rename(
        columns={"model": "name", "origin_name": "group_name", "lean_low": "low", "lean_high": "high"}
    ).assign(group=leans["origin_name"].map(groups), faded=False, silent=t("chart.not_asked"))
    axis = t("chart.lean")

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return place_chart(rows, palette, words, axis)

    return Block("published_models", title, draw, leans, t("start.source"), alt=t("start.lean_alt"))


def item_block(table: pd.DataFrame, title: str) -> Block:
    """The publics and the models on each question."""
    publics, answers = item_frames(table)
    answers = answers.assign(chosen=False, group="all")

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return between_chart(publics, answers, palette, words, pick=True)

    return Block("published_items", title, draw, table, t("start.source"), alt=t("start.item_alt"))
