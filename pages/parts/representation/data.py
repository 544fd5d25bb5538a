"""The data of the Representation page, computed once per state of the store."""

from collections import UserDict
from threading import Lock
from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of
from core.audits.representation.audit import Answers, measure
from core.audits.representation.panels import Frames
from core.audits.representation.together import Panel, Together, measure_together
from core.store.index.scopes import SHIPPED, scope_of
from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS
from pages.parts.representation.published import fit, segment_block
from pages.parts.shared import resources
from pages.parts.shared.chart_block import draw_ahead
from pages.parts.shared.kept import kept
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import (
    State,
    grouped_countries,
    known_readings,
    languages_of,
    readings,
    store_state,
)
from pages.parts.shared.scope import usual_scope
from pages.parts.shared.turns import give_way

USUAL_COUNTRY = "CHN"
MOST = 2
"""The largest number of models, and of countries, that the page compares."""
MOST_MEASURED = 64
"""The largest number of measured panels that are kept in one language, of 0.2 MB each."""


def usual_models(state: State, scope: str) -> list[str]:
    """The models that are compared at first: the first two in the order of the list that have readings."""
    known = list(dict.fromkeys(known_readings(state, scope)["model_id"]))
    return ([name for name in resources.models() if name in known] or known)[:MOST]


class Asked(NamedTuple):
    """All that some models were asked in one language, as readings, and as answers by model. Do not change them."""

    readings: pd.DataFrame
    answers: dict[str, Answers]


@st.cache_resource(show_spinner=False, max_entries=8)
def asked_of(state: State, scope: str, models: tuple[str, ...], language: str) -> Asked:
    """See :class:`Asked`. Read once for all countries and topics, and not copied: a page changes these most often."""
    table = readings(state, scope=scope, models=models, language=language)
    return Asked(table, {model: answers_of(table, model, language) for model in models})


class Recent(UserDict[tuple[tuple[str, str], str], Frames]):
    """Frames of panels that were measured, for all sessions; the :data:`MOST_MEASURED` newest are kept."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()

    def __setitem__(self, key: tuple[tuple[str, str], str], frames: Frames) -> None:
        with self._lock:
            self.data[key] = frames
            for oldest in list(self.data)[:-MOST_MEASURED]:
                del self.data[oldest]


@st.cache_resource(show_spinner=False, max_entries=8)
def _measured(state: State, scope: str, language: str) -> Recent:
    return Recent()


@st.cache_resource(show_spinner=False, max_entries=64)
def panels(
    state: State,
    scope: str,
    models: tuple[str, ...],
    language: str,
    countries: tuple[str, ...],
    topic: str,
    kinds: Kinds,
) -> Together[tuple[str, str]]:
    """Groups of each model and country (the panels), for the questions of ``topic`` (``any`` for all) and ``kinds``
    that all of them have. Do not change them: they are not copied for each session.

    A panel that uses the same questions beside others is not measured again.
    """
    answers = asked_of(state, scope, models, language).answers
    bank = resources.questions()
    ids = [name for name in among_kinds(bank, kinds) if topic in ("any", bank[name].topic)]
    shown = {(model, place): Panel(answers[model], place) for model in models for place in countries}
    return measure_together(shown, resources.survey(), ids, measured=_measured(state, scope, language))


@st.cache_data(show_spinner=False, max_entries=4)
@kept
def youth_claim(state: State, kinds: Kinds) -> pd.DataFrame:
    """People under 30 compared with older ones in the shipped runs, no persona: a row per model, language, country."""
    ids = among_kinds(resources.questions(), kinds)
    scope = scope_of(SHIPPED, tuned=False)
    table = readings(state, scope=scope, told=("none",))
    countries = sorted(set(known_readings(state, scope)["country"].dropna()) & set(grouped_countries()))
    rows = []
    for (model, language), _ in table.groupby(["model_id", "language"], sort=True):
        answers = answers_of(table, model, language)
        for country in countries:
            found = measure(answers, resources.survey(), country, ids, dimensions=("age",), tolds=("none",))["groups"]
            if len(found):
                young = found[found["group"] == "18-29"]
                rows.append(young.assign(model_id=model, language=language, country=country))
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()


def prepare() -> None:
    """Compute what the page shows before anything is chosen."""
    state = store_state()
    scope = usual_scope(state)
    if models := tuple(usual_models(state, scope)):
        for language in languages_of(state, scope):
            give_way()
            asked_of(state, scope, models, language)
        give_way()
        panels(state, scope, models, languages_of(state, scope)[0], (USUAL_COUNTRY,), "any", DEFAULT_KINDS)
    give_way()
    grouped_countries()
    draw_ahead([segment_block(fit())])
    give_way()
    youth_claim(state, DEFAULT_KINDS)
