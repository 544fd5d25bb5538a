"""What the pages share: loaded once per process, handed to every session."""

import streamlit as st

from core.asking import ask_in_background
from core.catalogue import Catalogue, load_catalogue
from core.jobs import Job, Jobs
from core.providers import get_provider
from core.settings import settings
from core.store.day_run import DayRun
from core.surveys import get_survey
from core.surveys.base import Survey
from core.types import Cell, Model, Question

SURVEY = "wvs7"


@st.cache_resource(show_spinner=False)
def survey() -> Survey:
    """The human reference."""
    return get_survey(SURVEY)


@st.cache_resource(show_spinner=False)
def catalogue() -> Catalogue:
    """The model catalogue, and what was wrong with the user's own."""
    return load_catalogue()


def models() -> dict[str, Model]:
    """Models by id."""
    return dict(catalogue().models)


def questions() -> dict[str, Question]:
    """Questions of the bank by id."""
    return dict(survey().questions())


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The process's one pool of background jobs."""
    return Jobs()


@st.cache_resource(show_spinner=False)
def day_run() -> DayRun:
    """Where single asks are kept: one run folder a day and process."""
    return DayRun(settings().runs_dir)


def ask(cells: list[Cell], title: str, fresh: bool = False) -> Job:
    """Ask ``cells`` in the background."""
    return ask_in_background(jobs(), day_run, get_provider, cells, title, fresh=fresh)
