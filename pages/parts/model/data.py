"""The data of a model's card, computed once per state of the store."""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.findings import china_west
from core.findings import world as around
from core.findings.card import Facts, facts_of, measured, models_measured
from core.types import DEFAULT_KINDS
from pages.parts.shared import resources
from pages.parts.shared.moves import survey_moves
from pages.parts.shared.names import model_name
from pages.parts.shared.readings import State, mean_answers, store_state
from pages.parts.shared.scope import usual_scope

AUDITS = ("alignment", "representation", "stability", "citizens", "traces")


class Card(NamedTuple):
    """Runs with answers of the model, its variance decomposition (one row per part), its formats, and its facts."""

    runs: pd.DataFrame
    parts: pd.DataFrame
    formats: pd.DataFrame
    facts: Facts


def names(state: State) -> dict[str, str]:
    """Models with something measured or published, by id; those measured here first."""
    return {name: model_name(name) for name in _known(state)}


@st.cache_data(show_spinner=False, max_entries=8)
def _known(state: State) -> list[str]:
    published = map(str, china_west.models_of(mean_answers(state)).index)
    return list(dict.fromkeys([*models_measured(resources.store()), *published]))


@st.cache_data(show_spinner=False, max_entries=32)
def card(state: State, model_id: str) -> Card:
    """The card of one model. Single questions that it was asked are no audit and are left out."""
    runs = measured(resources.store(), model_id, usual_scope(state, (model_id,)))
    found = survey_moves(state, (model_id,), DEFAULT_KINDS)
    model = resources.model(model_id)
    shares = dict(zip(found.parts["part"], found.parts["share"], strict=True))
    spread = float(found.formats["spread"].mean()) if len(found.formats) else None
    facts = facts_of(runs, shares, spread, chat=model is None or model.chat)
    return Card(runs, found.parts, found.formats, facts)


@st.cache_data(show_spinner=False, max_entries=32)
def nearness(state: State, model_id: str, language: str) -> pd.DataFrame:
    """Places by their distance to the model on the 19 questions of the published study; empty where not all were asked.

    The columns of :func:`core.findings.world.ranked`; ``name`` is the place.
    """
    found = around.mean_fields(mean_answers(state), resources.survey(), language)
    if model_id not in found.models:
        return pd.DataFrame()
    at = found.models.index(model_id)
    return around.ranked(found.places, found.distance[at], found.even, found.batteries)


def prepare() -> None:
    """Compute what the page shows before anything is chosen."""
    state = store_state()
    known = names(state)
    if known:
        first = next(iter(known))
        card(state, first)
        nearness(state, first, "en")
