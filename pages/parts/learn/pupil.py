"""A pupil's phone: the code, the guess, and how it was once the teacher shows the answer."""

from statistics import median

import streamlit as st

from core.classroom import CODE_LENGTH, Classroom, Look, read_code
from core.errors import InputError
from core.findings.lesson import Lesson
from pages.parts.learn import classrooms as here
from pages.parts.learn import rounds
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t

POLL_S = 2.0


def is_pupil() -> bool:
    """Whether this browser joins a lesson."""
    return here.JOIN in st.session_state or here.JOIN in st.query_params


def show_pupil(found: Lesson) -> None:
    """The lesson that this browser sits in; the form for its code before."""
    here.take_up(here.JOIN, here.ME)
    st.session_state.setdefault(here.JOIN, "")
    code = read_code(str(st.session_state[here.JOIN]))
    if code is None:
        _show_form(t("class.no_code", n=CODE_LENGTH) if st.session_state[here.JOIN] else "")
        return
    if st.session_state.get(here.ME) and here.classrooms().find(code) is None:
        here.leave(here.ME)
        st.session_state[here.JOIN] = ""
        _show_form("", t("class.ended"))
        return
    try:
        room, token = here.classrooms().enter(code, st.context.ip_address, st.session_state.get(here.ME))
    except InputError as problem:
        _show_form(problem_text(problem))
        return
    st.session_state[here.JOIN], st.session_state[here.ME] = code, token
    look = room.look()
    try:
        _show_lesson(room, token, look, found)
    except InputError as problem:
        st.error(problem_text(problem), icon=":material/error:")
    st.button(t("class.leave"), key="class_leave", icon=":material/logout:", type="tertiary", on_click=_leave)
    _watch(room, look)


def _leave() -> None:
    here.leave(here.JOIN, here.ME)


def _show_form(refused: str, news: str = "") -> None:
    st.title(t("class.pupil_title"), anchor=False)
    if news:
        st.info(news, icon=":material/event_busy:")
    st.markdown(t("class.join_intro"))
    with st.form("class_join", border=False):
        typed = st.text_input(t("class.code"), max_chars=4 * CODE_LENGTH, key="class_code", width=320)
        sent = st.form_submit_button(t("class.join"), type="primary", icon=":material/login:")
    if sent:
        here.leave(here.ME)
        st.session_state[here.JOIN] = typed
        st.rerun()
    if refused:
        st.error(refused, icon=":material/error:")


def _show_lesson(room: Classroom, token: str, look: Look, found: Lesson) -> None:
    if look.round is None:
        st.title(t("class.pupil_title"), anchor=False)
        st.info(t("class.wait"), icon=":material/hourglass_empty:")
        return
    words, own = rounds.asked(look.round.name, found), room.own_guess(token)
    st.title(words.title, anchor=False)
    if look.phase == "shown":
        _show_answer(look, own, found)
        return
    st.markdown(words.scene)
    _take_guess(room, token, look, words)
    own = room.own_guess(token)
    if own is not None:
        told = rounds.guess_words(look.round.name, own, found)
        st.success(t("class.sent", guess=told), icon=":material/check_circle:")


def _take_guess(room: Classroom, token: str, look: Look, words: rounds.Asked) -> None:
    key = f"class_guess_{look.turn}"
    if words.options:
        options = range(len(words.options))
        value = st.radio(words.ask, options, index=None, format_func=words.options.__getitem__, key=key)
    else:
        value = st.slider(words.ask, 0, words.top, words.top // 2, key=key)
    if st.button(
        t("class.send"),
        type="primary",
        icon=":material/send:",
        key="class_send",
        disabled=value is None,
        width="stretch",
    ):
        try:
            room.guess(token, int(value))
        except InputError as problem:
            st.error(problem_text(problem), icon=":material/error:")


def _show_answer(look: Look, own: int | None, found: Lesson) -> None:
    name, told = look.round.name, rounds.answer(look.round.name, found)
    st.markdown(t("class.answer", answer=told.words))
    if own is None:
        st.info(t("class.no_guess"), icon=":material/do_not_disturb_on:")
    else:
        st.info(t("class.own", guess=rounds.guess_words(name, own, found)), icon=":material/person:")
    if look.guesses and not rounds.asked(name, found).options:
        st.markdown(t("class.own_middle", middle=rounds.guess_words(name, float(median(look.guesses)), found)))
    st.markdown(t("class.look_up"))


def _watch(room: Classroom, drawn: Look) -> None:
    """Look every two seconds whether the teacher went on, and draw the page anew only then."""

    @st.fragment(run_every=POLL_S)
    def look_again() -> None:
        room.own_guess(str(st.session_state.get(here.ME)))
        now = room.look()
        gone = here.classrooms().find(room.code) is not room
        if gone or (now.turn, now.phase) != (drawn.turn, drawn.phase):
            st.rerun()

    look_again()
