"""What the Compare page shows, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of
from core.audits.stability import rows as stability_rows
from core.audits.stability.waves import list_waves
from core.audits.traces.store import load_traces
from core.findings.china_west import group_of
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
from core.store.index.readings import ALL
from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS, LANGUAGES, Persona
from pages.parts.shared import resources
from pages.parts.shared.dilemmas import corpus
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


@st.cache_data(show_spinner=False, max_entries=4)
def presets(state: State) -> dict[str, list[str]]:
    """Comparisons to start from, by name, where they exist.

    Two models in one language, one model in two languages, and two waves of one spec.
    """
    known = sides(state)
    whole = known[known["run_id"].isna()]
    out = {}
    if models := _two_models(whole):
        out["models"] = models
    for _, mine in whole.groupby("model_id", sort=False):
        if len(mine) > 1:
            out["languages"] = sorted(mine["key"], key=lambda key: side_of(key).language)[:2]
            break
    keys = set(known["key"])
    for _, wave in list_waves(resources.store().runs()).groupby("series", sort=False):
        pairs = known[known["run_id"].isin(list(wave["run_id"]))]
        for _, mine in pairs.groupby(["model_id", "language"], sort=False):
            if len(mine) > 1:
                out.setdefault("waves", [key for key in mine.sort_values("created")["key"] if key in keys][-2:])
    return out


def _two_models(whole: pd.DataFrame) -> list[str]:
    """Sides of two models in the first language that two were asked in: a Chinese and a Western one where there are.

    Of each origin, and where one is missing of all models, those with the most answers count; a base model comes last.
    """
    known = resources.models()
    origins = {name: model.origin for name, model in known.items()}
    whole = whole[whole["model_id"].isin(list(known))]
    whole = whole.assign(chat=whole["model_id"].map(lambda name: known[name].chat))
    whole = whole.sort_values(["chat", "rows"], ascending=False, kind="stable")
    for language in LANGUAGES:
        mine = whole[whole["language"] == language]
        groups = mine["model_id"].map(lambda name: group_of(origins[name].base, origins[name].tuner))
        both = [key for group in ("China", "West") for key in mine.loc[groups == group, "key"].head(1)]
        found = both if len(both) == 2 else list(mine["key"].head(2))
        if len(found) == 2:
            return found
    return []


def usual_sides(state: State) -> list[str]:
    """What is compared before anything is chosen: the first preset, else the first two sides."""
    return next(iter(presets(state).values()), list(sides(state)["key"])[:2])


def _table(state: State, side: Side) -> pd.DataFrame:
    return readings(state, scope=side.run_id or ALL, models=(side.model_id,), language=side.language, told=PLAIN)


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
"""What of the page's selection an audit depends on; the others depend on the sides alone."""


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
    """Key of the person whom a side answers as when it is held against groups of ``country``."""
    return (Persona() if told == "none" else Persona(country=country)).key


@st.cache_data(show_spinner=False, max_entries=64)
def aside_of(
    state: State, audit: str, keys: tuple[str, ...], told: str, measure: str, country: str, kinds: Kinds
) -> dict[str, int]:
    """How many questions or dilemmas of each side are compared nowhere in ``audit``, since another side lacks them."""
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
    """Runs that gave a number to any of ``audits`` for the sides ``keys``."""
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
