"""The data of the China-West page, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.findings import china_west
from core.surveys.published import model_means
from pages.parts.shared import resources
from pages.parts.shared.kept import kept
from pages.parts.shared.names import model_name
from pages.parts.shared.readings import State, justified_readings, mean_answers


@st.cache_data(show_spinner=False, max_entries=4)
def own_runs(state: State) -> list[str]:
    """Runs from which the store's models were read."""
    return sorted(set(justified_readings(state)["run_id"]))


@st.cache_data(show_spinner=False, max_entries=4)
def base_models(state: State) -> list[str]:
    """Ids of the base models that have answered the study's questions; they belong to no side."""
    known = resources.models()
    asked = justified_readings(state)["model_id"].unique()
    return sorted(name for name in asked if name in known and not known[name].chat)


def places(state: State, language: str, persona: str) -> pd.DataFrame:
    """Every model asked this way, by all three measures, with its name in the reader's language."""
    found = _places(state, language, persona)
    return found.assign(name=[model_name(*pair) for pair in zip(found["model_id"], found["name"], strict=True)])


@st.cache_data(show_spinner=False, max_entries=32)
@kept
def _places(state: State, language: str, persona: str) -> pd.DataFrame:
    return china_west.places(mean_answers(state), language, persona)


@st.cache_data(show_spinner=False, max_entries=32)
@kept
def origins(state: State, language: str, persona: str, measure: str) -> pd.DataFrame:
    """Mean lean of each origin."""
    return china_west.origins(mean_answers(state), language, persona, measure)


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def effects(state: State, measure: str) -> pd.DataFrame:
    """The effects of a Chinese prompt and of a persona."""
    return china_west.effects(mean_answers(state), measure)


@st.cache_data(show_spinner=False)
def study() -> dict[str, object]:
    """Facts of the published study: items, repeats, first and last day, models without an answer without a persona."""
    means = model_means()
    without = sorted(set(means["model"]) - set(means.loc[means["persona_country"].isna(), "model"]))
    return {
        "items": means["item_id"].nunique(),
        "repeats": int(means["n_repeats"].min()),
        "first": means["queried_on"].min().date(),
        "last": means["queried_on"].max().date(),
        "without": without,
    }
