"""Uncertainty of a number: binomial intervals, permutation tests, the noise floor of a distance.

Intervals of means over questions are in :mod:`core.stats.clustered`, sign tests in :mod:`core.stats.signs`.

Every random function takes a ``numpy.random.Generator``, so that the same seed gives the same interval.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy  # loads its parts when they are first used: they take as long as the rest of the start
from numpy.typing import ArrayLike

from core.stats.distances import Array, as_distribution

RESAMPLES = 2_000
"""The smallest number of bootstrap resamples for an interval that is shown."""


class Interval(NamedTuple):
    """Lower and upper end; numbers or arrays of one shape."""

    low: Array
    high: Array


class Estimate(NamedTuple):
    """A mean with its interval and the number of questions."""

    mean: float
    low: float
    high: float
    n: int


def _counts(successes: ArrayLike, n: ArrayLike, level: float) -> tuple[Array, Array]:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    hits, trials = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64))
    if not ((hits >= 0) & (hits <= trials)).all():
        raise ValueError("successes must lie between 0 and n")
    return hits, trials


def wilson(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Wilson score interval of a share, within 0..1 (Wilson 1927); n = 0 gives 0..1. Raises ``ValueError``."""
    hits, trials = _counts(successes, n, level)
    z2 = scipy.special.ndtri((1 + level) / 2) ** 2
    centre = (hits + z2 / 2) / (trials + z2)
    half = np.sqrt(z2) * np.sqrt(hits - hits**2 / np.maximum(trials, 1) + z2 / 4) / (trials + z2)
    # The formula gives exactly 0 and 1 at the ends; rounding should not move them.
    low = np.where(hits == 0, 0.0, centre - half)
    high = np.where(hits == trials, 1.0, centre + half)
    return Interval(low, high)


def jeffreys(successes: ArrayLike, n: ArrayLike, level: float = 0.95) -> Interval:
    """Jeffreys interval of a share: quantiles of Beta(k + 1/2, n - k + 1/2), reaching 0 at k = 0 and 1 at k = n.

    Formula of Brown, Cai and DasGupta (2001). Raises ``ValueError`` where k is not in 0..n.
    """
    hits, trials = _counts(successes, n, level)
    a, b, tail = hits + 0.5, trials - hits + 0.5, (1 - level) / 2
    low = np.where(hits == 0, 0.0, scipy.special.betaincinv(a, b, tail))
    high = np.where(hits == trials, 1.0, scipy.special.betaincinv(a, b, 1 - tail))
    return Interval(low, high)


def permutation_p(a: ArrayLike, b: ArrayLike, rng: np.random.Generator, permutations: int = 9_999) -> float:
    """Two-sided p-value, 0..1, of the difference of two group means when group labels mean nothing.

    ``a`` and ``b`` (values,) may differ in length. All relabellings are tried where they are few, otherwise
    ``permutations`` random ones with one added to both counts, so that p is never 0. Raises ``ValueError`` on NaN or
    with fewer than two values in a group.
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    for rows in (left, right):
        if rows.ndim != 1 or rows.size < 2 or np.isnan(rows).any():
            raise ValueError("each group needs at least two values and no NaN")

    def difference(x: Array, y: Array, axis: int) -> Array:
        return np.asarray(x.mean(axis=axis) - y.mean(axis=axis))

    result = scipy.stats.permutation_test(
        (left, right), difference, vectorized=True, n_resamples=permutations, alternative="two-sided", rng=rng
    )
    return float(result.pvalue)


def benjamini_hochberg(p_values: ArrayLike) -> Array:
    """Adjusted p-values (m,). If all below x are called findings, the expected share of false findings is below x.

    Benjamini and Hochberg (1995). NaN stays NaN and does not count in m. Raises ``ValueError`` outside 0..1.
    """
    rows = np.array(p_values, dtype=np.float64)
    if rows.ndim != 1:
        raise ValueError(f"p_values: need one axis, got shape {rows.shape}")
    known = ~np.isnan(rows)
    if ((rows[known] < 0) | (rows[known] > 1)).any():
        raise ValueError("a p-value lies outside 0..1")
    values = rows[known]
    order = np.argsort(values)[::-1]
    # From the largest p down; scipy.stats has this too, but takes longer to load than a page to compute.
    steps = values[order] * len(values) / np.arange(len(values), 0, -1)
    values[order] = np.minimum.accumulate(np.minimum(steps, 1))
    rows[known] = values
    return rows


def noise_floor(
    p: ArrayLike,
    n: int,
    distance: Callable[[Array, Array], Array],
    draws: int,
    rng: np.random.Generator,
) -> Interval:
    """5 % and 95 % points of ``distance(p, n draws from p)``, the distance of a perfect simulation of n people.

    ``p`` (..., K) are human shares; the ends have the leading shape; NaN rows give NaN. ``distance`` is any function
    of :mod:`core.stats.distances` on two arrays. Raises ``ValueError`` where n or ``draws`` is below 1.
    """
    sample = sampled_scores(p, n, distance, draws, rng)
    low, high = np.quantile(sample, [0.05, 0.95], axis=0)
    return Interval(np.asarray(low), np.asarray(high))


def sampled_scores(
    p: ArrayLike, n: int, distance: Callable[[Array, Array], Array], draws: int, rng: np.random.Generator
) -> Array:
    """All scores behind :func:`noise_floor`, shape (draws, ...)."""
    if n < 1 or draws < 1:
        raise ValueError("n and draws must be at least 1")
    human = as_distribution(p)
    unknown = np.asarray(np.isnan(human).any(axis=-1))
    drawable = np.where(unknown[..., None], 1 / human.shape[-1], human)
    shares = rng.multinomial(n, drawable, size=(draws, *drawable.shape[:-1])) / n
    return np.asarray(np.where(unknown, np.nan, distance(drawable, shares)))
