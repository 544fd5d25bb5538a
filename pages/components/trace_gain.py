"""Does the reasoning help? Votes and direct answers over all stored traces, against people."""

import pandas as pd
import streamlit as st

from core.audits.mark_gain import GROUPINGS, MEASURES, against_people, gains
from core.audits.mark_types import Trace
from core.charts.trace import interval_rows
from pages.components import links, resources
from pages.components.downloads import show_downloads
from pages.components.names import country
from pages.components.palette import current_palette
from pages.components.texts import percent, t, term


def _value_words(by: str, value: str) -> str:
    if by == "country":
        return country(value)
    if by == "model_id":
        return resources.models()[value].name
    return term(by, value)


@st.cache_data(show_spinner=False, max_entries=4)
def _rows(stamp: tuple[tuple[str, str], ...], _traces: list[Trace]) -> pd.DataFrame:
    return against_people(_traces, resources.survey())


def show_gain(traces: list[Trace]) -> None:
    """Change of distance by model, country, language or group, with paired intervals."""
    rows = _rows(tuple((trace.unit.id, str(trace.steps[-1].created)) for trace in traces), traces)
    if rows.empty:
        st.info(t("trace.no_gain"), icon=":material/inbox:")
        return
    links.restore_one("gain_by", GROUPINGS, GROUPINGS[0])
    links.restore_one("gain_in", MEASURES, MEASURES[0])
    left, right = st.columns(2)
    by = left.selectbox(t("trace.by"), GROUPINGS, format_func=lambda v: term("trace_by", v), key="gain_by")
    measure = right.selectbox(
        t("trace.by_measure"), MEASURES, format_func=lambda v: term("trace_measure", v), key="gain_in"
    )
    table = gains(rows, by)
    mine = table[table["measure"] == measure] if len(table) else table
    if mine.empty:
        st.info(t("trace.no_group"), icon=":material/inbox:")
        return
    mine = mine.assign(label=[_value_words(by, value) for value in mine["value"]])
    counts = mine["verdict"].value_counts()
    title = t(
        "trace.gain_title",
        nearer=int(counts.get("nearer", 0)),
        farther=int(counts.get("farther", 0)),
        unclear=int(counts.get("unclear", 0)),
        total=len(mine),
    )
    st.markdown(f"**{title}**")
    frame = mine[["label", "change", "low", "high"]].rename(columns={"change": "value"})
    palette = current_palette()

    def chart():
        return interval_rows(frame, palette, t("trace.gain_axis"), {t("trace.zero_mark"): 0.0}, signed=True)

    st.altair_chart(chart(), theme=None, key="gain_chart", alt=title)
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
    st.dataframe(shown, hide_index=True)
    show_downloads(chart, shown, key="gain", title=title, source=t("answers.source"))
    coarse = float((rows["matched"] == "country").mean())
    st.caption(t("trace.gain_note", share=percent(coarse)))
