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

from core.stats.clustered import Columns, Labels, mean_columns
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
    others = [np.asarray(base, dtype=np.float64) for base in baselines]
    if rows.ndim != 2 or any(base.shape != rows.shape for base in others):
        raise ValueError(f"distances: need (questions, groups) alike, got shape {rows.shape}")
    if not others:
        raise ValueError("a gap needs a baseline to be judged against")
    own = against_others(rows)
    nets = [own - against_others(base) for base in others]
    # One call for all columns, because they use the same questions and the same jackknife.
    width = rows.shape[1]
    found = _split(mean_columns(np.hstack([own, *nets]), batteries), width)
    p = np.split(sign_flip_columns(np.hstack(nets), batteries, seed), len(nets))
    return Gaps(found[0], tuple(found[1:]), tuple(p), np.max(p, axis=0), found[0].n)


def _split(columns: Columns, width: int) -> list[Columns]:
    """``columns`` in parts of ``width``."""
    numbers = ("mean", "low", "high", "p")
    return [
        columns._replace(**{name: getattr(columns, name)[at : at + width] for name in numbers})
        for at in range(0, len(columns.mean), width)
    ]


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
    rows = np.asarray(net, dtype=np.float64)
    means = np.nanmean(rows, axis=0)
    near, far = int(np.argmin(means)), int(np.argmax(means))
    pairs = rows.shape[1] * (rows.shape[1] - 1) // 2
    found = mean_columns((rows[:, far] - rows[:, near])[:, None], batteries, 1 - (1 - level) / pairs)
    difference, low, high, p = (float(column[0]) for column in found[:4])
    return Range(near, far, difference, low, high, min(1.0, p * pairs))
