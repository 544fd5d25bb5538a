"""The ranked list of models, computed once per state of the store."""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.audits.alignment.scores import question_scores
from core.audits.option_table import answers_of
from core.findings import china_west
from core.findings import world as around
from core.findings.world import Basis, Fields
from core.types import DEFAULT_KINDS
from pages.parts.shared import resources
from pages.parts.shared.names import model_side
from pages.parts.shared.readings import State, languages_of, mean_answers, readings, store_state
from pages.parts.shared.scope import usual_scope
from pages.parts.shared.turns import give_way

EVERYWHERE = "world"
"""Stands for all places on average, instead of a country."""
ANY = "any"


class Ranked(NamedTuple):
    """Models and baselines in order, the numbers of questions and places, and the models with too few answers."""

    table: pd.DataFrame
    questions: int
    batteries: int
    places: int
    left_out: dict[str, int]


@st.cache_data(show_spinner=False, max_entries=8)
def fields(state: State, basis: Basis, language: str) -> tuple[Fields, dict[str, int]]:
    """Distances of all models to all places on common questions; the models left out, with their questions."""
    survey = resources.survey()
    if basis == "justifiable":
        return around.mean_fields(mean_answers(state), survey, language), {}
    table = readings(state, scope=usual_scope(state), language=language, told=("none",))
    bank = resources.questions()
    ids = [name for name, question in bank.items() if question.kind in DEFAULT_KINDS]
    answers = {model: answers_of(table, model, language) for model in dict.fromkeys(table["model_id"])}
    scores, few = around.rankable(question_scores(answers, survey, survey.countries(), "none", ids))
    return around.common_fields(scores), few


@st.cache_data(show_spinner=False, max_entries=64)
def ranking(state: State, basis: Basis, language: str, place: str, topic: str) -> Ranked:
    """The list for one country, or all, and one topic, or all; its table has group (origin or baseline)."""
    found, few = fields(state, basis, language)
    if topic != ANY:
        bank = resources.questions()
        found = around.about(found, {name for name in found.questions if bank[name].topic == topic})
    table = around.ranked_models(found, None if place == EVERYWHERE else place)
    return Ranked(
        _grouped(table, state) if len(table) else table,
        len(found.questions),
        len(set(found.batteries)),
        len(found.places) if place == EVERYWHERE else 1,
        few,
    )


def _grouped(table: pd.DataFrame, state: State) -> pd.DataFrame:
    facts = china_west.models_of(mean_answers(state))
    groups = dict(zip(map(str, facts.index), facts["group"], strict=True))
    plain = dict.fromkeys((around.EVEN, around.OTHERS), "baseline")
    return table.assign(group=[(plain | groups).get(name) or model_side(name) for name in table["name"]])


def places(state: State, basis: Basis, language: str) -> list[str]:
    """Countries with which the models can be compared."""
    return list(fields(state, basis, language)[0].places)


def topics_of(state: State, basis: Basis, language: str) -> list[str]:
    """Topics of the questions that all models answered."""
    bank = resources.questions()
    return list(dict.fromkeys(bank[name].topic for name in fields(state, basis, language)[0].questions))


def prepare() -> None:
    """Compute what the page shows before anything is chosen."""
    state = store_state()
    for language in languages_of(state)[:1]:
        ranking(state, "justifiable", language, EVERYWHERE, ANY)
        give_way()
        fields(state, "measured", language)
