"""Stored readings as several pages use them, cached for every state of the store."""

import pandas as pd
import streamlit as st

from core.audits.option_table import Averaging, option_table
from core.audits.representation.audit import persona_of
from core.audits.traces.store import stored_traces
from core.findings import china_west
from core.store.index.readings import ALL, ReadingFilter, Told
from core.store.index.scopes import UNTUNED
from core.surveys.private import private_state
from core.surveys.published import ITEMS
from core.types import LANGUAGES, Language, Reference, digest
from pages.parts.shared import resources
from pages.parts.shared.kept import kept
from pages.parts.shared.session_models import session_models


def store_state() -> tuple[tuple[str, int], ...]:
    """A digest of the names and sizes of all runs, and their number; and the same of runs that are open through their
    aggregates, of the models of this session and of survey data of one's own.

    Cached frames are valid while this is the same. They are cached for all sessions, and one session may know names and
    origins of models that others do not. The names themselves would be hashed anew by each of a page's hundred cached
    functions.
    """
    store = resources.store()
    store.refresh()
    runs = store.runs()
    found = sorted(zip(runs["run_id"], (int(n) for n in runs["rows"]), strict=True))
    large = store.aggregated()
    own = {name: model.model_dump(mode="json") for name, model in session_models().items()}
    private = private_state()
    return (
        (f"runs: {digest(found)}", len(found)),
        *([(f"open through their aggregates: {digest(large)}", len(large))] if large else []),
        *([(f"models of a session: {digest(own)}", len(own))] if own else []),
        *([(f"survey data of one's own: {digest(private)}", len(private))] if private else []),
    )


State = tuple[tuple[str, int], ...]
PLAIN: tuple[Told, ...] = ("none", "country")
"""The personas that most pages use: no persona, and personas of whom only the country is told."""
PERSONAS = tuple(None if name == "none" else name for name in china_west.PERSONAS)
"""The personas that the published study used: people of these countries, and no persona."""


@st.cache_data(show_spinner=False, max_entries=8)
def known_readings(state: State, scope: str = ALL) -> pd.DataFrame:
    """Which readings there are: model_id, language, told, country, n. ``state`` is :func:`store_state`."""
    chosen = ReadingFilter(scope=scope, question_ids=tuple(resources.questions()))
    return resources.store().reading_heads(chosen)


def languages_of(state: State, scope: str = ALL) -> list[Language]:
    """The prompt languages of the readings, in the usual order."""
    found = set(known_readings(state, scope)["language"])
    return [name for name in LANGUAGES if name in found]


@st.cache_data(show_spinner=False, max_entries=32)
def readings(
    state: State,
    *,
    scope: str = ALL,
    models: tuple[str, ...] | None = None,
    language: str | None = None,
    questions: tuple[str, ...] | None = None,
    told: tuple[Told, ...] | None = None,
    countries: tuple[str | None, ...] | None = None,
    average: Averaging = "arithmetic",
) -> pd.DataFrame:
    """The first-token readings that a page shows. ``None`` does not restrict; ``average`` as in ``option_table``."""
    chosen = ReadingFilter(
        scope=scope,
        model_ids=models,
        languages=None if language is None else (language,),
        question_ids=questions,
        told=told,
        countries=countries,
    )
    return option_table(resources.store(), resources.questions(), chosen, average)


@st.cache_data(show_spinner=False)
def grouped_countries() -> list[str]:
    """The countries for which the survey has groups of people."""
    survey = resources.survey()
    out = []
    for country in survey.countries():
        references = (survey.reference(q, persona_of(country, "sex", "female")) for q in survey.questions())
        if any(isinstance(r, Reference) and r.matched == "exact" for r in references):
            out.append(country)
    return out


def justified_readings(state: State) -> pd.DataFrame:
    """Readings of the published study's questions, asked as that study asked them, of no model that was tuned here."""
    return readings(state, scope=UNTUNED, questions=ITEMS, told=PLAIN, countries=PERSONAS)


@st.cache_data(show_spinner=False, max_entries=4)
@kept
def mean_answers(state: State) -> pd.DataFrame:
    """The mean answers of the published models and of every model in the store."""
    runs = resources.store().runs()
    shipped = set(runs.loc[runs["shipped"], "run_id"])
    own = china_west.own_answers(justified_readings(state), resources.models(), resources.questions(), shipped)
    return pd.concat([china_west.published_answers(), own], ignore_index=True)


def known_traces(scope: str = ALL) -> pd.DataFrame:
    """Stored traces of models in the catalogue, newest last; ``scope`` says from which runs."""
    found = _stored_traces(store_state(), scope)
    return found[found["model_id"].isin(list(resources.models()))]


@st.cache_data(show_spinner=False, max_entries=8)
def _stored_traces(state: State, scope: str) -> pd.DataFrame:
    return stored_traces(resources.store(), scope)
