"""What all pages use: the store, surveys, models, questions and jobs, loaded once a process for all sessions."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from core import i18n
from core.catalogue import Catalogue, available, load_catalogue
from core.errors import InputError
from core.providers import get_provider
from core.providers.hosted.capabilities import with_seen
from core.providers.hosted.keys import using_keys
from core.providers.permitted import may_ask
from core.public import check_ask, new_bucket
from core.surveys import EverySurvey, every_survey
from core.surveys.private import load_first, private_state
from core.types import Cell, Model, Question
from pages.parts.shared.packages import import_packages
from pages.parts.shared.session_models import key_ring, session_models
from pages.parts.shared.visitors import addresses, stop_when_left, turn_of_visitor

if TYPE_CHECKING:
    from core.audits.base import Bank
    from core.runs import DayRun
    from core.runs.jobs import Job, Jobs
    from core.store import Store


@st.cache_resource(show_spinner=False)
def survey() -> EverySurvey:
    """The human references of every survey; the question decides which survey answers."""
    return every_survey()


@st.cache_resource(show_spinner=False)
def _own_data() -> dict[str, object]:
    return {}


def take_up_own_data() -> None:
    """Clear the caches that depend on survey data of the user which was added, changed or removed."""
    now, known = private_state(), _own_data()
    if known.setdefault("state", now) != now:
        known["state"] = now
        load_first().reload()
        st.cache_data.clear()


@st.cache_resource(show_spinner=False)
def catalogue() -> Catalogue:
    """The model catalogue, and the errors of the user's own file."""
    return load_catalogue()


def models() -> dict[str, Model]:
    """Models by id: those of the catalogue, then those of this session, with what was measured of their endpoints."""
    known = {**catalogue().models, **session_models()}
    return {name: with_seen(model) for name, model in known.items()}


def base_models() -> set[str]:
    """Ids of the models that were not tuned to answer."""
    return {name for name, model in models().items() if not model.chat}


def model(model_id: str) -> Model | None:
    """The model with this id among :func:`models`; ``None`` where there is none."""
    known = session_models().get(model_id) or catalogue().models.get(model_id)
    return with_seen(known) if known else None


def questions() -> dict[str, Question]:
    """Questions of the bank by id."""
    return dict(survey().questions())


@st.cache_resource(show_spinner=False)
def jobs() -> "Jobs":
    """The pool of background jobs of this process."""
    import_packages()
    from core.runs.jobs import Jobs

    return Jobs()


@st.cache_resource(show_spinner=False)
def store() -> "Store":
    """All runs, those of the user and the shipped ones, with their readings up to date."""
    import_packages()
    from core.store import open_store

    opened = open_store()
    opened.prepare_readings()
    return opened


@st.cache_resource(show_spinner=False)
def day_run() -> "DayRun":
    """The run that stores single asks. There is one a day and process."""
    import_packages()
    from core.runs import DayRun

    return DayRun(store(), title=i18n.texts()("probe.run_title"))


def askable() -> dict[str, Model]:
    """Those of :func:`models` that may be asked here. A retired model is only for reading what was stored."""
    return {name: model for name, model in available(models()).items() if may_ask(model)}


def ask(cells: list[Cell], title: str, fresh: bool = False) -> "Job":
    """Ask ``cells`` in the background. Where the visitor may not, the job has failed and says why."""
    import_packages()
    from core.runs.ask import ask_in_background
    from core.runs.prompt_length import asked_length

    begin = partial(ask_in_background, jobs(), day_run, get_provider, cells, title, fresh=fresh)
    return let_through(len(cells), asked_length(cells), title, begin)


def let_through(prompts: int, length: int, title: str, begin: "Callable[..., Job]") -> "Job":
    """The job that ``begin`` starts with the keys of this session; a failed job where the visitor has to wait.

    ``length`` are the characters of all ``prompts``: visitors of a public demonstration share the model by it.
    """
    bucket = st.session_state.setdefault("asks_left", new_bucket())
    try:
        check_ask(bucket, prompts, len(jobs().queued()), addresses().of(st.context.ip_address))
    except InputError as error:
        return jobs().refuse(title, error)
    with using_keys(key_ring()):
        return stop_when_left(begin(turn=turn_of_visitor(length)))


@st.cache_resource(show_spinner=False)
def _shipped_bank() -> "Bank":
    import_packages()
    from core.runs.bank import load_bank

    return load_bank()


def bank() -> "Bank":
    """Questions and models for audits; models of the session are among them."""
    import_packages()
    from core.audits.base import Bank

    return Bank(questions=_shipped_bank().questions, models=models())
