"""How near one model is to each public, by three measures, and what each question contributes."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.findings.china_west.answers import Publics
from core.stats import mean_columns
from core.stats.distances import Array
from core.surveys import published
from core.surveys.published import ITEMS

Measure = Literal["distance", "items", "rank"]
MEASURES: tuple[Measure, ...] = ("distance", "items", "rank")
LEAST_LEAN: dict[Measure, float] = {"distance": published.LEAST_LEAN, "items": 0.1, "rank": 0.1}
"""Smallest lean worth mentioning: a quarter of a scale point, two questions in nineteen, a tenth of a correlation."""
FEWEST_ITEMS = 10
"""A model with fewer of the 19 questions keeps its row, but gets no interval."""
EVERY_ITEM = len(ITEMS)
"""Only models with all questions are compared, as a lean over some of them cannot be compared with one over all."""


def _ranks(values: Array) -> Array:
    """Ranks along the last axis, ties averaged, centred, of length 1; NaN where constant or under 3 values."""
    one, other = values[..., :, None], values[..., None, :]
    ranks = (other < one).sum(axis=-1) + ((other == one).sum(axis=-1) + 1) / 2
    ranks -= ranks.mean(axis=-1, keepdims=True)
    size = np.sqrt((ranks**2).sum(axis=-1, keepdims=True))
    told = (size > 1e-9) & (values.shape[-1] > 2)
    return np.asarray(
        np.divide(ranks, size, out=np.full(ranks.shape, np.nan), where=np.broadcast_to(told, ranks.shape))
    )


def correlations(answers: Array, people: Publics) -> Array:
    """Spearman's rho (2,) of answers (19,) with China and with the USA, over the questions that were asked."""
    known = ~np.isnan(answers)
    mine = _ranks(answers[known])
    return np.array([(mine * _ranks(public[known])).sum() for public in people])


def leans_by_item(answers: Array, people: Publics, measure: Measure) -> Array:
    """Lean of each question, same shape as ``answers`` (..., 19); for ``distance`` and ``items``."""
    gap = np.abs(answers - people.china) - np.abs(answers - people.usa)
    return gap if measure == "distance" else np.sign(gap)


def lean(answers: Array, people: Publics, measure: Measure) -> float:
    """Lean of one model's mean answers (19,), NaN where not asked; NaN where the lean cannot be computed."""
    known = ~np.isnan(answers)
    if not known.any():
        return float("nan")
    if measure == "rank":
        china, usa = correlations(answers, people)
        return float(usa - china)
    return float(leans_by_item(answers, people, measure)[known].mean())


def contributions(answers: Array, people: Publics, measure: Measure) -> Array:
    """What each question adds to one model's lean, (19,), NaN where not asked. Their mean is the lean.

    For ``rank`` these are jackknife pseudo-values (Tukey 1958): n times the lean minus n - 1 times the lean without the
    question, shifted so that their mean is the lean. All NaN below :data:`FEWEST_ITEMS` questions.
    """
    known = ~np.isnan(answers)
    n, out = int(known.sum()), np.full(answers.shape, np.nan)
    if n < FEWEST_ITEMS:
        return out
    if measure != "rank":
        out[known] = leans_by_item(answers, people, measure)[known]
        return out
    whole = lean(answers, people, "rank")
    rest = ~np.eye(n, dtype=bool)
    mine, china, usa = (np.broadcast_to(part[known], (n, n))[rest].reshape(n, n - 1) for part in (answers, *people))
    without = (_ranks(mine) * (_ranks(usa) - _ranks(china))).sum(axis=-1)
    pseudo = n * whole - (n - 1) * without
    out[known] = pseudo - pseudo.mean() + whole
    return out


def ends(parts: Array) -> tuple[float, float, float]:
    """95 % t interval over the questions of one model, from its :func:`contributions`, and the p-value that it is 0."""
    found = mean_columns(parts[:, None])
    return float(found.low[0]), float(found.high[0]), float(found.p[0])
