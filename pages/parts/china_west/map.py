"""The cultural map of the China-West page: countries, models, and the published map beside it."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from core.charts.map import map_chart
from core.charts.palette import Palette
from core.findings import map as cultural
from core.i18n import Texts
from pages.parts.shared import resources
from pages.parts.shared.chart_block import Block, show_chart, show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.kept import kept
from pages.parts.shared.names import country, model_name
from pages.parts.shared.readings import State, mean_answers
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import listed, number, percent, t, term, ui_language

LARGEST = 3
"""How many of the questions that an axis weighs most are named."""


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def rows(state: State, language: str, persona: str) -> pd.DataFrame:
    """Countries and models on the map."""
    return cultural.map_rows(mean_answers(state), language, persona)


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def ranks(state: State, language: str, persona: str) -> pd.DataFrame:
    """Ranks of China and the USA among all countries, model by model."""
    return cultural.country_ranks(mean_answers(state), language, persona)


def map_words(frame: pd.DataFrame) -> str:
    """Whether models are within the region of the countries."""
    counts = cultural.outside_counts(frame)
    if not counts["models"]:
        return t("map.none")
    outside = counts["models"] - sum(counts[place] for place in ("beyond", "off", "both"))
    words = {"n": counts["models"], "inside": outside, "beyond": counts["beyond"] + counts["both"]}
    words |= {"off": counts["off"] + counts["both"], "countries": int((frame["kind"] == "country").sum())}
    return t("map.all_inside", **words) if outside == counts["models"] else t("map.outside", **words)


def rank_words(found: pd.DataFrame) -> str:
    """The ranks of China and the USA among all countries."""
    counts = cultural.rank_counts(found)
    return t("map.ranks", **counts) if counts["models"] else ""


def axes_words() -> str:
    """Which questions the two axes weigh most, and how much of the differences between countries they explain."""
    plane, bank = cultural.country_axes(), resources.questions()

    def largest(weights: np.ndarray) -> str:
        order = np.argsort(-np.abs(weights))[:LARGEST]
        return listed(bank[plane.items[at]].short.get(ui_language()) for at in order)

    first, second = (largest(weights) for weights in plane.directions)
    return t("map.axes", first=first, second=second, share=percent(float(plane.explained.sum())))


def _block(frame: pd.DataFrame, state: State, language: str, persona: str) -> Block:
    named = frame.assign(
        label=[country(one) if kind == "country" else model_name(one, name) for one, kind, name in _ids(frame)],
        group_name=[term("cw_group", group) if group != "people" else "" for group in frame["group"]],
    )
    explained = cultural.country_axes().explained
    titles = tuple(t("map.axis", n=place + 1, share=percent(float(share))) for place, share in enumerate(explained))

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return map_chart(named, palette, words, (titles[0], titles[1]))

    of = ("map", state, language, persona)
    return Block("china_west_map", map_words(frame), draw, frame, t("china_west.source"), alt=t("map.alt"), of=of)


def _ids(frame: pd.DataFrame):
    return zip(frame["id"], frame["kind"], frame["name"], strict=True)


def _official_block() -> Block:
    frame = cultural.inglehart_welzel()
    named = frame.assign(label=[country(code) for code in frame["id"]], kind="country", group="people")
    named = named.assign(group_name="", off=np.nan)
    titles = t("map.official_x"), t("map.official_y")

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return map_chart(named, palette, words, titles)

    title, source = t("map.official_title"), t("map.official_source")
    return Block("official_map", title, draw, frame, source, alt=t("map.alt"), of=("official",))


def map_blocks(state: State, language: str, persona: str) -> list[Block]:
    """Both maps, to be drawn in advance."""
    return [_block(rows(state, language, persona), state, language, persona), _official_block()]


def map_table(frame: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Models with their place on the map and the ranks of both publics; the map as a table."""
    models = frame[frame["kind"] == "model"].merge(
        found.drop(columns=["name", "group"]), left_on="id", right_on="model_id"
    )

    def rank(row: pd.Series, code: str) -> str:
        return f"{row[f'rank_{code}']} [{row[f'rank_{code}_low']}, {row[f'rank_{code}_high']}]"

    listed_rows = [row for _, row in models.iterrows()]
    return pd.DataFrame(
        {
            t("chart.model"): [model_name(*pair) for pair in zip(models["id"], models["name"], strict=True)],
            t("chart.origin"): [term("cw_group", group) for group in models["group"]],
            t("map.place"): [term("map_place", place) for place in models["place"]],
            t("map.off"): [number(value, 2) for value in models["off"]],
            t("map.nearest"): [country(code) for code in models["nearest"]],
            t("map.rank_usa"): [rank(row, "usa") for row in listed_rows],
            t("map.rank_chn"): [rank(row, "chn") for row in listed_rows],
        }
    )


def show_map(state: State, language: str, persona: str) -> None:
    """Both maps, their sentences, and the ranks."""
    st.header(t("map.title"), anchor=False, divider="gray")
    frame, found = rows(state, language, persona), ranks(state, language, persona)
    block = _block(frame, state, language, persona)
    st.markdown(f"**{block.title}**")
    show_chart(block)
    st.caption(f"{axes_words()} {t('map.help')}")
    st.caption(source_line("justifiable"))
    if words := rank_words(found):
        st.markdown(words, help=explain("bootstrap"))
        show_table(lambda: map_table(frame, found), block.key, t("map.table"), t("map.table_help"))
    with st.expander(t("map.official_title"), icon=":material/public:"):
        official = _official_block()
        show_chart(official)
        st.caption(t("map.official_help"))
        st.caption(source_line("people"))
