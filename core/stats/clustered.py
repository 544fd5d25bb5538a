"""Intervals of a mean over questions when the questions belong to batteries.

A battery is a block of the questionnaire. Its questions resemble each other, so sixty questions in thirteen
batteries carry less information than sixty independent questions. The variance comes from the delete-one-battery
jackknife. The ends are those of a t interval with the effective number of batteries minus one as degrees of freedom,
(sum n)^2 / sum n^2 - 1 (Carter, Schnepel and Steigerwald 2017). A percentile bootstrap over so few batteries is too
narrow. Where every question is a battery of its own, this is the ordinary t interval.

Where all questions belong to one battery, batteries cannot be resampled. Then the questions are the units, and the
interval applies to that battery only.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from core.stats.distances import Array
from core.stats.intervals import RESAMPLES, Estimate

Labels = Sequence[object] | NDArray[np.object_] | NDArray[np.intp]
"""One battery per question; an empty label is a battery of its own."""


class Columns(NamedTuple):
    """The result of :func:`mean_columns`; arrays have one number per column.

    ``p`` is the two-sided p-value of the t test that the value is 0. ``n`` counts questions, ``batteries`` the blocks
    that they belong to. With fewer than two questions ``low``, ``high`` and ``p`` are NaN.
    """

    mean: Array
    low: Array
    high: Array
    p: Array
    n: int
    batteries: int


def battery_codes(labels: Labels | None, n: int) -> NDArray[np.intp]:
    """Batteries as numbers from 0 on, (n,). ``None`` and empty labels make each question a battery of its own.

    Raises ``ValueError`` unless there is one label per question.
    """
    if labels is None:
        return np.arange(n)
    if len(labels) != n:
        raise ValueError(f"need one battery a question: {len(labels)} labels for {n} questions")
    if isinstance(labels, np.ndarray) and labels.dtype.kind in "iu":
        return np.unique(labels, return_inverse=True)[1]
    seen: dict[object, int] = {}
    named = [label if label not in ("", None) else ("", place) for place, label in enumerate(labels)]
    return np.array([seen.setdefault(name, len(seen)) for name in named], dtype=np.intp)


def units(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """The units of resampling: the batteries, or the questions where there is only one battery."""
    return codes if codes.size and codes.max() > 0 else np.arange(codes.size)


def effective_batteries(codes: NDArray[np.intp]) -> float:
    """(sum n)^2 / sum n^2: how many equal batteries would carry as much information, from 1 to their number."""
    sizes = np.bincount(codes).astype(np.float64)
    return float(sizes.sum() ** 2 / (sizes**2).sum())


def _ends(value: Array, variance: Array, freedom: float, level: float) -> tuple[Array, Array, Array]:
    error = np.sqrt(variance)
    reach = float(scipy.special.stdtrit(freedom, (1 + level) / 2)) * error
    steps = np.divide(np.abs(value), error, out=np.full(value.shape, np.inf), where=error > 1e-12)
    p = np.where(np.isinf(steps) & (np.abs(value) <= 1e-12), 1.0, 2 * scipy.special.stdtr(freedom, -steps))
    return value - reach, value + reach, np.asarray(p)


def _columns(top: Array, bottom: Array, codes: NDArray[np.intp], level: float) -> Columns:
    """sum(top) / sum(bottom) of each column; both (n, columns) without NaN."""
    n, width = top.shape
    empty = np.full(width, np.nan)
    named = int(codes.max()) + 1 if n else 0
    if n == 0:
        return Columns(empty, empty, empty, empty, 0, 0)
    whole, under = top.sum(axis=0), bottom.sum(axis=0)
    value = np.divide(whole, under, out=empty.copy(), where=under > 0)
    if n < 2:
        return Columns(value, empty, empty, empty, n, named)
    codes = units(codes)
    count = int(codes.max()) + 1
    member = np.zeros((count, n))
    member[codes, np.arange(n)] = 1.0
    rest = under - member @ bottom
    without = np.divide(whole - member @ top, rest, out=np.full(rest.shape, np.nan), where=rest > 0)
    variance = (count - 1) / count * ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    freedom = max(effective_batteries(codes) - 1, 1.0)
    return Columns(value, *_ends(value, variance, freedom, level), n, named)


def mean_columns(values: ArrayLike, batteries: Labels | None = None, level: float = 0.95) -> Columns:
    """Mean over questions of each column of ``values`` (questions, columns), with its t interval by battery.

    Questions with a NaN in any column are left out. Raises ``ValueError`` on another shape or level.
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"values: need (questions, columns), got shape {rows.shape}")
    _check(level)
    known = ~np.isnan(rows).any(axis=1)
    codes = battery_codes(batteries, len(rows))[known]
    kept = rows[known]
    return _columns(kept, np.ones_like(kept), battery_codes(codes, len(kept)), level)


