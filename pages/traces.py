"""Traces: the stages of a simulated answer, one or two side by side, and whether they matter."""

from functools import partial

import streamlit as st

from core.audits.traces.faithfulness import Effect
from core.audits.traces.types import Trace, Unit
from core.errors import InputError
from core.runs.jobs import Job
from core.store.index.scopes import is_run
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.shared import links
from pages.parts.shared.brief_button import show_brief
from pages.parts.shared.fold import show_how
from pages.parts.shared.glossary import explain
from pages.parts.shared.job_view import current_job, job_is_running, show_job
from pages.parts.shared.names import model_name
from pages.parts.shared.problems import problem_text
from pages.parts.shared.readings import known_traces, store_state
from pages.parts.shared.scope import DEFAULTS, pick_scope
from pages.parts.shared.texts import paired, t, term
from pages.parts.traces import data as trace_data
from pages.parts.traces.brief import trace_brief
from pages.parts.traces.faith import show_many, show_one
from pages.parts.traces.final import show_final
from pages.parts.traces.gain import show_gain
from pages.parts.traces.pick import (
    copy_side,
    linked,
    open_first,
    pick_side,
    pick_trace_question,
    side_label,
    usual_count,
)
from pages.parts.traces.steps import SHOWN, pick_stage, show_stage

inside_app()

JOB = "trace_job"
COUNTS = ("one", "two")


def pick() -> list[Unit]:
    """The question and one or two sides. Raises :class:`InputError` where something is missing."""
    question = pick_trace_question()
    links.restore_one("two", COUNTS, usual_count())
    links.restore_one("stage", ("all", *SHOWN), "all")
    count = st.segmented_control(
        t("traces.count"), COUNTS, format_func=lambda name: term("traces_count", name), key="two", required=True
    )
    if count != "two":
        return [pick_side("a", question)]
    left, right = st.columns(2)
    with left:
        st.markdown(f"**:material/push_pin: {t('traces.pinned')}**")
        first = pick_side("a", question)
    with right:
        st.markdown(f"**{t('traces.other')}**")
        second = pick_side("b", question)
        st.button(t("traces.pin"), key="pin", icon=":material/push_pin:", on_click=copy_side, args=("b", "a"))
    return [first, second]


def draw(units: list[Unit], traces: list[Trace | None], job: Job | None) -> None:
    """Everything known of the chosen traces so far."""
    if job is not None and not job.finished:
        for step, text in trace_data.being_written(job).items():
            st.caption(t("traces.writing", step=term("traces_step", step)))
            st.code(text, language=None, wrap_lines=True)
    if not any(traces):
        return
    for side, (box, trace) in enumerate(zip(st.columns(len(traces)), traces, strict=True)):
        with box:
            if trace is not None and trace.vote is not None:
                show_final(trace, f"side{side}")
            elif trace is not None and trace.find("synthesis", "vote") is not None:
                st.warning(paired(plain(side_label(trace.unit)), t("traces.no_vote")), icon=":material/report:")
    for stage in stages:
        show_stage(traces, stage)


st.title(t("traces.title"), anchor=False, help=explain("mark", "stress_stage", "cognitive_function"))
st.markdown(t("traces.intro"))
st.warning(t("traces.warning"), icon=":material/psychology_alt:")

scope = pick_scope(store_state(), trace_data.KINDS, trace_data.trace_extras())
known = known_traces(scope)
if is_run(scope) and len(known):
    st.button(
        t("traces.open_first", n=len(known)),
        icon=":material/manage_search:",
        key="open_first",
        on_click=open_first,
        args=(known,),
    )
units: list[Unit] = []
with st.container(border=True):
    try:
        units = pick()
    except InputError as error:
        st.info(problem_text(error), icon=":material/edit:")
    selection = links.save(linked() | DEFAULTS)
    with st.container(horizontal=True, vertical_alignment="center"):
        running = job_is_running(JOB)
        asked = st.button(
            t("traces.ask"),
            type="primary",
            icon=":material/account_tree:",
            key="ask",
            disabled=not units or running,
        )
        fresh = st.toggle(t("ask.fresh"), key="trace_fresh", help=t("ask.fresh_help"))
        with st.popover(t("ask.link"), icon=":material/link:"):
            st.markdown(t("ask.link_help"))
            st.code(links.address(selection), language=None, wrap_lines=True)
        brief_place = st.container(width="content")

# The trace that is asked for is shown whoever made it; what all traces say together rests on those that are chosen.
every = known if is_run(scope) else known_traces()
stored = [trace_data.stored(unit, every) for unit in units]
if asked:
    wanted = [unit for unit, trace in zip(units, stored, strict=True) if fresh or trace is None] or units
    st.session_state[JOB] = trace_data.make(list({unit.id: unit for unit in wanted}.values()), fresh).id
    st.rerun()

job = current_job(JOB)
traces = [trace_data.from_job(job, unit) or trace for unit, trace in zip(units, stored, strict=True)]
if any(traces) or job is not None:
    stages = pick_stage()
if job is not None:
    show_job(
        JOB,
        lambda job: draw(units, [trace_data.from_job(job, u) or s for u, s in zip(units, stored, strict=True)], job),
        seen_running=running,
    )
elif any(traces):
    st.caption(f":material/history: {t('traces.from_store')}")
    draw(units, traces, None)
if units and not any(traces) and not job_is_running(JOB):
    st.info(t("traces.empty"), icon=":material/ads_click:")

complete = [trace for trace in traces if trace is not None and trace.vote is not None]
st.header(t("traces.faith_title"), anchor=False, help=explain("faithfulness", "ablation"))
st.markdown(t("traces.faith_intro"))
if complete:
    with st.container(border=True):
        st.markdown(f"**{plain(side_label(complete[0].unit))}**")
        show_one(complete[0], every)
everything = trace_data.gathered(known)
found: list[Effect] = []
if units:
    model = units[0].model
    st.caption(t("traces.faith_model", name=plain(model_name(model.id))))
    found = everything.effects_of(model.id)
    show_many(found, model.origin.side)

st.header(t("traces.gain_heading"), anchor=False)
st.markdown(t("traces.gain_intro"))
gain = show_gain(everything)
if complete:
    with brief_place:
        show_brief("traces", partial(trace_brief, complete, found, gain, trace_data.runs_of(known)))

show_how("trace", t("traces.how_title"), t("traces.how"))
with st.expander(t("traces.small_title"), icon=":material/info:"):
    st.markdown(t("traces.small"))
