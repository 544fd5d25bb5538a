"""A weighted vote over distributions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from core.stats.distances import Array, as_distribution


def vote_weights(base: ArrayLike, distorted: ArrayLike, penalty: float) -> Array:
    """Weights (F,) that sum to 1: ``base`` x (1 - ``penalty`` x ``distorted``), then divided by their sum.

    ``base`` (F,) need not sum to 1; a voter with zero is left out. ``distorted`` (F,) are probabilities 0..1,
    ``penalty`` is 0..1. Raises ``ValueError`` on negative, infinite or missing numbers, and where all weights are 0.
    """
    raw, bent = np.asarray(base, dtype=np.float64), np.asarray(distorted, dtype=np.float64)
    if raw.ndim != 1 or raw.shape != bent.shape:
        raise ValueError(f"base and distorted need one number a voter, got shapes {raw.shape} and {bent.shape}")
    if not (np.isfinite(raw).all() and (raw >= 0).all()):
        raise ValueError("a weight is negative or not a number")
    if not ((bent >= 0) & (bent <= 1)).all() or not 0 <= penalty <= 1:
        raise ValueError("distorted and penalty must lie between 0 and 1")
    scaled = raw * (1 - penalty * bent)
    total = float(scaled.sum())
    if total <= 0:
        raise ValueError("all weights are 0: there is nobody to vote")
    return np.asarray(scaled / total)


def weighted_vote(weights: ArrayLike, rows: ArrayLike) -> Array:
    """The mixture (K,) of ``rows`` (F, K) by ``weights`` (F,), which must sum to 1 (to 1e-9).

    Raises ``ValueError`` on other weights, or on rows that are no distributions or hold a NaN.
    """
    shares, votes = np.asarray(weights, dtype=np.float64), as_distribution(rows, "rows")
    if votes.ndim != 2 or shares.shape != (votes.shape[0],):
        raise ValueError(f"need one weight a row, got shapes {shares.shape} and {votes.shape}")
    if not (shares >= 0).all() or abs(float(shares.sum()) - 1) > 1e-9:
        raise ValueError(f"weights must be at least 0 and sum to 1, not to {float(shares.sum()):.6g}")
    if np.isnan(votes).any():
        raise ValueError("a row is unknown; leave it out of the vote")
    return np.asarray(shares @ votes)
