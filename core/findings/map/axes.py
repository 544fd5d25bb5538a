"""Two axes through the answers of countries: principal components of their mean answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.once import once
from core.stats.distances import Array
from core.surveys import shipped_survey
from core.surveys.published import ITEMS


class Axes(NamedTuple):
    """A plane fitted on ``countries`` (C,) over ``items`` (n,).

    Answers are standardised by ``mean`` and ``spread`` (n,), the standard deviation over countries. ``directions`` (2,
    n) have length 1 and are at right angles. ``explained`` (2,) are the shares of the variance between countries that
    the axes explain. ``points`` (C, 2) are the countries, ``off`` (C,) the distance of each to a plane fitted on the
    *others*, so that a country is treated like a model.
    """

    items: tuple[str, ...]
    countries: tuple[str, ...]
    mean: Array
    spread: Array
    directions: Array
    explained: Array
    points: Array
    off: Array

    def place(self, answers: Array) -> tuple[Array, Array]:
        """Points (M, 2) of mean answers (M, n) on the plane, and their distances (M,) to it.

        The distance is the root mean square over items of the part outside the plane, in standard deviations of the
        countries; 0 is in the plane.
        """
        scaled = (np.asarray(answers, dtype=np.float64) - self.mean) / self.spread
        points = scaled @ self.directions.T
        rest = scaled - points @ self.directions
        return points, np.sqrt((rest**2).mean(axis=-1))


def fit_axes(means: Array, items: tuple[str, ...], countries: tuple[str, ...]) -> Axes:
    """The plane of ``means`` (countries, items), at least four countries. Raises ``ValueError`` on fewer or on a NaN.

    The first axis points to higher answers on average, the second to the higher answer on the item with its largest
    weight.
    """
    if len(means) < 4 or np.isnan(means).any():
        raise ValueError("a plane needs at least four countries that have all items")
    found = _plane(means)
    off = [_plane(np.delete(means, at, axis=0)).place(means[at][None])[1][0] for at in range(len(means))]
    points, _ = found.place(means)
    return found._replace(items=items, countries=countries, points=points, off=np.array(off))


def _plane(means: Array) -> Axes:
    mean, spread = means.mean(axis=0), means.std(axis=0, ddof=1)
    _, sizes, across = np.linalg.svd((means - mean) / spread, full_matrices=False)
    directions = (
        across[:2] * np.array([np.sign(across[0].sum()), np.sign(across[1][np.abs(across[1]).argmax()])])[:, None]
    )
    nothing = np.empty(0)
    return Axes((), (), mean, spread, directions, sizes[:2] ** 2 / (sizes**2).sum(), nothing, nothing)


@once
def country_axes(items: tuple[str, ...] = ITEMS) -> Axes:
    """The plane of all countries of the shipped survey that have every one of ``items``, ladders such as 1..10."""
    known = shipped_survey().country_means(items).dropna()
    return fit_axes(known.to_numpy(float), items, tuple(known.index))
