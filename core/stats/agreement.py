"""Does a model choose the same again? Flips, the flips that sampling alone explains, agreement, spread, win rates.

``p`` is the probability of action a among the answers that choose at all, 0..1; NaN where nothing was chosen. ``n``
is the number of answers behind an estimated p, NaN where p was read directly. The methods of the page state the
formulas.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.stats.distances import Array

TIE = 1e-9


def _floats(*values: ArrayLike) -> tuple[Array, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))


def flips(p: ArrayLike, q: ArrayLike) -> Array:
    """Probability, 0..1, that one answer under p and one under q differ: p(1-q) + q(1-p). Any shape."""
    first, second = _floats(p, q)
    return np.asarray(first * (1 - second) + second * (1 - first))


def sampling_variance(p: ArrayLike, n: ArrayLike) -> Array:
    """Variance of a share p that was counted from n answers, p(1-p)/(n-1); 0 where it was read directly (n is NaN).

    NaN where n is below 2.
    """
    share, count = _floats(p, n)
    counted = np.where(count >= 2, share * (1 - share) / np.where(count >= 2, count - 1, 1), np.nan)
    return np.asarray(np.where(np.isnan(count), 0.0, counted))


def repeat_flips(p: ArrayLike, variance: ArrayLike = 0.0) -> Array:
    """Probability, 0..1, that two answers to the *same* prompt differ: 2p(1-p), the noise floor.

    Where p is an estimate, twice its sampling ``variance`` is added, which removes the bias.
    """
    share, spread = _floats(p, variance)
    return np.asarray(2 * (share * (1 - share) + spread))


def excess_instability(p: ArrayLike, q: ArrayLike, v: ArrayLike = 0.0, w: ArrayLike = 0.0) -> Array:
    """Flips between two variants minus the flips that each of them would show if it were asked twice, -1..1.

    Exactly (p-q)^2 where both are read directly; with sampling variances ``v`` and ``w`` it is (p-q)^2 - v - w, an
    unbiased estimate that can fall below 0. Zero means that there is no more than sampling noise.
    """
    return np.asarray(flips(p, q) - (repeat_flips(p, v) + repeat_flips(q, w)) / 2)


def choices(p: ArrayLike) -> Array:
    """The more likely action: 1 for a, 0 for b, NaN on a tie or where nothing was chosen."""
    share = np.asarray(p, dtype=np.float64)
    known = ~np.isnan(share) & (np.abs(share - 0.5) > TIE)
    return np.where(known, (share > 0.5).astype(np.float64), np.nan)


def changed(p: ArrayLike, q: ArrayLike) -> Array:
    """1 where the more likely action differs, 0 where it does not, NaN where either is undecided."""
    first, second = _floats(choices(p), choices(q))
    return np.where(np.isnan(first) | np.isnan(second), np.nan, (first != second).astype(np.float64))


def pairwise_agreement(counts: ArrayLike) -> Array:
    """Share of pairs that agree, 0..1: sum n_k (n_k - 1) / (n (n - 1)). ``counts`` (..., K); NaN below two answers."""
    rows = np.asarray(counts, dtype=np.float64)
    n = rows.sum(axis=-1)
    pairs = n * (n - 1)
    return np.asarray(np.where(pairs > 0, (rows * (rows - 1)).sum(axis=-1) / np.where(pairs > 0, pairs, 1), np.nan))


def _entropy(p: Array) -> Array:
    return np.asarray(-(np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0.0)).sum(axis=-1))


def generalised_jsd(distributions: ArrayLike) -> Array:
    """Spread of V distributions over K options, 0..1: (H(mean p) - mean H(p)) / ln 2. Shape (..., V, K).

    With two options it cannot exceed 1. Rows of NaN (not measured) are left out; NaN with fewer than two rows.
    """
    rows = np.asarray(distributions, dtype=np.float64)
    known = np.asarray(~np.isnan(rows).any(axis=-1))
    count = known.sum(axis=-1)
    filled = np.where(known[..., None], rows, 0.0)
    mean = filled.sum(axis=-2) / np.maximum(count, 1)[..., None]
    inner = (_entropy(filled) * known).sum(axis=-1) / np.maximum(count, 1)
    return np.asarray(np.where(count >= 2, np.maximum(_entropy(mean) - inner, 0.0) / np.log(2), np.nan))


class Coincidences(NamedTuple):
    """The sums from which alpha is computed: ``disagreement`` (...,) and ``totals`` (..., K), both over units."""

    disagreement: Array
    totals: Array


def coincidences(counts: ArrayLike) -> Coincidences:
    """Off-diagonal coincidences and value totals of each unit, ``counts`` (units, K); a single answer forms no pair."""
    rows = np.asarray(counts, dtype=np.float64)
    n = rows.sum(axis=-1)
    pairable = np.asarray(n >= 2)
    off = (rows * (n[..., None] - rows)).sum(axis=-1)
    return Coincidences(
        np.where(pairable, off / np.where(pairable, n - 1, 1), 0.0), np.where(pairable[..., None], rows, 0.0)
    )


def alpha(parts: Coincidences) -> Array:
    """Krippendorff's nominal alpha (2011) from summed parts; NaN where only one value ever occurs. Then report
    raw agreement instead."""
    n = parts.totals.sum(axis=-1)
    expected = n**2 - (parts.totals**2).sum(axis=-1)
    defined = expected > 0
    scaled = (n - 1) * parts.disagreement / np.where(defined, expected, 1)
    return np.asarray(np.where(defined, 1 - scaled, np.nan))


def raw_agreement(parts: Coincidences) -> Array:
    """Share of pairable answers that agree, 0..1; NaN where there are none."""
    n = parts.totals.sum(axis=-1)
    return np.asarray(np.where(n > 0, 1 - parts.disagreement / np.where(n > 0, n, 1), np.nan))


def krippendorff_alpha(counts: ArrayLike) -> tuple[float, float]:
    """Alpha (NaN where undefined) and raw agreement of ``counts`` (units, K)."""
    each = coincidences(counts)
    whole = Coincidences(each.disagreement.sum(), each.totals.sum(axis=0))
    return float(alpha(whole)), float(raw_agreement(whole))


def pooled_p(k: ArrayLike, n: ArrayLike, l: ArrayLike, m: ArrayLike, rng: np.random.Generator) -> float:  # noqa: E741
    """p-value, 0..1, of the mean absolute change of shares k/n and l/m when all answers of a cell are one pool.

    Arrays are (cells,) or (cells, orders); the shares of the orders of a cell are averaged before they are compared.
    The answers of each cell and order are redistributed at random 9,999 times (hypergeometric). NaN without a cell.
    """
    first, size, second, other = (np.asarray(x).astype(np.int64) for x in (k, n, l, m))
    if not first.size:
        return float("nan")
    first, size, second, other = (x.reshape(len(x), -1) for x in (first, size, second, other))
    seen = np.abs((first / size - second / other).mean(axis=-1)).mean()
    dealt = rng.hypergeometric(first + second, size + other - first - second, size, size=(9_999, *first.shape))
    null = np.abs((dealt / size - (first + second - dealt) / other).mean(axis=-1)).mean(axis=1)
    return float((1 + np.sum(null >= seen - 1e-12)) / 10_000)
