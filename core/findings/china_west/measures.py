"""How near one model stands to each public, by three measures, and how sure that is over the questions."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.findings.china_west.answers import Publics
from core.stats.distances import Array
from core.stats.intervals import drawn_questions, times_drawn

Measure = Literal["distance", "items", "rank"]
MEASURES: tuple[Measure, ...] = ("distance", "items", "rank")
FEWEST_ITEMS = 10
"""A model with fewer of the 19 questions keeps its row, but gets no interval and counts in no origin."""
SEED = 177195  # of core.surveys.published, so that both pages show the same intervals
RESAMPLES = {"distance": 10_000, "items": 10_000, "rank": 2_000}


@cache
def _picks(n: int, resamples: int) -> NDArray[np.int32]:
    return drawn_questions(n, np.random.default_rng(SEED), 10_000)[:resamples]


@cache
def _counts(n: int, resamples: int) -> Array:
    return times_drawn(_picks(n, resamples))


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


@cache
def _public_ranks(china: bytes, usa: bytes) -> Array:
    """Rank of the USA less rank of China over the drawn questions, (resamples, n)."""
    left, right = (np.frombuffer(part) for part in (china, usa))
    picks = _picks(len(left), RESAMPLES["rank"])
    return _ranks(right[picks]) - _ranks(left[picks])


@lru_cache(maxsize=1_024)
def _drawn_ranks(answers: bytes, china: bytes, usa: bytes) -> Array:
    """Drawn leans by rank, (resamples,); kept, because ways of asking are compared with each other."""
    mine = np.frombuffer(answers)
    drawn = (_ranks(mine[_picks(len(mine), RESAMPLES["rank"])]) * _public_ranks(china, usa)).sum(axis=-1)
    drawn.setflags(write=False)
    return np.asarray(drawn)


def leans_by_item(answers: Array, people: Publics, measure: Measure) -> Array:
    """Lean of each question, same shape as ``answers`` (..., 19); for ``distance`` and ``items``."""
    gap = np.abs(answers - people.china) - np.abs(answers - people.usa)
    return gap if measure == "distance" else np.sign(gap)


def lean(answers: Array, people: Publics, measure: Measure) -> float:
    """Lean of one model's mean answers (19,), NaN where not asked; NaN where nothing can be said."""
    known = ~np.isnan(answers)
    if not known.any():
        return float("nan")
    if measure == "rank":
        china, usa = correlations(answers, people)
        return float(usa - china)
    return float(leans_by_item(answers, people, measure)[known].mean())


def drawn_leans(answers: Array, people: Publics, measure: Measure) -> Array:
    """Leans of one model with its questions drawn anew, (resamples,)."""
    known = ~np.isnan(answers)
    n, resamples = int(known.sum()), RESAMPLES[measure]
    if n < FEWEST_ITEMS:
        return np.full(resamples, np.nan)
    if measure == "rank":
        return _drawn_ranks(*(part[known].tobytes() for part in (answers, *people)))
    return np.asarray(_counts(n, resamples) @ leans_by_item(answers, people, measure)[known] / n)


def percentile_ends(draws: Array) -> tuple[float, float]:
    """95 % percentile ends; NaN where more than one draw in twenty says nothing."""
    known = draws[~np.isnan(draws)]
    if known.size < 0.95 * draws.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)
