"""The teacher's screen: how to join, what is asked, how many have guessed, and the reveal."""

from pathlib import Path

import streamlit as st

from core.charts.export import to_csv
from core.classroom import Classroom, qr_svg, root_of
from core.classroom.guesses import guesses_frame
from core.errors import InputError
from core.findings.lesson import STEPS, Lesson
from core.settings import settings
from pages.parts.learn import classrooms as here
from pages.parts.learn import rounds
from pages.parts.learn.pooled import show_pooled
from pages.parts.learn.worksheet import offer_worksheets
from pages.parts.shared.names import country
from pages.parts.shared.problems import problem_text
from pages.parts.shared.resources import questions
from pages.parts.shared.texts import t, term, ui_language

POLL_S = 1.0
PEOPLE = "people"
PICKED, QUESTION, COUNTRY, ADDRESS = "class_round", "class_question", "class_country", "class_address"
STYLE = Path(__file__).with_name("classroom.css")


def show_teacher(room: Classroom | None, found: Lesson) -> None:
    """The door before a lesson, and the lesson once it is open."""
    if room is None:
        _show_door()
        return
    st.html(STYLE)
    if not here.reachable():
        st.warning(t("class.not_reachable"), icon=":material/lan:")
    left, right = st.columns([1, 3], gap="large")
    with left, st.container(key="class_door"):
        _show_joining(room)
    with right, st.container(key="class_round_shown"):
        try:
            _show_round(room, found)
        except InputError as problem:
            st.error(problem_text(problem), icon=":material/error:")


def _show_door() -> None:
    if st.session_state.get(here.CLASS):
        st.info(t("class.over"), icon=":material/event_busy:")
        here.leave(here.CLASS, here.KEY)
    st.markdown(t("class.intro", minutes=settings().class_minutes))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        opened = st.button(t("class.open"), type="primary", icon=":material/co_present:", key="class_open")
        offer_worksheets()
    if opened:
        try:
            here.begin()
        except InputError as problem:
            st.error(problem_text(problem), icon=":material/error:")
        else:
            st.rerun()


def _show_joining(room: Classroom) -> None:
    st.markdown(t("class.code"))
    st.markdown(f"## {room.code}")
    if ADDRESS not in st.session_state:
        st.session_state[ADDRESS] = here.usual_root()
    root = _root()
    if root is not None:
        whole, typed = here.address_for(root, room.code)
        st.image(qr_svg(whole), alt=t("class.qr_alt", address=whole), width="stretch")
        st.markdown(t("class.or_type", address=f"`{typed}`"))
    with st.expander(t("class.address_title"), icon=":material/edit:"):
        st.text_input(t("class.address"), key=ADDRESS, max_chars=200, help=t("class.address_help"))
    with st.popover(t("class.end"), icon=":material/logout:"):
        st.markdown(t("class.end_text"))
        frame = guesses_frame(room.rounds(), _round_words)
        st.download_button(
            t("class.export"), to_csv(frame), "parallax-class.csv", "text/csv", key="class_export", on_click="ignore"
        )
        if st.button(t("class.end_now"), type="primary", key="class_end"):
            here.classrooms().end(room)
            here.leave(here.CLASS, here.KEY)
            st.rerun()


def _root() -> str | None:
    try:
        return root_of(str(st.session_state[ADDRESS]))
    except InputError as problem:
        st.error(problem_text(problem), icon=":material/error:")
        return None


def _round_words(name: str) -> str:
    step = rounds.step_of(name)
    if step:
        return term("learn_title", step)
    question, place = rounds.about(name)
    return t("class.people_title", country=country(place), name=question.short.get(ui_language()))


def _show_round(room: Classroom, found: Lesson) -> None:
    look = room.look()
    if look.round is not None:
        words = rounds.asked(look.round.name, found)
        st.header(words.title, anchor=False)
        if look.phase == "guessing":
            st.markdown(words.scene)
            st.markdown(f"**{words.ask}**")
            for option in words.options:
                st.markdown(f"- {option}")
    _count(room)
    if look.phase == "guessing":
        if st.button(t("class.show"), type="primary", icon=":material/visibility:", key="class_show"):
            room.show()
            st.rerun()
    elif look.phase == "shown":
        show_pooled(look, found)
    _pick(room, found, first=look.phase != "guessing")


@st.fragment(run_every=POLL_S)
def _count(room: Classroom) -> None:
    look = room.look()
    if look.phase == "guessing":
        n = len(look.guesses)
        st.progress(min(1.0, n / max(look.here, n, 1)), text=t("class.guessing", n=n, here=max(look.here, n)))
    elif look.phase == "waiting":
        st.markdown(f":material/group: {t('class.here', n=look.here)}")


def _pick(room: Classroom, found: Lesson, first: bool) -> None:
    """Choose what is asked next."""
    st.session_state.setdefault(PICKED, PEOPLE)
    with st.container(border=True):
        st.selectbox(
            t("class.next"),
            (PEOPLE, *STEPS),
            format_func=lambda name: t("class.people") if name == PEOPLE else term("learn_title", name),
            key=PICKED,
        )
        if st.session_state[PICKED] == PEOPLE:
            chosen = _pick_people()
        else:
            chosen = rounds.round_of(st.session_state[PICKED], found)
        kind = "primary" if first else "secondary"
        if st.button(t("class.ask"), type=kind, icon=":material/campaign:", key="class_ask"):
            room.ask(chosen)
            st.rerun()


def _pick_people() -> rounds.Round:
    bank, known = questions(), rounds.topics_of_people()
    left, right = st.columns([3, 2])
    st.session_state.setdefault(QUESTION, rounds.FIRST_QUESTION)
    name = left.selectbox(
        t("ask.question"), known, format_func=lambda one: bank[one].short.get(ui_language()), key=QUESTION
    )
    places = rounds.places_asked(name)
    if st.session_state.get(COUNTRY) not in places:
        st.session_state[COUNTRY] = rounds.FIRST_COUNTRY if rounds.FIRST_COUNTRY in places else places[0]
    return rounds.round_about(name, right.selectbox(t("world.country"), places, format_func=country, key=COUNTRY))
