"""Learn: five steps in twenty minutes. Say first what will come out, then look."""

import streamlit as st

from core.findings.lesson import STEPS
from pages.parts.app.frame import inside_app
from pages.parts.learn.data import lesson_of, shipped_state
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
from pages.parts.shared import links
from pages.parts.shared.texts import t

inside_app()

st.title(t("learn.title"), anchor=False)
st.markdown(t("learn.intro"))

found = lesson_of(shipped_state())
if found is None:
    st.info(t("learn.no_runs"), icon=":material/inbox:")
else:
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
    links.save({"step": STEPS[0]})

with st.expander(t("learn.teacher_title"), icon=":material/school:"):
    st.markdown(t("learn.teacher"))
    st.page_link("pages/method.py", label=t("probe.how_link"), icon=":material/arrow_forward:")
