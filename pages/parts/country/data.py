"""The data of the country page, computed once per state of the store and of the survey data."""

import pandas as pd
import streamlit as st

from core.findings import china_west
from core.findings import world as around
from core.findings.world.apart import Dimension
from pages.parts.shared import resources
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import State, mean_answers

FIRST = "CHN"
ASK_NEXT = 3


@st.cache_data(show_spinner=False)
def world() -> pd.DataFrame:
    """Every question in every place, as :func:`core.findings.world.world_answers` gives it."""
    return around.world_answers(resources.survey())


@st.cache_data(show_spinner=False, max_entries=128)
def apart(country: str, kinds: Kinds) -> around.Apart:
    """Questions of ``kinds`` on which people of ``country`` differ from others."""
    return around.standing_apart(world(), country, kinds)


@st.cache_data(show_spinner=False, max_entries=128)
def gaps(country: str, dimension: Dimension, kinds: Kinds) -> pd.DataFrame:
    """Two groups of ``country`` on questions of ``kinds``."""
    return around.group_gaps(resources.survey(), country, dimension, kinds)


@st.cache_data(show_spinner=False, max_entries=8)
def fields(state: State, language: str) -> around.Fields:
    """Distances of all models to all places, on the questions of the published study."""
    return around.mean_fields(mean_answers(state), resources.survey(), language)


@st.cache_data(show_spinner=False, max_entries=64)
def models(state: State, language: str, country: str) -> pd.DataFrame:
    """Models and both baselines by their distance to people of ``country``; empty if a question was not asked there.

    The columns of :func:`core.findings.world.ranked`, with group (the origin of a model, or ``baseline``).
    """
    found = fields(state, language)
    table = around.ranked_models(found, country)
    if table.empty:
        return table
    facts = china_west.models_of(mean_answers(state))
    groups = dict(zip(map(str, facts.index), facts["group"], strict=True))
    return table.assign(group=[groups.get(name, "baseline") for name in table["name"]])
