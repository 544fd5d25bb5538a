"""The data of the five slides, computed once per state of the store."""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.findings import china_west, story
from core.findings import world as around
from core.findings.card import models_measured
from core.types import DEFAULT_KINDS
from pages.parts.shared import resources
from pages.parts.shared.moves import survey_moves
from pages.parts.shared.readings import State, mean_answers, store_state
from pages.parts.shared.turns import give_way


@st.cache_data(show_spinner=False)
def asked() -> story.Asked:
    """The question of the first slide, as both publics answered it."""
    return story.asked(resources.survey())


@st.cache_data(show_spinner=False)
def lean() -> story.Lean:
    """Published models between the two publics."""
    return story.lean()


class Coin(NamedTuple):
    """Models and baselines by their distance to people of each country; counts of models that beat an even guess."""

    tables: dict[str, pd.DataFrame]
    models: int
    clear: dict[str, int]


@st.cache_data(show_spinner=False, max_entries=4)
def coin(state: State) -> Coin:
    """The result of an even guess in China and in the USA."""
    found = around.mean_fields(mean_answers(state), resources.survey(), "en")
    facts = china_west.models_of(mean_answers(state))
    groups = dict(zip(map(str, facts.index), facts["group"], strict=True))
    tables, clear = {}, {}
    for place in story.PUBLICS:
        table = around.ranked_models(found, place)
        models = table[table["name"].isin(list(found.models))]
        clear[place] = len(around.clearly_nearer(models))
        tables[place] = table.assign(group=[groups.get(name, "baseline") for name in table["name"]])
    return Coin(tables, len(found.models), clear)


@st.cache_data(show_spinner=False, max_entries=4)
def moved(state: State) -> pd.DataFrame:
    """What moves the answers of the models that were measured here."""
    models = tuple(models_measured(resources.store()))
    return story.moved(survey_moves(state, models, DEFAULT_KINDS).parts)


def prepare() -> None:
    """Compute all five slides."""
    state = store_state()
    for compute in (asked, lean):
        give_way()
        compute()
    for shown in (coin, moved):
        give_way()
        shown(state)
