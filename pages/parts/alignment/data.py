"""The data of the Alignment page, computed once per state of the store."""

from itertools import product
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.audits.alignment.floor import Floor, floor_draws, floors
from core.audits.alignment.frames import matrix as skill_matrix
from core.audits.alignment.scores import ASKED, AskedAs, persona_key, question_scores, shared_questions, skills
from core.audits.alignment.traits import TRAITS, Trait, by_model, by_value, comparable, left_aside, not_comparable
from core.audits.option_table import AVERAGINGS, Averaging, answers_of
from core.audits.shared import Shared
from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS, Persona
from pages.parts.shared import resources
from pages.parts.shared.kept import kept
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import PLAIN, languages_of, readings, store_state
from pages.parts.shared.scope import usual_scope
from pages.parts.shared.turns import give_way

State = tuple[tuple[str, int], ...]


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def scores(state: State, scope: str, language: str, asked: str, kinds: Kinds, average: Averaging) -> pd.DataFrame:
    """One row per model, country and question of ``kinds``; countries are those that any model was asked as.

    ``average`` is how the printed orders are averaged (:func:`core.audits.option_table.option_table`).
    """
    table = readings(state, scope=scope, language=language, told=PLAIN, average=average)
    countries = sorted({c for c in (Persona.from_key(key).country for key in table["persona"].unique()) if c})
    countries = [c for c in countries if persona_key(c, "country") in set(table["persona"])]
    answers = {model: answers_of(table, model, language) for model in table["model_id"].unique()}
    told: AskedAs = "none" if asked == "none" else "country"
    return question_scores(answers, resources.survey(), countries, told, among_kinds(resources.questions(), kinds))


def drawn(state: State, scope: str, language: str, asked: str, kinds: Kinds, average: Averaging) -> Floor:
    """Draws from people themselves for the noise floors; models with the same questions share them."""
    mine = scores(state, scope, language, asked, kinds, average)
    return _drawn(" ".join(sorted(set(mine["country"] + ":" + mine["question_id"]))), mine)


@st.cache_data(show_spinner=False, max_entries=16)
def _drawn(cells: str, _scores: pd.DataFrame) -> Floor:
    return floor_draws(_scores, resources.survey())


@st.cache_data(show_spinner=False, max_entries=64)
@kept
def matrix(
    state: State, scope: str, language: str, asked: str, topic: str, kinds: Kinds, average: Averaging
) -> pd.DataFrame:
    """Skill of each model in each country over the questions of ``topic``, with the noise floors of the country."""
    mine = of_topic(scores(state, scope, language, asked, kinds, average), topic)
    return skill_matrix(mine, drawn(state, scope, language, asked, kinds, average))


@st.cache_data(show_spinner=False, max_entries=64)
def question_sets(
    state: State, scope: str, language: str, asked: str, topic: str, kinds: Kinds, average: Averaging
) -> Shared[tuple[str, str]]:
    """The questions that the cells of :func:`matrix` have in common, and the number left out of each."""
    return shared_questions(of_topic(scores(state, scope, language, asked, kinds, average), topic))


@st.cache_data(show_spinner=False, max_entries=64)
@kept
def topic_skills(
    state: State,
    scope: str,
    language: str,
    asked: str,
    model: str,
    country: str,
    kinds: Kinds,
    average: Averaging,
) -> pd.DataFrame:
    """Skill of one model in one country, topic by topic, with noise floors."""
    mine = scores(state, scope, language, asked, kinds, average)
    mine = mine[(mine["model_id"] == model) & (mine["country"] == country)]
    return skills(mine, ("topic",)).merge(
        floors(mine, drawn(state, scope, language, asked, kinds, average), ("topic",)), on="topic"
    )


class TraitSkills(NamedTuple):
    """Skill by model and by value of a trait, on ``questions`` shared questions, and the number left out of each.

    ``apart`` names the models that have too few of them to be compared.
    """

    models: pd.DataFrame
    values: pd.DataFrame
    questions: int
    aside: dict[str, int]
    apart: tuple[str, ...]


@st.cache_data(show_spinner=False, max_entries=64)
def trait_skills(
    state: State,
    scope: str,
    language: str,
    asked: str,
    topic: str,
    trait: Trait,
    kinds: Kinds,
    average: Averaging,
) -> TraitSkills:
    """Skill by model and by value of a trait, all on the same questions and with one noise floor."""
    models = resources.models()
    every = of_topic(scores(state, scope, language, asked, kinds, average), topic)
    mine = comparable(every, models, trait)
    if mine.empty:
        return TraitSkills(mine, mine, 0, {}, ())
    draws = drawn(state, scope, language, asked, kinds, average)
    floor = floors(mine.assign(every=0), draws, ("every",)).drop(columns="every")
    shown = [found.merge(floor, how="cross") for found in (by_model(mine, models), by_value(mine))]
    apart = not_comparable(every, models, trait)
    return TraitSkills(*shown, mine["question_id"].nunique(), left_aside(every, mine), apart)


def of_topic(frame: pd.DataFrame, topic: str) -> pd.DataFrame:
    """Rows of one topic, or all for ``any``."""
    return frame if topic == "any" else frame[frame["topic"] == topic]


def prepare() -> None:
    """Compute what the page shows before anything is chosen, and after a change of language or of what is told."""
    state = store_state()
    scope = usual_scope(state)
    average = AVERAGINGS[0]
    for language, asked in product(languages_of(state, scope), ASKED):
        give_way()
        found = matrix(state, scope, language, asked, "any", DEFAULT_KINDS, average)
        give_way()
        question_sets(state, scope, language, asked, "any", DEFAULT_KINDS, average)
        if len(found):
            model, country = found["model_id"].iloc[0], found["country"].iloc[0]
            give_way()
            topic_skills(state, scope, language, asked, model, country, DEFAULT_KINDS, average)
            give_way()
            trait_skills(state, scope, language, asked, "any", TRAITS[0], DEFAULT_KINDS, average)
