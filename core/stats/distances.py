"""How far apart two answer distributions are.

Every function takes arrays whose last axis runs over the K >= 2 options, in scale order, and works on all leading
axes at once (they broadcast). ``p`` is the human side, ``q`` the model side. Input is checked: a negative share, a
row that does not sum to 1 within ``TOLERANCE``, or two different K raise ``ValueError``. Rows inside the tolerance
(rounded shares) are rescaled to sum to exactly 1. A row that contains a NaN gives NaN: a model that put no mass on
any option has no distance, and must not look like a model that has one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from core.types import Question

Array = NDArray[np.float64]

TOLERANCE = 1e-3
"""The largest deviation of the sum of a row from 1; shares printed with three to five digits pass."""


def as_distribution(values: ArrayLike, name: str = "p") -> Array:
    """``values`` as checked float rows that sum to 1; NaN rows stay wholly NaN. Raises ``ValueError``."""
    rows = np.array(values, dtype=np.float64)
    if rows.ndim == 0 or rows.shape[-1] < 2:
        raise ValueError(f"{name}: the last axis must hold at least two options, got shape {rows.shape}")
    unknown = np.isnan(rows).any(axis=-1)
    some = bool(unknown.any())
    known = rows[~unknown] if some else rows
    if (known < 0).any():
        raise ValueError(f"{name}: a probability is negative")
    totals = known.sum(axis=-1)
    off = ~(np.abs(totals - 1) <= TOLERANCE)
    if off.any():
        raise ValueError(f"{name}: probabilities sum to {totals[off][0]:.6g}, not to 1")
    if not some:
        rows /= totals[..., None]
        return rows
    rows[~unknown] = known / totals[..., None]
    rows[unknown] = np.nan
    return rows


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Array, Array]:
    left, right = as_distribution(p, "p"), as_distribution(q, "q")
    if left.shape[-1] != right.shape[-1]:
        raise ValueError(f"p has {left.shape[-1]} options and q has {right.shape[-1]}")
    return left, right


def jsd(p: ArrayLike, q: ArrayLike) -> Array:
    """Jensen-Shannon divergence in bits, 0 (same) to 1 (nothing in common).

    The divergence itself, not its square root: mean of KL(p, m) and KL(q, m) with m halfway between (Lin 1991).
    """
    left, right = _pair(p, q)
    # Both sides are doubled: half of the smallest float is 0, and a share would then be divided by 0.
    both = left + right
    nats = (scipy.special.rel_entr(2 * left, both) + scipy.special.rel_entr(2 * right, both)).sum(axis=-1) / 4
    return np.asarray(np.clip(nats / np.log(2), 0.0, 1.0))


def similarity(p: ArrayLike, q: ArrayLike) -> Array:
    """1 - :func:`jsd`, 0 to 1; 1 means the same distribution."""
    return np.asarray(1 - jsd(p, q))


def similarity_as_published(p: ArrayLike, q: ArrayLike) -> Array:
    """1 - sqrt(JSD in nats), about 0.167 to 1: the score of arXiv 2502.07068.

    Use it only to compare with that paper. It differs from :func:`similarity` and never reaches 0.
    """
    return np.asarray(1 - np.sqrt(jsd(p, q) * np.log(2)))


def emd_ordinal(p: ArrayLike, q: ArrayLike) -> Array:
    """Earth mover's distance on an ordinal scale, 0 to 1 (all mass from one end to the other).

    Sum over the first K-1 options of the absolute difference of the cumulative shares, divided by K-1. Options must be
    in scale order and count as evenly spaced. It has no meaning for a nominal question.
    """
    left, right = _pair(p, q)
    gaps = np.abs(np.cumsum(left - right, axis=-1)[..., :-1])
    return np.asarray(np.clip(gaps.sum(axis=-1) / (left.shape[-1] - 1), 0.0, 1.0))


def total_variation(p: ArrayLike, q: ArrayLike) -> Array:
    """Total variation, 0 to 1: the share of answers that would have to change option. The order does not matter."""
    left, right = _pair(p, q)
    return np.asarray(np.clip(np.abs(left - right).sum(axis=-1) / 2, 0.0, 1.0))


def distance_for(question: Question) -> Callable[[ArrayLike, ArrayLike], Array]:
    """The distance that suits the scale of ``question``: :func:`emd_ordinal` where its options have an order, else
    :func:`total_variation`. Only this function decides it.
    """
    return emd_ordinal if question.scale == "ordinal" else total_variation


def _positions(k: int, positions: ArrayLike | None) -> Array:
    places = np.arange(k, dtype=np.float64) if positions is None else np.asarray(positions, dtype=np.float64)
    if places.shape != (k,):
        raise ValueError(f"positions: need one for each of the {k} options, got shape {places.shape}")
    if not np.isfinite(places).all():
        raise ValueError("positions: all must be finite numbers")
    return places


def mean_shift(p: ArrayLike, q: ArrayLike, positions: ArrayLike | None = None) -> Array:
    """Mean position of q minus mean position of p, in scale steps; positive where q is nearer to the last option.

    ``positions`` (K,) replaces the steps 0..K-1, for example with the codes of a 1..10 ladder.
    """
    left, right = _pair(p, q)
    return np.asarray((right - left) @ _positions(left.shape[-1], positions))


def dispersion_ratio(p: ArrayLike, q: ArrayLike, positions: ArrayLike | None = None) -> Array:
    """Standard deviation of q divided by that of p, 0 or more; below 1 the model spreads less than the group.

    NaN where all of p is on one option, because there is no spread to compare with.
    """
    left, right = _pair(p, q)
    places = _positions(left.shape[-1], positions)

    def spread(rows: Array) -> Array:
        deviations = places - (rows @ places)[..., None]
        return np.asarray(np.sqrt((rows * deviations**2).sum(axis=-1)))

    human, model = np.broadcast_arrays(spread(left), spread(right))
    return np.asarray(np.divide(model, human, out=np.full(human.shape, np.nan), where=human > 1e-12))


def skill(d: ArrayLike, d_baseline: ArrayLike) -> Array:
    """1 - d/d_baseline, at most 1: 1 is a perfect match, 0 no better than the baseline, below 0 worse.

    ``d`` and ``d_baseline`` are distances to the same people, in the same metric. NaN where the baseline itself is
    perfect (distance 0). Raises ``ValueError`` on a negative distance.
    """
    own, base = np.broadcast_arrays(np.asarray(d, dtype=np.float64), np.asarray(d_baseline, dtype=np.float64))
    if (own < 0).any() or (base < 0).any():
        raise ValueError("a distance is negative")
    ratio = np.divide(own, base, out=np.full(own.shape, np.nan), where=base > 0)
    return np.asarray(1 - ratio)


def entropy(p: ArrayLike, normalised: bool = False) -> Array:
    """Shannon entropy in bits, 0 to log2 K; ``normalised`` divides by log2 K, so 1 means evenly spread."""
    rows = as_distribution(p)
    bits = scipy.special.entr(rows).sum(axis=-1) / np.log(2)
    # + 0.0 turns the minus zero of a one-hot row into a plain zero.
    return np.asarray(bits / np.log2(rows.shape[-1]) if normalised else bits) + 0.0
