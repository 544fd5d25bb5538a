"""The steps of the lesson: the pupil's prediction, the progress, and the end."""

import streamlit as st

from core.findings.lesson import (
    OUTCOMES,
    STEPS,
    Lesson,
    Verdict,
    judge_choice,
    judge_number,
)
from pages.parts.learn.scenes import material, scene
from pages.parts.shared.glossary import explain
from pages.parts.shared.texts import percent, t, term

END = "end"
PLACES = (*STEPS, END)
SAID = "learn_said"
POINTS = 100


def said() -> dict[str, str | int]:
    """The predictions of the pupil so far, by step."""
    return st.session_state.setdefault(SAID, {})


def go(step: str) -> None:
    """Open a step; for a button's ``on_click``."""
    st.session_state["step"] = step


def restart() -> None:
    """Forget all predictions and open the first step."""
    st.session_state.pop(SAID, None)
    go(STEPS[0])


def _keep(step: str, key: str) -> None:
    value = st.session_state[key]
    if value is not None:
        said()[step] = value


def scale_of(step: str, found: Lesson) -> int:
    """The largest number that can be predicted in a step that asks for one."""
    return found.dilemmas.total if step == "dilemmas" else POINTS


def measured(step: str, found: Lesson) -> str | float:
    """The finding of a step in the terms of the prediction."""
    if step == "persona":
        values = found.persona.set_index("pair")["value"]
        return float(values["CHN_USA"]) * POINTS
    if step == "dilemmas":
        return found.dilemmas.turned
    return {
        "order": found.order,
        "publics": found.publics,
        "groups": found.groups,
        "taught": found.taught,
    }[step].outcome


def verdict(step: str, found: Lesson) -> Verdict:
    """Whether the pupil's prediction in ``step`` is right."""
    if step in OUTCOMES:
        return judge_choice(str(said()[step]), str(measured(step, found)), OUTCOMES[step])
    return judge_number(float(said()[step]), float(measured(step, found)), scale_of(step, found))


def words(step: str, value: str | float, found: Lesson) -> str:
    """A prediction or a finding in the words of a pupil."""
    if step in OUTCOMES:
        return term(f"learn_{step}", value)
    if step == "dilemmas":
        return t("learn.of_dilemmas", n=round(float(value)), total=found.dilemmas.total)
    return percent(float(value) / POINTS, 0 if float(value).is_integer() else 1)


def show_progress() -> str:
    """The progress of the lesson, with links to every step and the open step marked."""
    done = sum(step in said() for step in STEPS)
    st.progress(done / len(STEPS), text=t("learn.progress", done=done, total=len(STEPS)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            t("learn.step"),
            PLACES,
            format_func=lambda name: term("learn_step", name),
            key="step",
            required=True,
            wrap=True,
        )
        st.button(t("learn.restart"), icon=":material/restart_alt:", key="restart", on_click=restart)
    return str(st.session_state["step"])


def show_title(step: str) -> None:
    """The question of the step, with the terms that its chart uses."""
    terms = {
        "order": ("first_token", "position_bias"),
        "persona": ("persona", "twin", "total_variation"),
        "publics": ("distance", "baseline"),
        "dilemmas": ("flip_rate",),
        "groups": ("under_representation", "even_guess"),
        "taught": ("distance", "baseline"),
    }
    st.header(term("learn_title", step), anchor=False, help=explain(*terms[step]))


def show_question(step: str, found: Lesson) -> None:
    """Introduce the step and take a prediction. The finding is not drawn before there is a prediction."""
    show_title(step)
    st.markdown(scene(step, found))
    if material(step):
        st.markdown(material(step))
    key = f"learn_{step}"
    with st.container(border=True):
        if step in OUTCOMES:
            st.radio(
                term("learn_ask", step),
                OUTCOMES[step],
                index=None,
                format_func=lambda value: term(f"learn_{step}", value),
                key=key,
            )
        else:
            top = scale_of(step, found)
            st.slider(term("learn_ask", step), 0, top, top // 2, key=key)
        st.button(
            t("learn.lock"),
            type="primary",
            icon=":material/visibility:",
            key="lock",
            disabled=st.session_state.get(key) is None,
            on_click=_keep,
            args=(step, key),
        )
    st.caption(t("learn.before"))


def show_moves(step: str) -> None:
    """The buttons back and on."""
    at = PLACES.index(step)
    with st.container(horizontal=True):
        if at:
            st.button(t("learn.back"), icon=":material/arrow_back:", key="back", on_click=go, args=(PLACES[at - 1],))
        if step != END and step in said():
            st.button(
                t("learn.next"),
                type="primary",
                icon=":material/arrow_forward:",
                key="next",
                on_click=go,
                args=(PLACES[at + 1],),
            )


def show_end(found: Lesson) -> None:
    """The predictions and the findings step by step, and links to other pages."""
    answered = [step for step in STEPS if step in said()]
    verdicts = {step: verdict(step, found) for step in answered}
    right, partly = (sum(v == name for v in verdicts.values()) for name in ("right", "partly"))
    st.header(t("learn.end_title", right=right, partly=partly, total=len(STEPS)), anchor=False)
    if len(answered) < len(STEPS):
        st.info(t("learn.end_missing", n=len(STEPS) - len(answered)), icon=":material/pending:")
    rows = [
        {
            t("learn.step"): term("learn_title", step),
            t("learn.you_said"): words(step, said()[step], found),
            t("learn.data_say"): words(step, measured(step, found), found),
            t("learn.verdict"): term("learn_verdict", verdicts[step]),
        }
        for step in answered
    ]
    if rows:
        st.table(rows)
    st.markdown(t("learn.end_text"))
