"""The data of the page on tuned models: cards, and what each model learned, computed once per state of the store."""

import pandas as pd
import streamlit as st

from core.audits.option_table import answers_of
from core.findings.tuned import learned, planted_ages, planted_countries
from core.findings.tuned.planted import PARTS, Part
from core.providers.local.tuned import read_cards
from core.types import Card
from pages.parts.shared import resources
from pages.parts.shared.kept import kept
from pages.parts.shared.readings import PLAIN, State, readings

LANGUAGE = "en"
"""The runs of the four quadrants ask in English."""


def told_country(known: dict[str, Card]) -> list[str]:
    """Those that were told a country each time, so that the four quadrants have a meaning."""
    return [name for name, card in known.items() if card.spec.get("told") == "country"]


def controls(card: Card, known: dict[str, Card]) -> list[Card]:
    """The models that were tuned as this one, and told another country each time; of a control none."""
    return [
        other
        for other in known.values()
        if other.spec.get("shuffle") and not card.spec.get("shuffle") and other.base.id == card.base.id
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


@st.cache_data(show_spinner=False, max_entries=8)
@kept
def ages(state: State, names: tuple[str, ...], country: str, weights: tuple[str, ...]) -> pd.DataFrame:
    """What *Who is left out* finds about age in each of ``names``, with nobody named, in English.

    ``weights`` are the SHA-256 of those that were tuned.
    """
    known = read_cards().known
    table = readings(state, models=names, language=LANGUAGE, told=PLAIN)
    answers = {name: mine for name in names if (mine := answers_of(table, name, LANGUAGE))}
    like = next(card for name, card in known.items() if name in names)
    return planted_ages(answers, resources.survey(), country, parts_of(like))


@st.cache_data(show_spinner=False, max_entries=16)
@kept
def ranks(state: State, name: str, country: str, weights: str) -> pd.DataFrame:
    """Where ``country`` stands among all by nearness to the answers of one model with nobody named, in English.

    One row a part of the questions; see :func:`core.findings.tuned.planted_countries`.
    """
    card = read_cards().known[name]
    table = readings(state, models=(name,), language=LANGUAGE, told=PLAIN)
    return planted_countries(answers_of(table, name, LANGUAGE), resources.survey(), country, parts_of(card))
