"""Which groups of people stand further from a model than others, and whether that is more than chance.

An :class:`Item` is one question: the model's answer and the answers of each group. Two traps are avoided here. A small
group looks further from everything, because its shares carry more sampling noise; so distances that are compared are
taken after every group has been thinned to the size of the smallest. And counting which group is "nearest" question by
question crowns a group even where none differs; so only mean distances are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.metrics.distances import Array, as_distribution, dispersion_ratio, emd_ordinal, total_variation
from core.metrics.intervals import RESAMPLES, benjamini_hochberg

THINNINGS = 24
PERMUTATIONS = 1_999
CHANCE_DRAWS = 100
_LISTED = 6  # up to here all orders of the groups are listed (720), which is faster than shuffling


class Item(NamedTuple):
    """One question: ``model`` (K,) or one row a group (G, K); ``people`` (G, K); ``n`` (G,) effective respondents.

    Options stand in scale order; ``ordinal`` picks EMD, else total variation. Rows sum to 1.
    """

    model: Array
    people: Array
    n: Array
    ordinal: bool


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


class HumanGaps(NamedTuple):
    """How far each group stands from the other groups, (G,), and what equal groups of these sizes would show.

    ``mean`` is over questions; ``chance`` and ``chance_high`` are the mean and the 95 % point when group labels mean
    nothing. A ``mean`` under ``chance_high`` says that the survey itself cannot tell the groups apart.
    """

    mean: Array
    chance: Array
    chance_high: Array


Measure = Callable[[Array, Array], Array]


class _Batch(NamedTuple):
    """Items that share options and scale: places, distance, model and people (Q, G, K), n (Q, G)."""

    places: list[int]
    measure: Measure
    model: Array
    people: Array
    n: NDArray[np.int64]


def _batches(items: Sequence[Item]) -> list[_Batch]:
    if len({len(item.people) for item in items}) > 1:
        raise ValueError("all items must hold the same groups")
    alike: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        alike[np.shape(item.people)[-1], item.ordinal].append(place)
    out = []
    for (_, ordinal), places in alike.items():
        people = as_distribution(np.stack([items[i].people for i in places]), "people")
        rows = [np.broadcast_to(np.asarray(items[i].model, dtype=np.float64), people.shape[1:]) for i in places]
        n = np.maximum(1, np.round(np.stack([items[i].n for i in places]))).astype(np.int64)
        measure = emd_ordinal if ordinal else total_variation
        out.append(_Batch(places, measure, as_distribution(np.stack(rows), "model"), people, n))
    return out


def _shape(items: Sequence[Item]) -> tuple[int, int]:
    return len(items), len(items[0].people) if items else 0


def group_distances(items: Sequence[Item]) -> Array:
    """Distance of the model to each group as measured, shape (Q, G), 0..1. Not to be compared across group sizes."""
    found = np.full(_shape(items), np.nan)
    for places, measure, model, people, _ in _batches(items):
        found[places] = measure(people, model)
    return found


def group_spreads(items: Sequence[Item]) -> Array:
    """Standard deviation of the model over that of each group, (Q, G); NaN on nominal questions."""
    found = np.full(_shape(items), np.nan)
    for places, measure, model, people, _ in _batches(items):
        if measure is emd_ordinal:
            found[places] = dispersion_ratio(people, model)
    return found


def level_distances(items: Sequence[Item], rng: np.random.Generator, draws: int = THINNINGS) -> Array:
    """Distances (Q, G) after each group is thinned at random to the size of the smallest one; mean of ``draws``.

    A draw of m people with 1/m = 1/n_min - 1/n adds just the sampling noise that a group of n_min has more than one
    of n. Groups without a real difference then have the same expected distance whatever their sizes.
    """
    found = np.full(_shape(items), np.nan)
    for places, measure, model, people, n in _batches(items):
        smallest = n.min(axis=1, keepdims=True)
        larger = n > smallest
        size = np.where(larger, np.round(n * smallest / np.maximum(n - smallest, 1)), 1).astype(np.int64)
        shares = rng.multinomial(size, people, size=(draws, *n.shape)) / size[..., None]
        thinned = np.where(larger[..., None], shares, people)
        found[places] = measure(thinned, np.broadcast_to(model, thinned.shape)).mean(axis=0)
    return found


def against_others(distances: ArrayLike) -> Array:
    """Each group's distance minus the mean over the other groups, question by question; (Q, G) in and out."""
    rows = np.asarray(distances, dtype=np.float64)
    groups = rows.shape[-1]
    if groups < 2:
        return np.full(rows.shape, np.nan)
    return np.asarray((groups * rows - rows.sum(axis=-1, keepdims=True)) / (groups - 1))


@lru_cache(maxsize=32)
def bootstrap_counts(n: int, seed: int, resamples: int = RESAMPLES) -> Array:
    """How often each of ``n`` questions is drawn in each resample, (resamples, n); the same array at each call.

    Raises ``ValueError`` below 2,000 resamples.
    """
    if resamples < RESAMPLES:
        raise ValueError(f"an interval needs at least {RESAMPLES} resamples, got {resamples}")
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples)
    counts = np.asarray(drawn, dtype=np.float64)
    counts.setflags(write=False)
    return counts


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
    if groups <= _LISTED:
        every = np.array(list(permutations(range(groups))))
        relabelled = gaps[:, every]  # (Q, orders of the groups, G)
        picks = rng.integers(len(every), size=(orders, n))
        drawn = relabelled[np.arange(n), picks]
    else:
        drawn = rng.permuted(np.broadcast_to(gaps, (orders, n, groups)), axis=-1)
    null = _studentised(drawn.sum(axis=1), np.einsum("pqg,pqg->pg", drawn, drawn), n)
    reached = (null >= observed - 1e-12).sum(axis=0)
    return np.asarray((reached + 1) / (orders + 1))


def human_gaps(items: Sequence[Item], rng: np.random.Generator, draws: int = CHANCE_DRAWS) -> HumanGaps:
    """Mean distance of each group to the other groups of its dimension, beside what chance alone gives.

    Chance: groups of the same sizes drawn from the pooled answers (weighted by ``n``), ``draws`` times.
    """
    questions, groups = _shape(items)
    if questions == 0 or groups < 2:
        empty = np.full(groups, np.nan)
        return HumanGaps(empty, empty, empty)
    seen = np.zeros(groups)
    null = np.zeros((draws, groups))
    for _, measure, _, people, n in _batches(items):
        pooled = (people * n[..., None]).sum(axis=1, keepdims=True) / n.sum(axis=1)[:, None, None]
        pooled = np.broadcast_to(as_distribution(pooled), people.shape)
        sampled = rng.multinomial(n, pooled, size=(draws, *n.shape)) / n[..., None]
        seen += _between(people, measure).sum(axis=0)
        null += _between(sampled, measure).sum(axis=1)
    null /= questions
    return HumanGaps(seen / questions, null.mean(axis=0), np.quantile(null, 0.95, axis=0))


def _between(people: Array, measure: Measure) -> Array:
    """Mean distance of each group to the others: (..., G, K) in, (..., G) out."""
    groups = people.shape[-2]
    total = np.zeros(people.shape[:-1])
    for left in range(groups):
        for right in range(left + 1, groups):
            apart = measure(people[..., left, :], people[..., right, :])
            total[..., left] += apart
            total[..., right] += apart
    return np.asarray(total / (groups - 1))
