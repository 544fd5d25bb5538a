"""The data of the world map, computed once per state of the store and of the survey data."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from core.audits.alignment.scores import question_scores
from core.audits.option_table import answers_of
from core.findings import china_west
from core.findings import world as around
from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS
from pages.parts.shared import resources
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import State, languages_of, mean_answers, readings, store_state
from pages.parts.shared.scope import usual_scope
from pages.parts.shared.turns import give_way

FIRST_QUESTION = "Q182"
FIRST_MODEL = "published:GPT-4.1"
"""A name that most readers know."""
NEAR = 3
"""How many places are named as nearest, and as furthest."""


@st.cache_data(show_spinner=False, max_entries=128)
def people(question: str, group: str, option: int | None) -> pd.DataFrame:
    """Answers of people to ``question`` around the world, as :func:`core.findings.world.people` gives them."""
    return around.people(resources.survey(), resources.questions()[question], group, option)


@st.cache_data(show_spinner=False)
def index(name: around.Index) -> pd.DataFrame:
    """An index of places."""
    return around.index_values(resources.survey(), name)


@st.cache_data(show_spinner=False, max_entries=8)
def fields(
    state: State, basis: around.Basis, language: str, model: str = "", kinds: Kinds = DEFAULT_KINDS
) -> around.Fields:
    """Distances of models to all places. On the questions measured here it is only ``model``, as each has its own.

    Only questions of ``kinds`` count there.
    """
    survey = resources.survey()
    if basis == "justifiable":
        return around.mean_fields(mean_answers(state), survey, language)
    table = readings(state, scope=usual_scope(state), models=(model,), language=language, told=("none",))
    ids = among_kinds(resources.questions(), kinds)
    answers = {model: answers_of(table, model, language)}
    return around.common_fields(question_scores(answers, survey, survey.countries(), "none", ids))


@st.cache_data(show_spinner=False, max_entries=8)
def known_models(state: State) -> list[str]:
    """Ids of the published models and of those that were measured."""
    return list(map(str, china_west.models_of(mean_answers(state)).index))


class Overlay(NamedTuple):
    """Places by their distance to one model, and the range of such distances over all models."""

    places: pd.DataFrame
    questions: int
    likeness: float
    distances: tuple[float, float]
    most_net: float


@st.cache_data(show_spinner=False, max_entries=64)
def overlay(state: State, basis: around.Basis, language: str, model: str, kinds: Kinds = DEFAULT_KINDS) -> Overlay:
    """Where ``model`` is nearest and furthest; ``likeness`` is how similarly an even guess orders the places."""
    found = fields(state, basis, language, model, kinds) if basis == "measured" else fields(state, basis, language)
    at = found.models.index(model)
    places = around.ranked(found.places, found.distance[at], found.even, found.batteries)
    means, even = found.distance.mean(axis=1), found.even.mean(axis=0)
    likeness = around.order_likeness(means[at], even)
    net = float(np.abs(means - even).max())
    return Overlay(places, len(found.questions), likeness, (float(means.min()), float(means.max())), net)


def models_by_basis(state: State, language: str) -> dict[around.Basis, tuple[str, ...]]:
    """The models that can be compared with people, for each set of questions."""
    measured = readings(state, scope=usual_scope(state), language=language, told=("none",))["model_id"]
    return {"justifiable": fields(state, "justifiable", language).models, "measured": tuple(dict.fromkeys(measured))}


def prepare() -> None:
    """Compute the first view of the page, and the view after one switch."""
    state = store_state()
    people(FIRST_QUESTION, "all", None)
    for name in around.INDICES:
        give_way()
        index(name)
    give_way()
    known_models(state)
    give_way()
    for language in languages_of(state)[:1]:
        for basis, models in models_by_basis(state, language).items():
            for model in [name for name in models if name == FIRST_MODEL or basis == "measured"]:
                give_way()
                overlay(state, basis, language, model)
