"""Intervals of a mean that is uncertain in two ways, by the choice of questions and by the choice of developers.

Both are drawn anew and their variances added (two-way clustering: Cameron, Gelbach and Miller 2011). A plain bootstrap
over few clusters is too narrow (the same, 2008), so the ends are those of a t interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from core.stats.distances import Array


class Component(NamedTuple):
    """One source of uncertainty of a mean: its variance and degrees of freedom."""

    variance: float
    freedom: int


def component(draws: Array, n: int) -> Component:
    """What ``n`` questions or clusters contribute, from the means that drawing them anew gave.

    The variance is widened by n / (n - 1), as drawing from few with replacement makes it too small. NaN below two, or
    where more than one draw in twenty is NaN.
    """
    known = draws[~np.isnan(draws)]
    if n < 2 or known.size < max(2.0, 0.95 * draws.size):
        return Component(float("nan"), 0)
    return Component(float(known.var(ddof=1)) * n / (n - 1), n - 1)


def interval(mean: float, parts: Iterable[Component], level: float = 0.95) -> tuple[float, float]:
    """Ends of the t interval around ``mean`` with the summed variance of independent ``parts``.

    Degrees of freedom by Satterthwaite (1946). NaN where a part is NaN; no width where all variances are 0.
    """
    listed = list(parts)
    total = sum(part.variance for part in listed)
    if not listed or np.isnan(total) or np.isnan(mean):
        return float("nan"), float("nan")
    if total == 0:
        return mean, mean
    freedom = 1 / sum((part.variance / total) ** 2 / part.freedom for part in listed)
    reach = float(scipy.special.stdtrit(freedom, (1 + level) / 2)) * total**0.5
    return mean - reach, mean + reach


def cluster_component(values: Array, clusters: pd.Series, seed: int, resamples: int = 2_000) -> Component:
    """What the choice of clusters (developers) contributes to the mean of ``values`` (models,)."""
    codes, names = pd.factorize(clusters)
    d = len(names)
    if d < 2:
        return Component(float("nan"), 0)
    drawn = np.random.default_rng(seed).multinomial(d, np.full(d, 1 / d), size=resamples)[:, codes]
    return component(drawn @ values / drawn.sum(axis=1), d)
