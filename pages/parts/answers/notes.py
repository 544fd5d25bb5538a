"""A note on the open answer, kept with its run."""

import streamlit as st

from core.errors import ParallaxError
from core.settings import settings
from core.store.files.cell_notes import note_on, notes_by_cell, with_note
from core.text import plain
from pages.parts.shared import resources
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t

LONGEST = 300
_PROBLEM = "answer_note_problem"


def show_note(run: str, cell: str, shipped: bool) -> None:
    """The notes on the answer and a form for a new one; a shipped run keeps none."""
    note = resources.store().info(run).note
    mine = note_on(note, cell)
    if mine:
        st.info(plain(mine), icon=":material/sticky_note_2:")
    if settings().public:
        return
    if shipped:
        st.caption(f":material/lock: {t('reader.note_shipped')}")
        return
    with st.form("answer_note", border=False):
        st.text_input(t("reader.note"), mine, max_chars=LONGEST, key=f"answer_note_{run}_{cell}")
        st.form_submit_button(t("runs.save"), icon=":material/save:", on_click=_save, args=(run, cell))
    others = len(notes_by_cell(note)) - bool(mine)
    st.caption(t("reader.note_help", n=others))
    if problem := st.session_state.pop(_PROBLEM, None):
        st.error(problem, icon=":material/error:")


def _save(run: str, cell: str) -> None:
    store = resources.store()
    try:
        store.update(run, note=with_note(store.info(run).note, cell, st.session_state[f"answer_note_{run}_{cell}"]))
    except ParallaxError as error:
        st.session_state[_PROBLEM] = problem_text(error)
