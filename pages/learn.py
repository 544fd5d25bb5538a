"""Learn: six steps in twenty minutes, alone or with a class. Say first what will come out, then look."""

import streamlit as st

from core.findings.lesson import STEPS
from pages.parts.app.frame import inside_app
from pages.parts.learn.classrooms import CLASS, JOIN, KEY, ME, taught
from pages.parts.learn.data import lesson_of, shipped_state
from pages.parts.learn.pupil import is_pupil, show_pupil
from pages.parts.learn.reveal import show_reveal
from pages.parts.learn.steps import (
    END,
    PLACES,
    said,
    show_end,
    show_moves,
    show_progress,
    show_question,
    show_title,
)
from pages.parts.learn.teacher import show_teacher
from pages.parts.shared import links
from pages.parts.shared.texts import t, term

inside_app()

ALONE, WITH_CLASS = WAYS = ("alone", "class")
WAY = "with_class"

pupil, found = is_pupil(), lesson_of(shipped_state())
if not pupil:
    st.title(t("learn.title"), anchor=False)
if found is None:
    st.info(t("learn.no_runs"), icon=":material/inbox:")
elif pupil:
    show_pupil(found)
else:
    links.restore_one(WAY, WAYS, ALONE)
    room = taught()
    if room is None:
        st.segmented_control(
            t("class.way"), WAYS, format_func=lambda way: term("class_way", way), key=WAY, required=True
        )
    if room is not None or st.session_state[WAY] == WITH_CLASS:
        show_teacher(room, found)
    else:
        st.markdown(t("learn.intro"))
        links.restore_one("step", PLACES, STEPS[0])
        step = show_progress()
        if step == END:
            show_end(found)
        elif step in said():
            show_title(step)
            show_reveal(step, found)
        else:
            show_question(step, found)
        show_moves(step)
        with st.expander(t("learn.teacher_title"), icon=":material/school:"):
            st.markdown(t("learn.teacher"))
            st.page_link("pages/method.py", label=t("probe.how_link"), icon=":material/arrow_forward:")
if found is not None:
    links.save({JOIN: None, ME: None} if pupil else {WAY: ALONE, "step": STEPS[0], CLASS: None, KEY: None})
