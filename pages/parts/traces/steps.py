"""The stages of one or two traces, one below the other, with their differences in words and colour."""

from collections.abc import Sequence

import streamlit as st

from core.audits.traces.types import STAGES, Stage, Step, Trace
from core.stats.distances import total_variation
from core.text import plain
from pages.parts.shared.names import word
from pages.parts.shared.texts import listed, moment, number, paired, percent, t, term, ui_language
from pages.parts.traces.pick import side_label

SHOWN: tuple[Stage, ...] = ("stress", "personality", "situation", "cognition", "synthesis", "direct")
NEARLY_SAME = 0.05
"""Total variation, 0..1, up to which two distributions with the same decision are called alike."""


def decision_words(trace: Trace, step: Step, option: str | None = None) -> str:
    """A decision in the reader's words."""
    value = option or step.decision
    if value is None:
        return term("traces_problem", step.problem or "unreadable")
    if step.stage == "stress":
        return word("traces_level", value)
    if step.stage == "situation":
        return word("traces_flag", value)
    if step.step in ("dominant", "auxiliary"):
        return paired(value, word("traces_function", value))
    if step.step == "stack":
        return t("traces.type", type=value, stack=" → ".join(trace.stack or ()))
    words = {str(o.code): o.text.get(ui_language()) for o in trace.unit.question.options}
    return words.get(value, value)


def step_name(step: Step) -> str:
    """The subject of a step."""
    if step.stage in ("situation", "cognition"):
        return paired(step.step, word("traces_function", step.step))
    return word("traces_step", step.step)


def _show_step(trace: Trace, step: Step, key: str) -> None:
    if step.step == "weights":
        parts = listed(f"{name} {percent(weight, 0)}" for name, weight in trace.weights.items())
        st.markdown(paired(f"**{plain(step_name(step))}**", parts))
        return
    if not step.options and not step.problem:
        st.markdown(f"**{plain(step_name(step))}**")
        st.code(step.text or "", language=None, wrap_lines=True)
    elif step.decision is None:
        st.markdown(f"**{plain(step_name(step))}**")
        problem = term("traces_problem", step.problem or "unreadable")
        st.warning(problem, icon=":material/report:")
        if step.text:
            words = t("runs.error_words") if step.problem == "error" else t("citizens.answer")
            with st.popover(words, icon=":material/manage_search:", key=f"words_{key}", type="tertiary"):
                st.code(step.text, language=None, wrap_lines=True)
    else:
        sure = t("traces.sure", share=percent(step.certainty)) if step.certainty is not None else ""
        st.markdown(paired(f"**{plain(step_name(step))}**", f"{plain(decision_words(trace, step))} · {sure}"))
        if step.problem:
            st.caption(f":material/report: {term('traces_problem', step.problem)}")
    if step.prompt:
        icon = ":material/manage_search:"
        box = st.popover(t("traces.behind"), icon=icon, key=f"behind_{key}", type="tertiary", on_change="rerun")
        if box.open:
            with box:
                _behind(trace, step)


def _behind(trace: Trace, step: Step) -> None:
    when = moment(step.created)
    st.caption(t("traces.when", when=when, seconds=number(step.latency_s, 1)))
    if step.probabilities:
        shares = zip(step.options, step.probabilities, step.mass, strict=True)
        st.dataframe(
            [
                {
                    t("chart.option"): decision_words(trace, step, name),
                    t("chart.share"): percent(share, 1),
                    t("traces.mass"): number(mass, 3),
                }
                for name, share, mass in shares
            ],
            hide_index=True,
        )
    st.code(step.prompt, language=None, wrap_lines=True)


def difference(first: Trace, second: Trace, one: Step, other: Step) -> tuple[bool, str]:
    """Whether and how two aligned closed steps differ, in words."""
    if one.decision != other.decision:
        left, right = decision_words(first, one), decision_words(second, other)
        return True, t("traces.differs", left=left, right=right)
    if not one.probabilities or len(one.probabilities) != len(other.probabilities):
        return False, t("traces.same")
    apart = float(total_variation(one.probabilities, other.probabilities))
    if apart <= NEARLY_SAME:
        return False, t("traces.same")
    return True, t("traces.shares_differ", points=number(apart * 100, 0))


def _aligned(traces: Sequence[Trace], stage: Stage) -> list[str]:
    """Names of the steps of a stage in any of the traces, in order."""
    return list(dict.fromkeys(step.step for trace in traces for step in trace.stage(stage)))


def show_stage(traces: Sequence[Trace | None], stage: Stage) -> None:
    """One stage of one or two traces, step beside step."""
    there = [trace for trace in traces if trace is not None]
    names = _aligned(there, stage)
    st.markdown(f"#### {term('traces_stage', stage)}")
    st.caption(term("traces_stage_about", stage))
    if not names:
        st.caption(t("traces.not_yet"))
        return
    for name in names:
        steps = [trace.find(stage, name) if trace else None for trace in traces]
        with st.container(border=True):
            for place, (box, trace, step) in enumerate(zip(st.columns(len(traces)), traces, steps, strict=True)):
                with box:
                    if len(traces) > 1 and trace is not None:
                        st.caption(plain(side_label(trace.unit)))
                    if trace is None:
                        st.caption(t("traces.not_yet"))
                    elif step is None:
                        st.caption(t("traces.step_missing"))
                    else:
                        _show_step(trace, step, f"{stage}_{name}_{place}")
            if len(traces) == 2 and all(steps) and (steps[0].options or steps[0].decision):
                differs, words = difference(*traces, *steps)
                st.badge(
                    plain(words),
                    icon=":material/compare_arrows:" if differs else ":material/equal:",
                    color="orange" if differs else "gray",
                )


def pick_stage() -> Sequence[Stage]:
    """All stages or one; the arrow keys step through."""
    names = ("all", *SHOWN)

    def turn(by: int) -> None:
        at = names.index(st.session_state.get("stage") or "all")
        st.session_state["stage"] = names[(at + by) % len(names)]

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(t("traces.before"), key="stage_before", shortcut="Left", on_click=turn, args=(-1,))
        chosen = st.selectbox(
            t("traces.stage"),
            names,
            format_func=lambda name: t("traces.all_stages") if name == "all" else term("traces_stage", name),
            key="stage",
            width=260,
        )
        st.button(t("traces.next"), key="stage_next", shortcut="Right", on_click=turn, args=(1,))
    return SHOWN if chosen in ("all", None) else [stage for stage in STAGES if stage == chosen]
