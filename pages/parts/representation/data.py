"""What the Representation page shows, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import measure, persona_of
from core.store.index.readings import ALL, SHIPPED, ReadingFilter, Told
from core.types import LANGUAGES, Language, Reference, digest
from pages.parts.shared import resources
from pages.parts.shared.session_models import session_models


def store_state() -> tuple[tuple[str, int], ...]:
    """Names and sizes of all runs, and the models of this session: what is kept holds as long as this is the same.

    Frames are kept for all sessions, and one session can know a model by name and origin that others do not.
    """
    store = resources.store()
    store.refresh()
    runs = store.runs()
    found = sorted(zip(runs["run_id"], (int(n) for n in runs["rows"]), strict=True))
    own = {name: model.model_dump(mode="json") for name, model in session_models().items()}
    return (*found, *([(f"models of a session: {digest(own)}", len(own))] if own else []))


State = tuple[tuple[str, int], ...]
PLAIN: tuple[Told, ...] = ("none", "country")
"""Whom most pages look at: nobody in particular, and people of whom only the country is said."""


@st.cache_data(show_spinner=False, max_entries=8)
def known_readings(state: State, scope: str = ALL) -> pd.DataFrame:
    """Of what there are readings: model_id, language, told, country, n; ``state`` is :func:`store_state`."""
    chosen = ReadingFilter(scope=scope, question_ids=tuple(resources.questions()))
    return resources.store().reading_heads(chosen)


def languages_of(state: State) -> list[Language]:
    """Prompt languages that there are readings in, the usual order."""
    found = set(known_readings(state)["language"])
    return [name for name in LANGUAGES if name in found]


def usual_model(state: State) -> str | None:
    """The first model of the list that has readings."""
    known = list(dict.fromkeys(known_readings(state)["model_id"]))
    return next((name for name in resources.models() if name in known), known[0] if known else None)


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
) -> pd.DataFrame:
    """The first-token readings that a page is about to show; what is None does not restrict."""
    chosen = ReadingFilter(
        scope=scope,
        model_ids=models,
        languages=None if language is None else (language,),
        question_ids=questions,
        told=told,
        countries=countries,
    )
    return option_table(resources.store(), resources.questions(), chosen)


@st.cache_data(show_spinner=False, max_entries=64)
def group_frames(state: State, model: str, language: str, country: str, topic: str) -> dict[str, pd.DataFrame]:
    """The frames of :func:`~.representation.audit.measure`, for the questions of ``topic`` (``any`` for all)."""
    mine = readings(state, models=(model,), language=language, countries=(country, None))
    answers = answers_of(mine, model, language)
    bank = resources.questions()
    ids = [name for name, question in bank.items() if topic in ("any", question.topic)]
    return measure(answers, resources.survey(), country, ids)


@st.cache_data(show_spinner=False, max_entries=4)
def youth_claim(state: State) -> pd.DataFrame:
    """People under 30 against older ones in the shipped runs, no persona: one row a model, language and country."""
    table = readings(state, scope=SHIPPED, told=("none",))
    countries = sorted(set(known_readings(state, SHIPPED)["country"].dropna()) & set(grouped_countries()))
    rows = []
    for (model, language), _ in table.groupby(["model_id", "language"], sort=True):
        answers = answers_of(table, model, language)
        for country in countries:
            found = measure(answers, resources.survey(), country, dimensions=("age",), tolds=("none",))["groups"]
            if len(found):
                young = found[found["group"] == "18-29"]
                rows.append(young.assign(model_id=model, language=language, country=country))
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


USUAL_COUNTRY = "CHN"


def prepare() -> None:
    """Compute what the page shows before anything is chosen."""
    state = store_state()
    model = usual_model(state)
    if model is not None:
        language = languages_of(state)[0]
        group_frames(state, model, language, USUAL_COUNTRY, "any")
        readings(state, models=(model,), language=language, countries=(USUAL_COUNTRY, None))
    grouped_countries()
    youth_claim(state)
