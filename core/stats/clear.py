"""The one rule by which a figure is a finding."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANT = 0.05
"""A p-value below this is significant."""


def clear_sign(mean: ArrayLike, low: ArrayLike, high: ArrayLike, p: ArrayLike, least: ArrayLike) -> NDArray[np.int_]:
    """1 where a figure is clearly above 0, -1 where it is clearly below, 0 where nothing may be said of it.

    All of this is needed: the 95 % interval from ``low`` to ``high`` leaves out 0, ``p`` (adjusted where several
    figures were looked at) is below :data:`SIGNIFICANT`, and ``mean`` is at least ``least`` away from 0. A NaN is no
    finding.

    >>> clear_sign([0.3, 0.3, -0.3, 0.1], [0.1, 0.1, -0.5, 0.05], [0.5, 0.5, -0.1, 0.15], [0.01, 0.2, 0.01, 0.01], 0.2)
    array([ 1,  0, -1,  0])
    """
    at, lower, upper = (np.asarray(part, dtype=float) for part in (mean, low, high))
    sure = ((lower > 0) | (upper < 0)) & (np.asarray(p, dtype=float) < SIGNIFICANT)
    return np.where(sure & (np.abs(at) >= np.asarray(least, dtype=float)), np.sign(at), 0).astype(int)
