"""Does the reasoning help? Votes and direct answers over all stored traces, against people."""

import altair as alt
import pandas as pd
import streamlit as st

from core.audits.traces.gain import GROUPINGS, MEASURES, gains
from core.charts.palette import Palette
from core.charts.traces import interval_rows
from core.i18n import Texts
from core.text import plain
from pages.parts.shared import links, resources
from pages.parts.shared.chart_block import Block, draw_ahead, show_chart
from pages.parts.shared.names import country
from pages.parts.shared.texts import percent, t, term
from pages.parts.traces.data import Gathered, gathered, known_traces
from pages.parts.traces.faith import faith_block


def _value_words(by: str, value: str) -> str:
    if by == "country":
        return country(value)
    if by == "model_id":
        return resources.models()[value].name
    return term(by, value)


def show_gain(found: Gathered) -> Block | None:
    """Change of distance by model, country, language or group, with paired intervals; gives what it has drawn."""
    rows = found.gains
    if rows.empty:
        st.info(t("trace.no_gain"), icon=":material/inbox:")
        return None
    links.restore_one("gain_by", GROUPINGS, GROUPINGS[0])
    links.restore_one("gain_in", MEASURES, MEASURES[0])
    left, right = st.columns(2)
    by = left.selectbox(t("trace.by"), GROUPINGS, format_func=lambda v: term("trace_by", v), key="gain_by")
    measure = right.selectbox(
        t("trace.by_measure"), MEASURES, format_func=lambda v: term("trace_measure", v), key="gain_in"
    )
    block = _block(found, by, measure)
    if block is None:
        st.info(t("trace.no_group"), icon=":material/inbox:")
        return None
    st.markdown(f"**{plain(block.title)}**")
    show_chart(block)
    st.dataframe(block.frame, hide_index=True, key="gain_table")
    coarse = float((rows["matched"] == "country").mean())
    st.caption(t("trace.gain_note", share=percent(coarse)))
    return block


def _block(found: Gathered, by: str, measure: str) -> Block | None:
    table = gains(found.gains, by)
    mine = table[table["measure"] == measure] if len(table) else table
    if mine.empty:
        return None
    mine = mine.assign(label=[_value_words(by, value) for value in mine["value"]])
    counts = mine["verdict"].value_counts()
    title = t(
        "trace.gain_title",
        nearer=int(counts.get("nearer", 0)),
        farther=int(counts.get("farther", 0)),
        unclear=int(counts.get("unclear", 0)),
        total=len(mine),
    )
    frame, axis, marks = (
        mine[["label", "change", "low", "high"]].rename(columns={"change": "value"}),
        t("trace.gain_axis"),
        {t("trace.zero_mark"): 0.0},
    )

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return interval_rows(frame, palette, axis, marks, signed=True)

    shown = pd.DataFrame(
        {
            term("trace_by", by): mine["label"],
            t("trace.verdict"): [term("trace_gain", value) for value in mine["verdict"]],
            t("trace.gain_mark"): mine["mark"],
            t("trace.gain_direct"): mine["direct"],
            t("trace.gain_change"): mine["change"],
            t("trace.low"): mine["low"],
            t("trace.high"): mine["high"],
            t("trace.gain_uniform"): mine["uniform"],
            t("trace.gain_others"): mine["others"],
            t("trace.gain_floor"): mine["floor"],
            t("trace.questions"): mine["questions"],
            t("trace.traces"): mine["traces"],
        }
    )
    return Block("gain", title, draw, shown, t("answers.source"), of=(found.stamp, by, measure))


def prepare() -> None:
    """Compute what stored traces gained, and draw it."""
    found = gathered(known_traces())
    gained = None if found.gains.empty else _block(found, GROUPINGS[0], MEASURES[0])
    draw_ahead([] if gained is None else [gained])
    moved = {one.model_id for one in found.moves}
    draw_ahead(faith_block(found.effects_of(model)) for model in moved)
