"""What the China-West page shows, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.findings import china_west
from core.surveys.published import ITEMS, model_means
from pages.parts.representation.data import PLAIN, State, readings
from pages.parts.shared import resources

PERSONAS = tuple(None if name == "none" else name for name in china_west.PERSONAS)
"""Countries whose people the models answer as here, and nobody in particular."""


def _readings(state: State) -> pd.DataFrame:
    return readings(state, questions=ITEMS, told=PLAIN, countries=PERSONAS)


@st.cache_data(show_spinner=False, max_entries=4)
def answers(state: State) -> pd.DataFrame:
    """Mean answers of the published models and of every model of the store."""
    runs = resources.store().runs()
    shipped = set(runs.loc[runs["shipped"], "run_id"])
    own = china_west.own_answers(_readings(state), resources.models(), resources.questions(), shipped)
    return pd.concat([china_west.published_answers(), own], ignore_index=True)


@st.cache_data(show_spinner=False, max_entries=4)
def own_runs(state: State) -> list[str]:
    """Runs that the store's models were read from."""
    return sorted(set(_readings(state)["run_id"]))


@st.cache_data(show_spinner=False, max_entries=32)
def places(state: State, language: str, persona: str) -> pd.DataFrame:
    """Every model asked this way, by all three measures."""
    return china_west.places(answers(state), language, persona)


@st.cache_data(show_spinner=False, max_entries=32)
def origins(state: State, language: str, persona: str, measure: str) -> pd.DataFrame:
    """Mean lean of each origin."""
    return china_west.origins(answers(state), language, persona, measure)


@st.cache_data(show_spinner=False, max_entries=16)
def effects(state: State, measure: str) -> pd.DataFrame:
    """What a prompt in Chinese and a persona change."""
    return china_west.effects(answers(state), measure)


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