def each_mean_columns(values: ArrayLike, batteries: Labels | None = None, level: float = 0.95) -> list[Columns]:
    """:func:`mean_columns` of each table of ``values`` (tables, questions, columns).

    Where no table lacks a question that another has, all are computed in one call.
    """
    tables = np.asarray(values, dtype=np.float64)
    unknown = np.asarray(np.isnan(tables).any(axis=-1))
    if (unknown != unknown[:1]).any():
        return [mean_columns(table, batteries, level) for table in tables]
    count, n, width = tables.shape
    return split_columns(mean_columns(np.swapaxes(tables, 0, 1).reshape(n, count * width), batteries, level), width)


def split_columns(columns: Columns, width: int) -> list[Columns]:
    """``columns`` in parts of ``width``."""
    numbers = ("mean", "low", "high", "p")
    return [
        columns._replace(**{name: getattr(columns, name)[at : at + width] for name in numbers})
        for at in range(0, len(columns.mean), width)
    ]


def mean_interval(
    values: ArrayLike,
    batteries: Labels | None = None,
    level: float = 0.95,
    within: tuple[float, float] = (-np.inf, np.inf),
) -> Estimate:
    """Mean over questions with its t interval by battery, see the module.

    ``values`` (questions,) holds one number per question; calls are averaged before. NaN questions (not measured) are
    left out and not counted in ``n``. With no question everything is NaN, with one the ends are NaN. ``within`` gives
    the bounds of the measure; the ends stay within them. Raises ``ValueError`` on another shape or level.

    >>> mean_interval([0.1, 0.2, 0.3, 0.4], ["a", "a", "b", "b"]).mean
    0.25
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 1:
        raise ValueError(f"values: need one number a question, got shape {rows.shape}")
    found = mean_columns(rows[:, None], batteries, level)
    low, high = np.clip([found.low[0], found.high[0]], *within)
    return Estimate(float(found.mean[0]), float(low), float(high), found.n)


def ratio_columns(top: ArrayLike, bottom: ArrayLike, batteries: Labels | None = None, level: float = 0.95) -> Columns:
    """sum(top) / sum(bottom) of each column with its t interval by battery; both (questions, columns).

    Questions with a NaN in ``top`` or ``bottom`` are left out of all columns; NaN where the sum of ``bottom`` is 0.
    Raises the errors of :func:`mean_columns`.
    """
    above, below = np.broadcast_arrays(np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64))
    if above.ndim != 2:
        raise ValueError(f"values: need (questions, columns), got shape {above.shape}")
    _check(level)
    known = ~(np.isnan(above) | np.isnan(below)).any(axis=1)
    codes = battery_codes(batteries, len(above))[known]
    return _columns(above[known], below[known], battery_codes(codes, int(known.sum())), level)


def _check(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")


def two_stage_counts(
    batteries: Labels | None, n: int, seed: int, resamples: int = RESAMPLES, within: bool = False
) -> Array:
    """How often each of ``n`` questions is drawn in each resample, (resamples, n): batteries first, then questions.

    Batteries are drawn with replacement. Their questions are drawn without replacement, so that a drawn battery
    contributes each of them once. Drawing questions with replacement too (``within``) counts the spread inside
    batteries twice, and intervals then cover more than their level (Davison and Hinkley 1997, section 3.8). Use this
    for statistics without a formula for their variance, such as ranks. Raises ``ValueError`` below 2,000 resamples.
    """
    if resamples < RESAMPLES:
        raise ValueError(f"an interval needs at least {RESAMPLES} resamples, got {resamples}")
    codes = units(battery_codes(batteries, n))
    return _drawn(codes.tobytes(), n, seed, resamples, within)


@lru_cache(maxsize=16)
def _drawn(codes: bytes, n: int, seed: int, resamples: int, within: bool) -> Array:
    blocks, rng = np.frombuffer(codes, dtype=np.intp), np.random.default_rng(seed)
    count = int(blocks.max()) + 1 if n else 0
    if not count:
        return np.zeros((resamples, 0))
    times = rng.multinomial(count, np.full(count, 1 / count), size=resamples)
    if not within:
        drawn = times[:, blocks].astype(np.float64)
    else:
        drawn = np.zeros((resamples, n))
        for block in range(count):
            places = np.flatnonzero(blocks == block)
            size = len(places)
            drawn[:, places] = rng.multinomial(times[:, block] * size, np.full(size, 1 / size))
    drawn.setflags(write=False)
    return drawn
