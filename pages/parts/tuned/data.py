"""The data of the page on tuned models: cards, and what each model learned, computed once per state of the store."""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of
from core.findings.tuned import learned, planted_ages, planted_countries
from core.findings.tuned.planted import PARTS, Part
from core.providers.local.tuned import read_cards
from core.types import AGES, Card
from pages.parts.shared import resources
from pages.parts.shared.kept import kept
from pages.parts.shared.readings import PLAIN, State, readings

AGE_GROUPS = (AGES[0], AGES[-1])
"""The youngest and the oldest: those whose answers were taught."""
LANGUAGE = "en"
"""The runs of the four quadrants ask in English."""


def told_country(known: dict[str, Card]) -> list[str]:
    """Those that were told a country each time, so that the four quadrants have a meaning."""
    return [name for name, card in known.items() if card.spec.get("told") == "country"]


def listed(known: dict[str, Card]) -> list[str]:
    """All of ``known`` as the page lists them: those first that have the four quadrants. The first is shown unasked."""
    return list(dict.fromkeys([*told_country(known), *known]))


def controls(card: Card, known: dict[str, Card]) -> list[Card]:
    """The models that were tuned just as this one, and told another country each time; of a control none."""
    if card.spec.get("shuffle"):
        return []
    return [o for o in known.values() if o.spec.get("shuffle") and _tuned_as(o) == _tuned_as(card)]


def _tuned_as(card: Card) -> tuple[str, dict[str, object]]:
    return card.base.id, {name: value for name, value in card.spec.items() if name != "shuffle"}


Parts = tuple[tuple[Part, tuple[str, ...]], ...]
"""Questions by part, as :func:`parts_of` gives them."""


class Taught(NamedTuple):
    """Models of one base that were taught an age group of one country on one split of the questions, and controls:
    models that were told another country each time, on the same split. Only these can be compared.
    """

    base: str
    country: str
    parts: Parts
    models: tuple[str, ...]
    controls: tuple[str, ...]


def taught_ages(known: dict[str, Card]) -> list[Taught]:
    """The models that were taught an age group, those that can be compared together, in the order of ``known``."""
    groups: dict[tuple[str, str, Parts], list[str]] = {}
    shuffled: dict[tuple[str, Parts], list[str]] = {}
    for name, card in known.items():
        parts = tuple(parts_of(card).items())
        if card.spec.get("shuffle"):
            shuffled.setdefault((card.base.id, parts), []).append(name)
        elif card.spec.get("group") in AGE_GROUPS and len(card.seen["countries"]) == 1:
            groups.setdefault((card.base.id, card.seen["countries"][0], parts), []).append(name)
    return [
        Taught(base, country, parts, tuple(names), tuple(shuffled.get((base, parts), ())))
        for (base, country, parts), names in groups.items()
    ]


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def quadrants(state: State, name: str, weights: str) -> dict[str, pd.DataFrame]:
    """``frame`` of :func:`core.findings.tuned.learned` for one model, and ``verdicts``, one row a quadrant.

    ``weights`` is the SHA-256 of its weights: a model that is tuned again is another one. Both are empty where the
    model or its base was not asked as people of several countries.
    """
    card = read_cards().known[name]
    table = readings(state, models=(card.id, card.base.id), language=LANGUAGE, told=PLAIN)
    found = learned(
        answers_of(table, card.base.id, LANGUAGE), answers_of(table, card.id, LANGUAGE), card, resources.survey()
    )
    return {"frame": found.frame, "verdicts": pd.DataFrame(found.verdicts.items(), columns=["quadrant", "verdict"])}


def parts_of(card: Card) -> dict[Part, tuple[str, ...]]:
    """Values and attitudes by part: all, those of trained batteries, those kept apart. Where none is, all alone."""
    names = {
        "seen": card.seen["questions"],
        "new": (*card.held_out["test_questions"], *card.held_out["validation_questions"]),
    }
    kinds = {n for n, q in resources.questions().items() if q.kind in ("value", "attitude")}
    found = {part: tuple(n for n in mine if n in kinds) for part, mine in names.items()}
    return {part: found.get(part, (*found["seen"], *found["new"])) for part in (PARTS if found["new"] else PARTS[:1])}


def ages_of(state: State, known: dict[str, Card], taught: Taught) -> pd.DataFrame:
    """:func:`ages` of the models of ``taught``, their controls and their base."""
    tuned = (*taught.models, *taught.controls)
    weights = tuple(known[name].weights_sha256 for name in tuned)
    return ages(state, (*tuned, taught.base), taught.country, taught.parts, weights)


@st.cache_data(show_spinner=False, max_entries=8)
@kept
def ages(state: State, names: tuple[str, ...], country: str, parts: Parts, weights: tuple[str, ...]) -> pd.DataFrame:
    """What *Who is left out* finds about age in each of ``names``, on each of ``parts``, with nobody named, in English.

    ``weights`` are the SHA-256 of those that were tuned.
    """
    table = readings(state, models=names, language=LANGUAGE, told=PLAIN)
    answers = {name: mine for name in names if (mine := answers_of(table, name, LANGUAGE))}
    return planted_ages(answers, resources.survey(), country, dict(parts))


def taught_countries(known: dict[str, Card]) -> list[Card]:
    """Those that were taught the people of one country, whole, with nobody named."""
    return [
        card
        for card in known.values()
        if card.spec.get("told") == "nobody" and not card.spec.get("group") and len(card.seen["countries"]) == 1
    ]


def ranks_of(state: State, card: Card) -> pd.DataFrame:
    """:func:`ranks` of the model with this ``card`` and the country that taught it."""
    return ranks(state, card.id, card.seen["countries"][0], card.weights_sha256)


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def ranks(state: State, name: str, country: str, weights: str) -> pd.DataFrame:
    """Where ``country`` stands among all by nearness to the answers of one model with nobody named, in English.

    One row a part of the questions; see :func:`core.findings.tuned.planted_countries`.
    """
    card = read_cards().known[name]
    table = readings(state, models=(name,), language=LANGUAGE, told=PLAIN)
    return planted_countries(answers_of(table, name, LANGUAGE), resources.survey(), country, parts_of(card))
