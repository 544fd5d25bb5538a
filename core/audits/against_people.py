"""Compares a model's answer with the answers of people: distance, both baselines, skill and the noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.stats.distances import distance_for, emd_ordinal, entropy, jsd, skill
from core.stats.intervals import noise_floor
from core.types import Frozen, OptionDistribution, Question, Reference

DistanceName = Literal["emd", "total_variation"]
FLOOR_DRAWS = 2000


class Comparison(Frozen):
    """Distances 0..1; ``None`` where a baseline is unknown. EMD on ordinal questions, else total variation.

    ``floor_low`` and ``floor_high`` are the 5 % and 95 % points of the distance between the human distribution and
    ``floor_n`` draws from it. That is the distance of a perfect answer of that size.
    """

    name: DistanceName
    distance: float
    jsd: float
    uniform: float
    uniform_jsd: float
    others: float | None
    others_jsd: float | None
    skill_uniform: float | None
    skill_others: float | None
    floor_low: float
    floor_high: float
    floor_n: int
    entropy: float
    human_entropy: float


def distance_of(question: Question) -> DistanceName:
    """The distance that suits the scale of this question."""
    return "emd" if distance_for(question) is emd_ordinal else "total_variation"


def compare(
    distribution: OptionDistribution,
    reference: Reference,
    question: Question,
    others: Sequence[float] | None = None,
    seed: int = 0,
) -> Comparison | None:
    """Compare an answer in scale order with a human reference; ``others`` is the mean of the other countries.

    ``None`` where no option has any mass, because there is nothing to compare.
    """
    if distribution.valid_mass <= 0:
        return None
    name = distance_of(question)
    p = np.asarray(reference.shares, dtype=np.float64)
    q = np.asarray(distribution.probabilities, dtype=np.float64)
    flat = np.full(len(p), 1 / len(p))
    n = distribution.n or max(1, round(reference.n_eff))
    measure = distance_for(question)
    low, high = noise_floor(p, n, measure, FLOOR_DRAWS, np.random.default_rng(seed))
    distance, uniform = float(measure(p, q)), float(measure(p, flat))
    elsewhere = None if others is None else np.asarray(others, dtype=np.float64)
    apart = None if elsewhere is None else float(measure(p, elsewhere))
    return Comparison(
        name=name,
        distance=distance,
        jsd=float(jsd(p, q)),
        uniform=uniform,
        uniform_jsd=float(jsd(p, flat)),
        others=apart,
        others_jsd=None if elsewhere is None else float(jsd(p, elsewhere)),
        skill_uniform=float(skill(distance, uniform)) if uniform else None,
        skill_others=float(skill(distance, apart)) if apart else None,
        floor_low=float(low),
        floor_high=float(high),
        floor_n=n,
        entropy=float(entropy(q)),
        human_entropy=float(entropy(p)),
    )
