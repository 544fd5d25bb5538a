"""Does the reasoning help? Votes and direct answers over all stored traces, against people."""

from typing import NamedTuple

import altair as alt
import pandas as pd
import streamlit as st

from core.audits.traces.gain import GROUPINGS, LEAST, MEASURES, gains
from core.charts.palette import Palette
from core.charts.traces import interval_rows
from core.i18n import Texts
from core.surveys.questions import among_kinds
from core.text import plain
from core.types import DEFAULT_KINDS
from pages.parts.shared import links, resources
from pages.parts.shared.chart_block import Block, draw_ahead, show_chart
from pages.parts.shared.kinds import Kinds, pick_kinds
from pages.parts.shared.names import country, model_name, model_side
from pages.parts.shared.readings import known_traces
from pages.parts.shared.texts import number, percent, t, term
from pages.parts.traces.data import Gathered, gathered, usual_traces
from pages.parts.traces.faith import faith_block


def _value_words(by: str, value: str) -> str:
    if by == "country":
        return country(value)
    if by == "model_id":
        return model_name(value)
    return term(by, value)


class Gained(NamedTuple):
    """The gain on the page: the chart, and its rows with a ``label``."""

    block: Block
    rows: pd.DataFrame


def show_gain(found: Gathered) -> Gained | None:
    """Change of distance by model, country, language or group, with paired intervals; returns what it has drawn."""
    rows = found.gains
    if rows.empty:
        st.info(t("traces.no_gain"), icon=":material/inbox:")
        return None
    kinds = pick_kinds()
    links.restore_one("gain_by", GROUPINGS, GROUPINGS[0])
    links.restore_one("gain_in", MEASURES, MEASURES[0])
    left, right = st.columns(2)
    by = left.selectbox(t("traces.by"), GROUPINGS, format_func=lambda v: term("traces_by", v), key="gain_by")
    measure = right.selectbox(
        t("traces.by_measure"), MEASURES, format_func=lambda v: term("traces_measure", v), key="gain_in"
    )
    gained = _block(found, by, measure, kinds)
    if gained is None:
        st.info(t("traces.no_group"), icon=":material/inbox:")
        return None
    block = gained.block
    st.markdown(f"**{plain(block.title)}**")
    show_chart(block)
    st.dataframe(block.frame, hide_index=True, key="gain_table")
    coarse = float((rows["matched"] == "country").mean())
    least = number(LEAST[str(gained.rows["measure"].iloc[0])], 2)
    st.caption(t("traces.gain_note", share=percent(coarse), groups=len(gained.rows), least=least))
    return gained


@st.cache_data(show_spinner=False, max_entries=32)
def _table(stamp: str, by: str, kinds: Kinds, _rows: pd.DataFrame) -> pd.DataFrame:
    return gains(_rows[_rows["question_id"].isin(among_kinds(resources.questions(), kinds))], by)


def _block(found: Gathered, by: str, measure: str, kinds: Kinds) -> Gained | None:
    table = _table(found.stamp, by, kinds, found.gains)
    mine = table[table["measure"] == measure] if len(table) else table
    if mine.empty:
        return None
    mine = mine.assign(label=[_value_words(by, value) for value in mine["value"]])
    counts = mine["verdict"].value_counts()
    title = t(
        "traces.gain_title",
        nearer=int(counts.get("nearer", 0)),
        farther=int(counts.get("farther", 0)),
        unclear=int(counts.get("unclear", 0)),
        total=len(mine),
    )
    looks = [model_side(value) for value in mine["value"]] if by == "model_id" else "all"
    frame, axis, marks = (
        mine[["label", "change", "low", "high"]].rename(columns={"change": "value"}).assign(look=looks),
        t("traces.gain_axis"),
        {t("traces.zero_mark"): 0.0},
    )

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return interval_rows(frame, palette, axis, marks, signed=True)

    shown = pd.DataFrame(
        {
            term("traces_by", by): mine["label"],
            t("traces.verdict"): [term("traces_gain", value) for value in mine["verdict"]],
            t("traces.gain_mark"): mine["mark"],
            t("traces.gain_direct"): mine["direct"],
            t("traces.gain_change"): mine["change"],
            t("traces.low"): mine["low"],
            t("traces.high"): mine["high"],
            t("representation.p"): mine["p_adjusted"],
            t("traces.gain_uniform"): mine["uniform"],
            t("traces.gain_others"): mine["others"],
            t("traces.gain_floor"): mine["floor"],
            t("traces.questions"): mine["questions"],
            t("traces.traces"): mine["traces"],
        }
    )
    block = Block("gain", title, draw, shown, t("answers.source"), of=(found.stamp, by, measure, kinds))
    return Gained(block, mine)


def prepare() -> None:
    """Compute and draw the gain of the stored traces."""
    found = gathered(known_traces(usual_traces()))
    gained = None if found.gains.empty else _block(found, GROUPINGS[0], MEASURES[0], DEFAULT_KINDS)
    draw_ahead([] if gained is None else [gained.block])
    moved = {one.model_id for one in found.moves}
    draw_ahead(faith_block(found.effects_of(model), model_side(model)) for model in moved)
