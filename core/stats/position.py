"""Does a model prefer a place in the list, whichever option is printed there?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.stats.distances import Array, as_distribution


def place_profile(rotations: ArrayLike) -> Array:
    """Mean probability on each printed place, shape (..., K), 1/K everywhere for a model that reads the options.

    ``rotations`` has shape (..., R, K): R printed orders, each row in *printed* order. Each option must have been
    in each place equally often, or the content of the options affects the result; so R must be a multiple of K. NaN
    where any row is NaN. Raises ``ValueError`` on other shapes or rows that are no distributions.
    """
    rows = as_distribution(rotations, "rotations")
    if rows.ndim < 2 or rows.shape[-2] == 0 or rows.shape[-2] % rows.shape[-1]:
        raise ValueError(f"rotations: need (..., R, K) with R a multiple of K, got shape {rows.shape}")
    return np.asarray(rows.mean(axis=-2))


def position_bias(rotations: ArrayLike) -> Array:
    """Mean probability on the first printed place minus 1/K, from -1/K to 1 - 1/K; 0 means no preference.

    Input as in :func:`place_profile`.
    """
    profile = place_profile(rotations)
    return np.asarray(profile[..., 0] - 1 / profile.shape[-1])
