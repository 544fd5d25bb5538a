"""Which groups stand further from a model than others, and whether that is more than chance.

Distances come from :mod:`core.stats.groups`. Counting which group is "nearest" question by question would crown a
group even where none differs; so only mean distances are compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.stats.distances import Array
from core.stats.intervals import RESAMPLES, benjamini_hochberg, drawn_questions, times_drawn

PERMUTATIONS = 1_999


class Gaps(NamedTuple):
    """Under-representation by group, all (G,): mean over questions, 95 % interval, p, p after BH; positive = further.

    ``n`` is the number of questions. With fewer than two questions or groups all but ``n`` is NaN.
    """

    mean: Array
    low: Array
    high: Array
    p: Array
    p_adjusted: Array
    n: int


def against_others(distances: ArrayLike) -> Array:
    """Each group's distance minus the mean over the other groups, question by question; (Q, G) in and out."""
    rows = np.asarray(distances, dtype=np.float64)
    groups = rows.shape[-1]
    if groups < 2:
        return np.full(rows.shape, np.nan)
    return np.asarray((groups * rows - rows.sum(axis=-1, keepdims=True)) / (groups - 1))


_FEW = 700  # questions of which the draws are kept, at most sixteen times: three megabytes each


def bootstrap_counts(n: int, seed: int, resamples: int = RESAMPLES) -> Array:
    """How often each of ``n`` questions is drawn in each resample, (resamples, n); the same numbers at each call.

    Raises ``ValueError`` below 2,000 resamples.
    """
    if resamples < RESAMPLES:
        raise ValueError(f"an interval needs at least {RESAMPLES} resamples, got {resamples}")
    return _kept(n, seed, resamples).astype(np.float64) if n <= _FEW else _counts(n, seed, resamples)


@lru_cache(maxsize=16)
def _kept(n: int, seed: int, resamples: int) -> NDArray[np.uint16]:
    return _counts(n, seed, resamples).astype(np.uint16)


def _counts(n: int, seed: int, resamples: int) -> Array:
    return times_drawn(drawn_questions(n, np.random.default_rng(seed), resamples))


def bootstrap_columns(values: ArrayLike, seed: int, level: float = 0.95) -> tuple[Array, Array, Array, int]:
    """Mean, lower and upper end for each column of ``values`` (questions, columns), and n, questions without a NaN.

    Percentile bootstrap; all columns keep the same drawn questions. The ends are NaN with fewer than two questions.
    """
    rows = np.asarray(values, dtype=np.float64)
    rows = rows[~np.isnan(rows).any(axis=1)]
    n, width = rows.shape
    empty = np.full(width, np.nan)
    if n < 2:
        return (rows.mean(axis=0) if n else empty), empty, empty, n
    draws = bootstrap_counts(n, seed) @ rows / n
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return rows.mean(axis=0), np.asarray(low), np.asarray(high), n


def gap_test(distances: ArrayLike, rng: np.random.Generator, seed: int = 0, orders: int = PERMUTATIONS) -> Gaps:
    """Under-representation of each group from comparable distances (Q, G), such as those of :func:`level_distances`.

    Interval: percentile bootstrap over questions. p: group labels permuted within each question, with the studentised
    mean as statistic, which stays right where groups differ in how noisy they are (Janssen 1997); one is added to both
    counts. BH over the groups. Questions with a NaN are left out. ``seed`` draws the questions, ``rng`` the labels.
    """
    rows = np.asarray(distances, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"distances: need (questions, groups), got shape {rows.shape}")
    rows = rows[~np.isnan(rows).any(axis=1)]
    n, groups = rows.shape
    gaps = against_others(rows)
    mean, low, high, _ = bootstrap_columns(gaps, seed)
    if n < 2 or groups < 2:
        empty = np.full(groups, np.nan)
        return Gaps(mean, empty, empty, empty, empty, n)
    p = _permutation_p(gaps, rng, orders)
    return Gaps(mean, low, high, p, benjamini_hochberg(p), n)


def _studentised(total: Array, squares: Array, n: int) -> Array:
    mean = total / n
    spread = np.sqrt(np.maximum(squares / n - mean**2, 0) / n)
    return np.asarray(np.divide(np.abs(mean), spread, out=np.zeros_like(mean), where=spread > 1e-12))


def _permutation_p(gaps: Array, rng: np.random.Generator, orders: int) -> Array:
    n, groups = gaps.shape
    observed = _studentised(gaps.sum(axis=0), (gaps**2).sum(axis=0), n)
    # Under a permutation of the labels one group gets, at each question, any of the gaps with the same chance: the
    # same null for all groups, so that one set of draws serves them.
    drawn = gaps[np.arange(n), rng.integers(groups, size=(orders, n))]
    null = np.sort(_studentised(drawn.sum(axis=1), np.einsum("pq,pq->p", drawn, drawn), n))
    reached = orders - np.searchsorted(null, observed - 1e-12)
    return np.asarray((reached + 1) / (orders + 1))
