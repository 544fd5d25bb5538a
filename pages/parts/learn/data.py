"""The findings of the lesson, computed once per server from the shipped runs and shared by all sessions."""

from contextlib import closing

import streamlit as st

from core.findings.lesson import Lesson, lesson
from core.store import open_shipped
from core.surveys.dilemmas import Dilemma, load_dilemmas
from pages.parts.shared import resources

State = tuple[tuple[str, int], ...]


def shipped_state() -> State:
    """Names and sizes of the shipped runs, the cache key of the lesson. The user's own runs do not change it."""
    runs = resources.store().runs()
    shipped = runs[runs["shipped"].astype(bool)]
    return tuple(sorted(zip(shipped["run_id"], (int(n) for n in shipped["rows"]), strict=True)))


@st.cache_data(show_spinner=False, max_entries=2)
def lesson_of(state: State) -> Lesson | None:
    """The lesson, or ``None`` where a run that it needs is missing. Simultaneous sessions wait for one result."""
    whole = resources.store()
    if whole.runs()["shipped"].all():  # the usual case; a second store takes a third of a second and some memory
        return lesson(whole, resources.survey(), lesson_dilemmas())
    with closing(open_shipped()) as store:
        return lesson(store, resources.survey(), lesson_dilemmas())


@st.cache_resource(show_spinner=False)
def lesson_dilemmas() -> dict[str, Dilemma]:
    """The dilemmas as they ship."""
    return load_dilemmas()


def prepare() -> None:
    """Compute the lesson."""
    lesson_of(shipped_state())
