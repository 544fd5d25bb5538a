"""Does the answer depend on the explanation? Interventions on one trace and on all stored traces."""

from collections.abc import Callable, Sequence

import altair as alt
import pandas as pd
import streamlit as st

from core.audits.traces.faithfulness import NO_CHANGE, SLIGHT, Effect, Move, move, variants_of, verdict_of
from core.audits.traces.types import INTERVENTIONS, Trace, Unit
from core.charts.palette import Palette
from core.charts.traces import interval_rows
from core.i18n import Texts
from core.runs.jobs import Job
from core.types import Side
from pages.parts.shared.chart_block import Block, show_chart
from pages.parts.shared.job_view import job_is_running, show_job
from pages.parts.shared.texts import listed, number, percent, t, term
from pages.parts.traces import data as trace_data

JOB = "trace_faith_job"


def show_one(base: Trace, known: pd.DataFrame) -> None:
    """The four interventions on one trace: the stored ones, and a button for the others."""
    units = variants_of(base.unit)
    testing = job_is_running(JOB)
    if st.button(t("traces.test"), key="faith_ask", icon=":material/science:", disabled=base.vote is None or testing):
        st.session_state[JOB] = trace_data.make(units).id
        st.session_state["trace_faith_of"] = base.unit.id
        st.rerun()
    if st.session_state.get("trace_faith_of") == base.unit.id:
        show_job(JOB, lambda job: _table(base, units, lambda unit: _find(job, unit, known)), seen_running=testing)
    else:
        _table(base, units, lambda unit: trace_data.stored_exactly(unit, known))


def _find(job: Job, unit: Unit, known: pd.DataFrame) -> Trace | None:
    return trace_data.from_job(job, unit) or trace_data.stored_exactly(unit, known)


def _table(base: Trace, units: Sequence[Unit], find: Callable[[Unit], Trace | None]) -> None:
    found: list[Move] = []
    for unit in units:
        changed = find(unit)
        measured = move(base, changed) if changed is not None and changed.vote is not None else None
        if measured is not None:
            found.append(measured)
    if not found:
        st.caption(t("traces.not_tested"))
        return
    for one in found:
        st.markdown(
            t(
                "traces.one_effect",
                what=term("traces_intervention", one.intervention),
                points=number(one.distance * 100, 1),
                mode=t("traces.mode_changed") if one.mode_changed else t("traces.mode_kept"),
                verdict=term("traces_verdict", verdict_of([one.distance])),
            )
        )


def overall(found: list[Effect]) -> str:
    """One plain sentence on whether the answer depends on the reasoning."""
    by_kind = {effect.intervention: effect for effect in found}
    stress = by_kind.get("no_stress")
    if found and all(effect.verdict == "no_change" for effect in found):
        return t("traces.all_decorative")
    if stress is not None:
        return t(
            "traces.stress_verdict",
            verdict=term("traces_verdict", stress.verdict),
            points=number(stress.distance.mean * 100, 1),
            share=percent(stress.mode_changed),
            n=stress.n,
        )
    return t("traces.some_effect", n=max((effect.n for effect in found), default=0))


def faith_block(found: list[Effect], side: Side) -> Block:
    """How far each intervention moves the answers of a model of ``side``, as a chart."""
    frame = pd.DataFrame(
        {
            "label": [term("traces_intervention", e.intervention) for e in found],
            "value": [e.distance.mean for e in found],
            "low": [e.distance.low for e in found],
            "high": [e.distance.high for e in found],
            "look": side,
        }
    )
    axis, marks = t("traces.moved_axis"), {t("traces.slight_mark"): SLIGHT, t("traces.none_mark"): NO_CHANGE}

    def draw(palette: Palette, words: Texts) -> alt.LayerChart:
        return interval_rows(frame, palette, axis, marks, signed=False)

    of = (side, *(effect.model_dump_json() for effect in found))
    return Block("faith", overall(found), draw, faith_table(found), t("answers.source"), of=of)


def faith_table(found: list[Effect]) -> pd.DataFrame:
    """The interventions in words and numbers."""
    return pd.DataFrame(
        {
            t("traces.intervention"): [term("traces_intervention", e.intervention) for e in found],
            t("traces.verdict"): [term("traces_verdict", e.verdict) for e in found],
            t("traces.moved_mean"): [e.distance.mean for e in found],
            t("traces.low"): [e.distance.low for e in found],
            t("traces.high"): [e.distance.high for e in found],
            t("traces.moved_most"): [e.largest for e in found],
            t("traces.unmoved"): [e.unmoved for e in found],
            t("traces.mode_share"): [e.mode_changed for e in found],
            t("traces.questions"): [e.distance.n for e in found],
            t("traces.traces"): [e.n for e in found],
        }
    )


def show_many(found: list[Effect], side: Side) -> None:
    """How often and how far each intervention moves the stored traces of a model of ``side``."""
    if not found:
        st.info(t("traces.no_runs"), icon=":material/inbox:")
        return
    block = faith_block(found, side)
    st.markdown(f"**{block.title}**")
    show_chart(block)
    st.dataframe(block.frame, hide_index=True, key="faith_table")
    missing = [
        term("traces_intervention", kind) for kind in INTERVENTIONS if kind not in {e.intervention for e in found}
    ]
    if missing:
        st.caption(t("traces.missing", what=listed(missing)))
    if min(e.distance.n for e in found) < 10:
        st.caption(t("traces.few_questions"))
