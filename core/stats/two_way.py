"""Means over models and questions; their intervals allow for the choice of questions and of developers.

Two-way clustering of Cameron, Gelbach and Miller (2011): the variance by battery plus the variance by developer minus
that of their intersection, which both contain. The factor G / (G - 1) of each part and a t interval correct for small
numbers of clusters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from core.stats.clustered import Labels, battery_codes, units
from core.stats.distances import Array


class TwoWay(NamedTuple):
    """Mean over models with its interval, and the parts of its variance.

    ``by_question`` and ``by_cluster`` are the variances that resampling batteries and developers would give.
    ``shared`` is the variance of their cells, which both contain; it is subtracted once. ``freedom`` are the degrees
    of freedom (Satterthwaite 1946). Ends are NaN with fewer than two clusters of either kind, unless there is only one
    question: then only clusters are resampled.
    """

    mean: float
    low: float
    high: float
    by_question: float
    by_cluster: float
    shared: float
    freedom: float

    @property
    def p(self) -> float:
        """Two-sided p-value of the t test that the mean is 0; NaN without an interval."""
        if np.isnan(self.low):
            return float("nan")
        error = (self.high - self.low) / 2 / float(scipy.special.stdtrit(self.freedom, 0.975))
        if error <= 0:
            return 1.0 if self.mean == 0 else 0.0
        return float(2 * scipy.special.stdtr(self.freedom, -abs(self.mean) / error))


def _sums(weighted: Array, codes: NDArray[np.intp]) -> Array:
    """``weighted`` (rows, ...) added up within codes, (groups, ...)."""
    out = np.zeros((int(codes.max()) + 1, *weighted.shape[1:]))
    np.add.at(out, codes, weighted)
    return out


def two_way(
    values: Array,
    clusters: Labels,
    batteries: Labels | None = None,
    sides: Array | None = None,
) -> TwoWay:
    """Mean of ``values`` (models, questions) over models. The value of a model is the mean of its questions.

    NaN is a question that was not asked. ``clusters`` names the developer of each model. ``sides`` (models,) contains
    1 and -1 for a difference: the mean of the models with 1 minus the mean of those with -1. Raises ``ValueError``
    where a model has no question.
    """
    known = ~np.isnan(values)
    if not known.any(axis=1).all():
        raise ValueError("a model has no question")
    signs = np.ones(len(values)) if sides is None else np.asarray(sides, dtype=np.float64)
    point = np.nanmean(values, axis=1)
    weight, centre = np.zeros(len(values)), np.zeros(len(values))
    for sign in np.unique(signs):
        mine = signs == sign
        weight[mine], centre[mine] = sign / mine.sum(), point[mine].mean()
    mean = float(weight @ point)
    cells = np.where(known, (values - centre[:, None]) * (weight / known.sum(axis=1))[:, None], 0.0)
    makers, blocks = battery_codes(clusters, len(values)), units(battery_codes(batteries, values.shape[1]))
    by_maker = _sums(cells, makers)
    both = _sums(by_maker.T, blocks)
    counts = int(makers.max()) + 1, int(blocks.max()) + 1
    by_cluster, by_question = _part(both.sum(axis=0)), _part(both.sum(axis=1))
    if values.shape[1] == 1:
        return _interval(mean, 0.0, by_cluster, 0.0, (counts[0], 1))
    return _interval(mean, by_question, by_cluster, _part(both.ravel()), counts)


def _part(sums: Array) -> float:
    """Variance of a total from the sums of its independent groups; NaN with one group."""
    n = sums.size
    return float(n / (n - 1) * (sums**2).sum()) if n > 1 else float("nan")


def _interval(mean: float, by_question: float, by_cluster: float, shared: float, counts: tuple[int, int]) -> TwoWay:
    total = by_question + by_cluster - shared
    if np.isnan(total):
        nan = float("nan")
        return TwoWay(mean, nan, nan, by_question, by_cluster, shared, nan)
    # The difference of estimated variances may be smaller than the larger part, which is impossible for true variances.
    total = max(total, by_question, by_cluster)
    freedom = _freedom(by_question, by_cluster, counts)
    reach = float(scipy.special.stdtrit(freedom, 0.975)) * total**0.5
    return TwoWay(mean, mean - reach, mean + reach, by_question, by_cluster, shared, freedom)


def _freedom(by_question: float, by_cluster: float, counts: tuple[int, int]) -> float:
    makers, blocks = counts
    whole = by_question + by_cluster
    if whole == 0:
        return float(max(1, makers - 1))
    squares = by_cluster**2 / max(1, makers - 1) + (by_question**2 / (blocks - 1) if blocks > 1 else 0.0)
    return whole**2 / squares
