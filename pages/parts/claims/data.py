"""The data that the Claims page judges, computed once per state of the store."""

from typing import Literal

import pandas as pd
import streamlit as st

from core.audits.stability.rows import stored_rows
from core.audits.stability.waves import drift
from core.findings.claims import evidence as found
from core.findings.claims.sources import outcome_of
from core.findings.claims.verdicts import CLAIMS, Outcome, units
from core.store.index.scopes import UNTUNED
from core.surveys.questions import among_kinds
from core.types import Persona
from pages.parts.shared import resources
from pages.parts.shared.dilemmas import corpus
from pages.parts.shared.kept import kept
from pages.parts.shared.readings import PLAIN, State, mean_answers, readings, store_state
from pages.parts.shared.turns import give_way


def _counted(state: State) -> pd.DataFrame:
    """Readings of values and attitudes, because the claims are about values; of no base model or one tuned here."""
    table = readings(state, scope=UNTUNED, told=PLAIN, questions=among_kinds(resources.questions()))
    return found.answering(table, resources.models())


@st.cache_data(show_spinner=False, max_entries=4)
@kept
def evidence(state: State) -> dict[str, dict[str, pd.DataFrame]]:
    """Evidence of each claim by body: ``published`` (the 19 questions) and ``runs`` (everything else in a store)."""
    store, survey, models = resources.store(), resources.survey(), resources.models()
    runs = store.runs()
    shipped = set(runs.loc[runs["shipped"], "run_id"])
    table, means = _counted(state), mean_answers(state)
    sources = found.table_sources(table, shipped)
    scores = found.told_scores(table, survey)
    whole = found.youth_gaps(table, survey, models, shipped, baseline="whole")
    own = {
        "unstable": {"runs": _instability(runs, shipped)},
        "youth": {"runs": found.youth_gaps(table, survey, models, shipped), "runs_whole": whole},
        "scale": {"runs": found.size_steps(scores, models, sources)},
        "multilingual": {"published": found.language_changes(means)},
        "us_centric": {"published": found.usa_advantage(means)},
        "mistral": {"runs": found.series_distances(scores, models, sources)},
        "tuning": {"runs": found.country_variation(table, survey, models, shipped)},
        "neither": {
            "published": found.persona_misses(means),
            "runs": found.country_misses(scores, models, sources),
        },
    }
    others = _published()[0]
    return {claim: {**frames, **others.get(claim, {})} for claim, frames in own.items()}


@st.cache_data(show_spinner=False)
def _published() -> tuple[dict[str, dict[str, pd.DataFrame]], dict[str, dict[str, pd.DataFrame]]]:
    """Evidence that others measured, and the same made from real publics."""
    return found.published_evidence(), found.published_publics()


@st.cache_data(show_spinner=False, max_entries=4)
@kept
def publics(state: State) -> dict[str, dict[str, pd.DataFrame]]:
    """The same bodies of evidence from real publics, for the claims where a public can be treated as a model."""
    survey, means = resources.survey(), found.public_answers()
    table = _counted(state)
    scores = found.told_scores(table, survey)
    cells = scores[["country", "question_id"]].drop_duplicates()
    asked = tuple(dict.fromkeys(table.loc[table["persona"] == Persona().key, "question_id"]))
    others = _published()[1]
    return {
        "youth": {"runs": _public_youth(asked, "even"), "runs_whole": _public_youth(asked, "whole")},
        "us_centric": {"published": found.usa_advantage(means), **others["us_centric"]},
        "neither": {
            "published": found.persona_misses(means),
            "runs": _public_misses(tuple(cells.itertuples(index=False, name=None))),
            **others["neither"],
        },
    }


@st.cache_data(show_spinner=False, max_entries=4)
def _public_youth(asked: tuple[str, ...], baseline: Literal["even", "whole"]) -> pd.DataFrame:
    return found.public_youth_gaps(resources.survey(), asked, baseline=baseline)


@st.cache_data(show_spinner=False, max_entries=4)
def _public_misses(cells: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return found.public_misses(pd.DataFrame(cells, columns=["country", "question_id"]), resources.survey())


def _instability(runs: pd.DataFrame, shipped: set[str]) -> pd.DataFrame:
    store = resources.store()
    parts = []
    for run_id, models in found.dilemma_runs(runs).items():
        parts.append(stored_rows(store, corpus()[0], [run_id], models))
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return found.instability(frame, corpus()[0], resources.models(), shipped)


@st.cache_data(show_spinner=False, max_entries=16)
def verdicts(state: State, without: tuple[str, ...] = ()) -> dict[str, Outcome]:
    """The verdict on each claim from all bodies of evidence but ``without``."""
    every = evidence(state)
    known = publics(state)
    return {claim: outcome_of(claim, every[claim], known.get(claim), without) for claim in CLAIMS}


@st.cache_data(show_spinner=False, max_entries=4)
def models_behind(state: State) -> dict[str, dict[str, pd.DataFrame]]:
    """The models behind each claim by body of evidence, one row per model (:func:`~.claims.verdicts.units`)."""
    return {claim: {name: units(frame) for name, frame in found.items()} for claim, found in evidence(state).items()}


@st.cache_data(show_spinner=False, max_entries=4)
@kept
def asked_again(state: State) -> pd.DataFrame:
    """What moved between the waves of the longest series of stability runs; empty where nothing was asked twice."""
    waves = found.counted_waves(resources.store().runs())
    if waves.empty:
        return pd.DataFrame()
    longest = waves["series"].value_counts().idxmax()
    mine = waves[waves["series"] == longest]
    models = sorted({name for names in mine["models"] for name in names})
    return drift(stored_rows(resources.store(), corpus()[0], list(mine["run_id"]), models), mine, corpus()[0])


@st.cache_data(show_spinner=False, max_entries=4)
def runs_behind(state: State) -> list[str]:
    """Runs that a verdict or the figures beside it use."""
    waves = asked_again(state)
    again = [] if waves.empty else [*waves["before"], *waves["after"]]
    dilemmas = found.dilemma_runs(resources.store().runs())
    return list(dict.fromkeys([*_counted(state)["run_id"], *dilemmas, *again]))


@st.cache_data(show_spinner=False)
def read_off() -> pd.DataFrame:
    """Published figures of the two series."""
    return found.published_series()


def prepare() -> None:
    """Compute the verdicts."""
    state = store_state()
    verdicts(state, ())  # with the arguments of the page, because the cache depends on them
    give_way()
    models_behind(state)
    give_way()
    runs_behind(state)
    give_way()
    read_off()
