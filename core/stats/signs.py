"""The sign test: how often is a mean this far from 0 if either sign of the differences of a battery is equally likely?

The signs of all differences of a battery are flipped together, because its questions are not independent. It is the
only test of a paired difference in this project.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from core.stats.clustered import Labels, battery_codes, units
from core.stats.distances import Array

ALL_SIGNS = 13
"""Up to this many batteries all signs are tried (8,192), else :data:`FLIPS` random ones."""
FLIPS = 4_999
AT_ONCE = 240_000
"""Products that are added at once. More of them leave the processor's cache, and the matrix product starts threads
that wait longer for each other than they compute."""


@lru_cache(maxsize=24)
def _signs(count: int, seed: int, flips: int) -> tuple[Array, int]:
    """Signs (draws, count), and how many to add to both counts: 1 for random signs, so that p is never 0.

    Where all signs are tried these are one half of them; the other half are the same with every sign turned, and a mean
    is as far from 0 under both.

    The result is cached: a page asks for hundreds of tests of the same batteries, and drawing takes longer than
    testing.
    """
    if count <= ALL_SIGNS:
        ups, extra = (np.arange(2 ** (count - 1))[:, None] >> np.arange(count)) & 1, 0
    else:
        ups, extra = np.random.default_rng(seed).integers(2, size=(flips, count)), 1
    signs: Array = 1.0 - 2.0 * ups.astype(np.float64)
    signs.setflags(write=False)
    return signs, extra


def sign_flip_columns(values: ArrayLike, batteries: Labels | None = None, seed: int = 0, flips: int = FLIPS) -> Array:
    """Two-sided p-values (columns,) that the mean of each column of ``values`` (questions, columns) is 0.

    Questions with a NaN in any column are left out. NaN with fewer than two questions; 1 where a column is all 0.
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"values: need (questions, columns), got shape {rows.shape}")
    known = ~np.isnan(rows).any(axis=1)
    codes = units(battery_codes(battery_codes(batteries, len(rows))[known], int(known.sum())))
    rows = rows[known]
    if len(rows) < 2:
        return np.full(rows.shape[1], np.nan)
    count = int(codes.max()) + 1
    sums = np.zeros((count, rows.shape[1]))
    np.add.at(sums, codes, rows)
    signs, extra = _signs(count, seed, flips)
    least = np.abs(rows.sum(axis=0)) - 1e-12
    reached = np.zeros(rows.shape[1], dtype=np.int64)
    step = max(1, AT_ONCE // max(1, sums.size))
    for start in range(0, len(signs), step):
        totals = signs[start : start + step] @ sums
        reached += np.count_nonzero(np.abs(totals, out=totals) >= least, axis=0)
    return np.asarray((reached + extra) / (len(signs) + extra))


def sign_flip_p(differences: ArrayLike, batteries: Labels | None = None, seed: int = 0, flips: int = FLIPS) -> float:
    """Two-sided p-value, 0..1, of a paired mean difference, see :func:`sign_flip_columns`.

    >>> sign_flip_p([3, 2, 1])
    0.25
    """
    rows = np.asarray(differences, dtype=np.float64)
    return float(sign_flip_columns(rows[:, None], batteries, seed, flips)[0])


def smallest_p(batteries: int, flips: int = FLIPS) -> float:
    """The smallest p-value that the sign test can give with this many batteries: 2 / 2^G, or 1 / (flips + 1).

    NaN with fewer than two batteries. The design cannot show a result that needs a smaller p-value, whatever the data.
    """
    if batteries < 2:
        return float("nan")
    return 2 / 2**batteries if batteries <= ALL_SIGNS else 1 / (flips + 1)


def smallest_adjusted_p(batteries: int, tests: int) -> float:
    """The smallest p-value that a single result can have after Benjamini-Hochberg over ``tests``, at most 1."""
    return min(1.0, smallest_p(batteries) * max(1, tests))
