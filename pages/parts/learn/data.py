"""The findings of the lesson, computed once per server from the shipped runs and shared by all sessions."""

from contextlib import closing
from typing import Any

import streamlit as st

from core.findings.lesson import QUESTION_RUN, WAVES, Lesson, lesson
from core.findings.tuned import taught
from core.store import open_shipped
from core.surveys.dilemmas import Dilemma, load_dilemmas
from pages.parts.learn.in_frames import in_frames, out_of_frames
from pages.parts.shared import resources
from pages.parts.shared.kept import kept_of_run
from pages.parts.shared.turns import give_way

State = tuple[tuple[str, int], ...]
RUNS = (QUESTION_RUN, *WAVES, taught.RUN, taught.RUN_BEFORE)
"""The runs from which the lesson is computed."""


def shipped_state() -> State:
    """Names and sizes of the shipped runs, the cache key of the lesson. The user's own runs do not change it."""
    runs = resources.store().runs()
    shipped = runs[runs["shipped"].astype(bool)]
    return tuple(sorted(zip(shipped["run_id"], (int(n) for n in shipped["rows"]), strict=True)))


@st.cache_data(show_spinner=False, max_entries=2)
def lesson_of(state: State) -> Lesson | None:
    """The lesson, or ``None`` where a run that it needs is missing. Simultaneous sessions wait for one result."""
    frames = _lesson(RUNS)
    return out_of_frames(Lesson, frames) if frames else None


@kept_of_run
def _lesson(runs: tuple[str, ...]) -> dict[str, Any]:
    """The lesson from ``runs`` in frames; empty where one of them is missing."""
    whole = resources.store()
    if whole.runs()["shipped"].all():  # the usual case; a second store takes a third of a second and some memory
        found = lesson(whole, resources.survey(), lesson_dilemmas())
    else:
        with closing(open_shipped()) as store:
            found = lesson(store, resources.survey(), lesson_dilemmas())
    return in_frames(found) if found else {}


@st.cache_resource(show_spinner=False)
def lesson_dilemmas() -> dict[str, Dilemma]:
    """The dilemmas as they ship."""
    return load_dilemmas()


def prepare() -> None:
    """Compute the lesson."""
    resources.store()
    give_way()
    lesson_of(shipped_state())
