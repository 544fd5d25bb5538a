"""Which groups are further from a model than others, by more than an answer that knows nothing of the groups shows.

Distances come from :mod:`core.stats.groups`. Two baselines have gaps of their own. An even guess over the options is
nearer to groups with more even answers. One answer for everybody is nearer to large groups than to small ones, even
if it is the answer of the whole population. Such gaps say nothing about the model, so the gaps of both baselines are
subtracted. Counting which group is "nearest" question by question would name a winner even where no group differs;
so only mean distances are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from core.stats.clustered import Columns, Labels, each_mean_columns, split_columns
from core.stats.distances import Array
from core.stats.signs import sign_flip_columns


class Gaps(NamedTuple):
    """Under-representation by group; positive means further from the model. All arrays are (G,).

    ``gap`` is the gap as measured. ``nets`` are the gap minus that of each baseline, in the order given. ``p_nets`` are
    the p-values of the sign test by battery for each. ``p`` is the largest of them, because only a gap beyond every
    baseline counts (an intersection-union test). ``n`` is the number of questions.
    """

    gap: Columns
    nets: tuple[Columns, ...]
    p_nets: tuple[Array, ...]
    p: Array
    n: int

    @property
    def beyond(self) -> Array:
        """True where every net gap has the same sign as the first and an interval that excludes 0, (G,)."""
        above = np.all([net.low > 0 for net in self.nets], axis=0)
        below = np.all([net.high < 0 for net in self.nets], axis=0)
        return np.asarray(above | below)


def against_others(distances: ArrayLike) -> Array:
    """Each group's distance minus the mean over the other groups, question by question; (Q, G) in and out."""
    rows = np.asarray(distances, dtype=np.float64)
    groups = rows.shape[-1]
    if groups < 2:
        return np.full(rows.shape, np.nan)
    return np.asarray((groups * rows - rows.sum(axis=-1, keepdims=True)) / (groups - 1))


def gap_test(
    distances: ArrayLike,
    baselines: Sequence[ArrayLike],
    batteries: Labels | None = None,
    seed: int = 0,
) -> Gaps:
    """Under-representation of each group, as measured and net of each baseline.

    ``distances`` and each of ``baselines`` (Q, G) are comparable distances, such as those of
    :func:`.groups.level_distances`, of the model and of an answer that knows nothing of the groups. Intervals are by
    battery (:mod:`core.stats.clustered`), p-values flip the signs of the net gaps by battery. Questions with a NaN are
    left out. Raises ``ValueError`` on another shape or without a baseline.
    """
    rows = np.asarray(distances, dtype=np.float64)
    if rows.ndim != 2:
        raise ValueError(f"distances: need (questions, groups), got shape {rows.shape}")
    return gap_tests(rows[None], baselines, batteries, seed)[0]


def gap_tests(
    distances: ArrayLike,
    baselines: Sequence[ArrayLike],
    batteries: Labels | None = None,
    seed: int = 0,
) -> list[Gaps]:
    """:func:`gap_test` of each of several answers to the same questions; ``distances`` is (answers, Q, G)."""
    every = np.asarray(distances, dtype=np.float64)
    others = [np.asarray(base, dtype=np.float64) for base in baselines]
    if every.ndim != 3 or any(base.shape != every.shape[1:] for base in others):
        raise ValueError(f"distances: need (answers, questions, groups) alike, got shape {every.shape}")
    if not others:
        raise ValueError("a gap needs a baseline to be judged against")
    own = against_others(every)
    # One call for all columns, because they use the same questions and the same jackknife.
    nets = np.stack([own - against_others(base) for base in others], axis=1)
    width = every.shape[2]
    found = each_mean_columns(np.concatenate([own, *np.swapaxes(nets, 0, 1)], axis=-1), batteries)
    p = _sign_flips(nets, batteries, seed)
    return [
        Gaps(parts[0], tuple(parts[1:]), tuple(mine), np.max(mine, axis=0), parts[0].n)
        for parts, mine in zip((split_columns(columns, width) for columns in found), p, strict=True)
    ]


def _sign_flips(nets: Array, batteries: Labels | None, seed: int) -> Array:
    """p-values (answers, baselines, groups) of ``nets`` (answers, baselines, questions, groups)."""
    answers, baselines, questions, groups = nets.shape
    rows = np.moveaxis(nets, 2, 0).reshape(questions, answers, baselines * groups)
    unknown = np.asarray(np.isnan(rows).any(axis=2))
    if (unknown != unknown[:, :1]).any():
        p = np.array([sign_flip_columns(rows[:, at], batteries, seed) for at in range(answers)])
    else:
        p = sign_flip_columns(rows.reshape(questions, -1), batteries, seed)
    return p.reshape(answers, baselines, groups)


class Range(NamedTuple):
    """The groups with the smallest and the largest net gap, and how far apart they are.

    They are picked after the data were seen. So the interval is widened for all pairs, and ``p`` is the p-value of the
    t test times the number of pairs (Bonferroni).
    """

    near: int
    far: int
    difference: float
    low: float
    high: float
    p: float


def widest_contrast(net: ArrayLike, batteries: Labels | None = None, level: float = 0.95) -> Range:
    """The widest contrast among net distances (Q, G); NaN ends and p with fewer than two questions."""
    return widest_contrasts(np.asarray(net, dtype=np.float64)[None], batteries, level)[0]


def widest_contrasts(nets: ArrayLike, batteries: Labels | None = None, level: float = 0.95) -> list[Range]:
    """:func:`widest_contrast` of each of several answers to the same questions; ``nets`` is (answers, Q, G)."""
    every = np.asarray(nets, dtype=np.float64)
    means = np.nanmean(every, axis=1)
    near, far = np.argmin(means, axis=1), np.argmax(means, axis=1)
    pairs = every.shape[2] * (every.shape[2] - 1) // 2
    at = np.arange(len(every))
    apart = (every[at, :, far] - every[at, :, near])[..., None]
    found = each_mean_columns(apart, batteries, 1 - (1 - level) / pairs)
    return [
        Range(
            near=int(nearest),
            far=int(farthest),
            difference=float(one.mean[0]),
            low=float(one.low[0]),
            high=float(one.high[0]),
            p=min(1.0, float(one.p[0]) * pairs),
        )
        for nearest, farthest, one in zip(near, far, found, strict=True)
    ]
