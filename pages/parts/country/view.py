"""The three charts of the country page and their tables."""

from collections.abc import Hashable

import pandas as pd
import streamlit as st

from core.charts.country import apart_chart, groups_chart, nearness_chart
from core.findings.world import ENDS, Apart
from core.findings.world.apart import MOST_OF_BATTERY, Dimension
from core.surveys import SHIPPED
from core.text import plain
from core.types import DEFAULT_KINDS
from pages.parts.country.data import FIRST, apart, gaps, models, world
from pages.parts.country.words import apart_words, facts, label, model_words, value_span
from pages.parts.shared.chart_block import Block, draw_ahead, show_chart, show_table
from pages.parts.shared.glossary import explain
from pages.parts.shared.links import to_card
from pages.parts.shared.names import country, ranked_names, survey_name
from pages.parts.shared.readings import languages_of, store_state
from pages.parts.shared.studies import source_line
from pages.parts.shared.texts import number, percent, span, t, term

MOST_GAPS = 8


def _with_ends(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        value_low=(rows["others"] + rows["low"]).clip(0, 1),
        value_high=(rows["others"] + rows["high"]).clip(0, 1),
        label=[label(row) for _, row in rows.iterrows()],
    )


def apart_block(found: Apart, place: str) -> Block:
    """The questions that set the country apart, beside all other countries."""
    mine = _with_ends(found.listed)
    every = world().merge(mine[["question_id", "option", "label"]], on=["question_id", "option"])
    others = every[every["country"] != place].assign(name=lambda f: f["country"].map(country))
    shown = mine.assign(
        low=mine["value_low"],
        high=mine["value_high"],
        shown=[value_span(row) for _, row in mine.iterrows()],
        facts=[facts(row) for _, row in mine.iterrows()],
    )
    return Block(
        "country_apart",
        apart_words(found, place),
        lambda palette, words: apart_chart(shown, others[["label", "name", "value"]], palette, words),
        mine,
        survey_name(SHIPPED),
        alt=t("country.apart_alt", country=country(place)),
        note=t("country.apart_help", most=MOST_OF_BATTERY),
        of=("apart", place, *mine["label"]),
    )


def show_apart(found: Apart, place: str) -> None:
    """The chart with its table."""
    block = apart_block(found, place)
    st.markdown(f"**{block.title}**", help=explain("place_on_scale", "interval", "weighting"))
    if len(found.listed):
        show_chart(block)
    show_table(lambda: apart_table(_with_ends(found.every)), block.key, t("country.apart_table"))


def apart_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Every counted question that was asked there, the most unusual answer first."""
    return pd.DataFrame(
        {
            t("chart.question"): rows["label"],
            t("world.value"): [value_span(row) for _, row in rows.iterrows()],
            t("country.others"): rows["others"].map(percent),
            t("country.place"): [f"{row['place']} / {row['places']}" for _, row in rows.iterrows()],
            t("country.clear"): rows["clear"].map({True: "●", False: "○"}),
            "n": rows["n"],
            t("alignment.year"): rows["year"],
            t("country.weights"): [term("world_weights", value) for value in rows["weight_status"]],
        }
    )


def gaps_block(frame: pd.DataFrame, place: str, dimension: Dimension) -> Block:
    """Where two groups of the country differ most; its frame has all questions."""
    first, second = (term("group", group) for group in ENDS[dimension])
    every = frame.assign(
        label=[label(row) for _, row in frame.iterrows()],
        first_name=first,
        second_name=second,
        gap_shown=[_gap_words(row) for _, row in frame.iterrows()],
    )
    clear = every[every["clear"]]
    listed = clear[clear.groupby("battery").cumcount() < MOST_OF_BATTERY].head(MOST_GAPS)
    return Block(
        "country_groups",
        t("country.gaps", clear=len(clear), questions=len(every), first=first, second=second),
        lambda palette, words: groups_chart(listed, palette, words),
        every,
        survey_name(SHIPPED),
        alt=t("country.gaps_alt"),
        note=t("country.gaps_help", most=MOST_OF_BATTERY),
        of=("gaps", place, dimension, *listed["label"]),
    )


def show_gaps(frame: pd.DataFrame, place: str, dimension: Dimension) -> None:
    """The chart with its table."""
    block = gaps_block(frame, place, dimension)
    st.markdown(f"**{block.title}**", help=explain("interval"))
    if block.frame["clear"].any():
        show_chart(block)
    show_table(lambda: gap_table(block.frame), block.key, t("country.gaps_table"))


def _gap_words(row: pd.Series) -> str:
    ends = (percent(row[name], signed=True) for name in ("gap", "low", "high"))
    return "{} [{}, {}]".format(*ends)


def gap_table(every: pd.DataFrame) -> pd.DataFrame:
    """Both groups on every question."""
    first, second = every["first_name"].iloc[0], every["second_name"].iloc[0]
    return pd.DataFrame(
        {
            t("chart.question"): every["label"],
            first: every["first"].map(percent),
            second: every["second"].map(percent),
            t("country.gap"): every["gap_shown"],
            t("country.clear"): every["clear"].map({True: "●", False: "○"}),
            f"n, {first}": every["n_first"],
            f"n, {second}": every["n_second"],
            t("alignment.year"): every["year"],
        }
    )


def models_block(table: pd.DataFrame, place: str, of: tuple[Hashable, ...]) -> Block:
    """Models and baselines by their distance to people of the country."""
    named = ranked_names(table)
    return Block(
        "country_models",
        model_words(table, place)[0],
        lambda palette, words: nearness_chart(named, palette, words),
        named,
        t("world.model_source"),
        alt=t("country.models_alt"),
        note=t("country.models_help"),
        of=("models", *of),
    )


def show_models(table: pd.DataFrame, place: str, of: tuple[Hashable, ...]) -> None:
    """The chart with its sentence and its table."""
    block = models_block(table, place, of)
    st.markdown(f"**{plain(block.title)}**", help=explain("distance", "baseline", "rank_interval"))
    for sentence in model_words(table, place)[1:]:
        st.markdown(plain(sentence))
    show_chart(block)
    st.caption(source_line("justifiable"))
    show_table(lambda: model_table(block.frame), block.key, t("country.models_table"), cards=t("ranking.card"))


def model_table(named: pd.DataFrame) -> pd.DataFrame:
    """The ranked table of models."""
    pairs = zip(named["name"], named["group"], strict=True)
    cards = ["" if group == "baseline" else to_card(name) for name, group in pairs]
    return pd.DataFrame(
        {
            t("country.rank"): named["ranks"],
            t("chart.model"): named["label"],
            t("ranking.card"): cards,
            t("chart.origin"): named["group_name"],
            t("chart.distance"): [span(r["distance"], r["low"], r["high"], 2) for _, r in named.iterrows()],
            t("country.net"): [
                span(r["net"], r["net_low"], r["net_high"], 2, signed=True) for _, r in named.iterrows()
            ],
            t("country.p"): [number(p, 3) for p in named["p_adjusted"]],
        }
    )


def prepare() -> None:
    """Compute and draw the first view of the page."""
    state = store_state()
    blocks = [
        apart_block(apart(FIRST, DEFAULT_KINDS), FIRST),
        gaps_block(gaps(FIRST, "age", DEFAULT_KINDS), FIRST, "age"),
    ]
    for language in languages_of(state)[:1]:
        near = models(state, language, FIRST)
        if len(near):
            blocks.append(models_block(near, FIRST, (state, language, FIRST)))
    draw_ahead(blocks)
