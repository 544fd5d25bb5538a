"""The data of the Compare page, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of
from core.audits.stability import rows as stability_rows
from core.audits.traces.store import load_traces
from core.findings.compare import (
    Side,
    alignment_items,
    known_sides,
    left_aside,
    questions_aside,
    reasoning_items,
    representation_items,
    side_of,
    stability_items,
)
from core.store.index.scopes import every_run_of
from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS, Persona
from pages.parts.shared import resources
from pages.parts.shared.dilemmas import corpus
from pages.parts.shared.kept import kept
from pages.parts.shared.kinds import Kinds
from pages.parts.shared.readings import PLAIN, State, known_traces, readings

USUAL_COUNTRIES = ("CHN", "USA")


@st.cache_data(show_spinner=False, max_entries=4)
def sides(state: State) -> pd.DataFrame:
    """Everything that can be compared: key, model_id, run_id, language, created, rows, and the run's title."""
    store = resources.store()
    titles = store.runs().set_index("run_id")["title"]
    found = known_sides(store)
    return found.assign(title=[titles.get(run, "") if run else "" for run in found["run_id"]])


def _table(state: State, side: Side) -> pd.DataFrame:
    scope = side.run_id or every_run_of(side.model_id)
    return readings(state, scope=scope, models=(side.model_id,), language=side.language, told=PLAIN)


def _answers(state: State, keys: tuple[str, ...], kinds: Kinds) -> dict[str, dict]:
    counted, out = set(among_kinds(resources.questions(), kinds)), {}
    for key in keys:
        side = side_of(key)
        mine = answers_of(_table(state, side), side.model_id, side.language)
        out[key] = {asked: answer for asked, answer in mine.items() if asked[1] in counted}
    return out


ASKED = {
    "alignment": ("told", "measure", "kinds"),
    "representation": ("told", "country", "kinds"),
    "reasoning": ("kinds",),
}
"""The parts of the page's selection on which an audit depends; other audits depend only on the sides."""


def items_of(
    state: State,
    audit: str,
    keys: tuple[str, ...],
    told: str = "country",
    measure: str = "skill",
    country: str = "CHN",
    kinds: Kinds = DEFAULT_KINDS,
) -> pd.DataFrame:
    """The items of one audit (:mod:`core.findings.compare`) for the sides ``keys``, where they have any."""
    given = {"told": told, "measure": measure, "country": country, "kinds": kinds}
    return _items_of(state, audit, keys, **{name: given[name] for name in ASKED.get(audit, ())})


@st.cache_data(show_spinner=False, max_entries=64)
@kept
def _items_of(
    state: State,
    audit: str,
    keys: tuple[str, ...],
    told: str = "",
    measure: str = "",
    country: str = "",
    kinds: Kinds = DEFAULT_KINDS,
) -> pd.DataFrame:
    if audit == "stability":
        return stability_items({key: _responses(side_of(key)) for key in keys}, corpus()[0])
    if audit == "reasoning":
        counted = set(among_kinds(resources.questions(), kinds))
        traces = {key: [one for one in _traces(side_of(key)) if one.unit.question.key in counted] for key in keys}
        return reasoning_items(traces, resources.survey())
    answers = {key: mine for key, mine in _answers(state, keys, kinds).items() if mine}
    if audit == "representation":
        asked = _asked_as(answers, persona_of(country, told))
        return representation_items(asked, resources.survey(), country, told)
    met = {Persona.from_key(who).country for mine in answers.values() for who, _ in mine}
    places = sorted({*USUAL_COUNTRIES, *(place for place in met if place)})
    found = alignment_items(answers, resources.survey(), places, told)
    return found[0] if measure == "skill" else found[1]


def _asked_as(answers: dict[str, dict], persona: str) -> dict[str, dict]:
    return {key: mine for key, mine in answers.items() if any(who == persona for who, _ in mine)}


def persona_of(country: str, told: str) -> str:
    """Key of the person as whom a side answers when it is compared with groups of ``country``."""
    return (Persona() if told == "none" else Persona(country=country)).key


@st.cache_data(show_spinner=False, max_entries=64)
def aside_of(
    state: State, audit: str, keys: tuple[str, ...], told: str, measure: str, country: str, kinds: Kinds
) -> dict[str, int]:
    """How many questions or dilemmas of each side ``audit`` compares nowhere, because another side lacks them."""
    if audit == "representation":
        persona = persona_of(country, told)
        return questions_aside(_asked_as(_answers(state, keys, kinds), persona), persona)
    return left_aside(items_of(state, audit, keys, told, measure, country, kinds), keys)


def _responses(side: Side) -> pd.DataFrame:
    runs = None if side.run_id is None else [side.run_id]
    return stability_rows.stored_rows(resources.store(), corpus()[0], runs, [side.model_id], side.language)


@st.cache_data(show_spinner=False, max_entries=32)
def without_choice(state: State, key: str) -> tuple[int, float]:
    """How many dilemmas a side was asked, and the share of its readings, 0..1, that mostly chose no action."""
    found = stability_rows.readings(_responses(side_of(key)), corpus()[0])
    return found["dilemma"].nunique(), 1 - len(stability_rows.chosen(found)) / len(found) if len(found) else 0.0


def _trace_rows(side: Side) -> pd.DataFrame:
    known = known_traces()
    mine = known[
        (known["model_id"] == side.model_id) & (known["language"] == side.language) & (known["intervention"] == "none")
    ]
    mine = mine if side.run_id is None else mine[mine["run_id"] == side.run_id]
    return mine.drop_duplicates("cell_id", keep="last")


def _traces(side: Side) -> list:
    return load_traces(resources.store(), _trace_rows(side), resources.models(), resources.questions())


@st.cache_data(show_spinner=False, max_entries=32)
def runs_behind(state: State, keys: tuple[str, ...], audits: list[str]) -> list[str]:
    """Runs with a number for any of ``audits`` and the sides ``keys``."""
    found: set[str] = set()
    for key in keys:
        side = side_of(key)
        if side.run_id is not None:
            found.add(side.run_id)
            continue
        if {"alignment", "representation"} & set(audits):
            found |= set(_table(state, side)["run_id"])
        if "stability" in audits:
            frame = _responses(side)
            found |= set(frame.loc[frame["question_id"].isin(list(corpus()[0])), "run_id"])
        if "reasoning" in audits:
            found |= set(_trace_rows(side)["run_id"])
    return sorted(found)
