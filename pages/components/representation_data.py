"""What the Representation page shows, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of, option_table
from core.audits.representation import measure, persona_of
from core.types import Persona, Reference
from pages.components import resources


def store_state() -> tuple[tuple[str, int], ...]:
    """Names and sizes of all runs: what is cached holds as long as this is the same."""
    store = resources.store()
    store.refresh()
    runs = store.runs()
    return tuple(sorted(zip(runs["run_id"], (int(n) for n in runs["rows"]), strict=True)))


@st.cache_data(show_spinner=False, max_entries=4)
def readings(state: tuple[tuple[str, int], ...], shipped_only: bool = False) -> pd.DataFrame:
    """All first-token readings; ``state`` is :func:`store_state`."""
    store = resources.store()
    table = option_table(store, resources.questions())
    if shipped_only:
        runs = store.runs()
        table = table[table["run_id"].isin(set(runs.loc[runs["shipped"], "run_id"]))]
    return table.reset_index(drop=True)


@st.cache_data(show_spinner=False, max_entries=64)
def group_frames(
    state: tuple[tuple[str, int], ...], model: str, language: str, country: str, topic: str
) -> dict[str, pd.DataFrame]:
    """The frames of :func:`core.audits.representation.measure`, for the questions of ``topic`` (``any`` for all)."""
    answers = answers_of(readings(state), model, language)
    bank = resources.questions()
    ids = [name for name, question in bank.items() if topic in ("any", question.topic)]
    return measure(answers, resources.survey(), country, ids)


@st.cache_data(show_spinner=False, max_entries=4)
def youth_claim(state: tuple[tuple[str, int], ...]) -> pd.DataFrame:
    """People under 30 against older ones in the shipped runs, no persona: one row a model, language and country."""
    table = readings(state, shipped_only=True)
    asked = [Persona.from_key(key) for key in table["persona"].unique()]
    countries = sorted({persona.country for persona in asked if persona.country} & set(grouped_countries()))
    rows = []
    for (model, language), _ in table.groupby(["model_id", "language"], sort=True):
        answers = answers_of(table, model, language)
        for country in countries:
            found = measure(answers, resources.survey(), country, dimensions=("age",), tolds=("none",))["groups"]
            if len(found):
                rows.append(found[found["group"] == "18-29"].assign(model_id=model, language=language, country=country))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


@st.cache_data(show_spinner=False)
def grouped_countries() -> list[str]:
    """Countries of which the survey knows groups."""
    survey = resources.survey()
    out = []
    for country in survey.countries():
        references = (survey.reference(q, persona_of(country, "sex", "female")) for q in survey.questions())
        if any(isinstance(r, Reference) and r.matched == "exact" for r in references):
            out.append(country)
    return out
