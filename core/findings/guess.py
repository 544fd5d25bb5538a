"""What a class guesses of the people of a country: how many in a hundred give one of certain answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from core.errors import InputError, said
from core.findings.world.people import Z95, as_number, scoring
from core.stats.distances import Array
from core.surveys.base import NotAsked, Survey
from core.types import Persona, Question, WeightStatus

HUNDRED = 100
"""Guesses are made in people of a hundred."""


class InHundred(NamedTuple):
    """How many in a hundred people of a country gave one of the answers asked for, with its 95 % interval (0..100).

    ``shares`` are those of all options (0..1), in scale order.
    """

    value: float
    low: float
    high: float
    n: int
    year: int
    weight_status: WeightStatus
    shares: tuple[float, ...]


def asked_for(question: Question) -> tuple[int, ...]:
    """The places of the options that are asked for, in scale order; empty where the question suits no such guess.

    On an ordered question they are the options in its upper half, which ``question.short`` names, without a middle
    option. On a question of two options without order it is the first one.
    """
    if question.scale == "ordinal":
        return tuple(int(place) for place in np.flatnonzero(scoring(question) > 0.5 + 1e-9))
    return (0,) if len(question.options) == 2 else ()


def guessable(bank: Mapping[str, Question]) -> list[str]:
    """The questions of ``bank`` that a class can guess."""
    return [name for name, question in bank.items() if asked_for(question)]


def places_asked(survey: Survey, question: Question) -> list[str]:
    """The countries whose people were asked ``question``, in the order of the survey."""
    every = ((country, survey.reference(question.id, Persona(country=country))) for country in survey.countries())
    return [country for country, found in every if not isinstance(found, NotAsked)]


def in_hundred(survey: Survey, question: Question, country: str) -> InHundred:
    """How many in a hundred people of ``country`` gave an answer of :func:`asked_for`.

    The interval allows for the effective size of the sample. Raises :class:`~core.errors.InputError` where they were
    not asked.
    """
    found = survey.reference(question.id, Persona(country=country))
    if isinstance(found, NotAsked):
        raise InputError(said("class_not_asked", country=country))
    mean, error = as_number(found, marked(question))
    low, high = np.clip([mean - Z95 * error, mean + Z95 * error], 0.0, 1.0) * HUNDRED
    return InHundred(mean * HUNDRED, float(low), float(high), found.n, found.year, found.weight_status, found.shares)


def marked(question: Question) -> Array:
    """1 for each option of :func:`asked_for` and 0 for the others, (K,), in scale order."""
    out = np.zeros(len(question.options))
    out[list(asked_for(question))] = 1.0
    return out
