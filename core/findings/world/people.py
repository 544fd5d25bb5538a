"""One question around the world: the answer of the people of each place as one number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.stats.distances import Array
from core.surveys.base import NotAsked, Survey
from core.types import AGES, EDUCATIONS, SEXES, Persona, Question, Reference

GROUPS: tuple[str, ...] = ("all", *AGES, *SEXES, *EDUCATIONS)
"""The groups whose answers a map can show: everybody, or people of one age, sex or education."""
Z95 = 1.959964
"""The 97.5 % point of the normal distribution."""


def scoring(question: Question, option: int | None = None) -> Array:
    """The score of each option, (K,), 0..1, in scale order; the mean score by the shares is the answer as one number.

    On an ordered question 0 is the least and 1 the most of what ``question.short`` names, in equal steps. On an
    unordered one the option with the code ``option`` scores 1, or the first option where that code is not given or
    unknown.
    """
    k = len(question.options)
    if question.scale == "ordinal":
        steps = np.linspace(0.0, 1.0, k)
        return steps if question.polarity > 0 else steps[::-1]
    place = question.codes.index(option) if option in question.codes else 0
    return np.asarray(np.eye(k)[place])


def persona_in(country: str, group: str) -> Persona:
    """Persona of ``group`` (one of :data:`GROUPS`) in ``country``."""
    for name, groups in (("age", AGES), ("sex", SEXES), ("education", EDUCATIONS)):
        if group in groups:
            return Persona.model_validate({"country": country, name: group})
    return Persona(country=country)


def as_number(reference: Reference, scores: Array) -> tuple[float, float]:
    """Mean of ``scores`` (K,) over the people of ``reference``, and its standard error from their effective number.

    Clustered samples have a larger error than that; their design effects are not known.
    """
    shares = np.asarray(reference.shares)
    mean = float(shares @ scores)
    variance = max(float(shares @ scores**2) - mean**2, 0.0)
    return mean, float(np.sqrt(variance / max(reference.n_eff, 1.0)))


def people(survey: Survey, question: Question, group: str = "all", option: int | None = None) -> pd.DataFrame:
    """One row per place that asked ``question`` and has ``group``, in the order of the survey's countries.

    Columns: country, value, low, high (95 %, 0..1), n, n_eff, year, weight_status, survey. ``value`` is that of
    :func:`scoring`.
    """
    scores = scoring(question, option)
    rows = []
    for country in survey.countries():
        found = survey.reference(question.id, persona_in(country, group))
        if isinstance(found, NotAsked) or found.matched != "exact":
            continue
        value, error = as_number(found, scores)
        low, high = np.clip([value - Z95 * error, value + Z95 * error], 0.0, 1.0)
        rows.append((country, value, low, high, found.n, found.n_eff, found.year, found.weight_status, found.survey))
    names = ["country", "value", "low", "high", "n", "n_eff", "year", "weight_status", "survey"]
    return pd.DataFrame(rows, columns=names)
