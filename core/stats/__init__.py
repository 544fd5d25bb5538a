"""Pure functions on arrays: distances, position bias, intervals. They know no files and no models."""

from core.stats.distances import (
    dispersion_ratio,
    emd_ordinal,
    entropy,
    jsd,
    mean_shift,
    similarity,
    similarity_as_published,
    skill,
    total_variation,
)
from core.stats.intervals import (
    Estimate,
    Interval,
    benjamini_hochberg,
    bootstrap_difference,
    bootstrap_mean,
    jeffreys,
    noise_floor,
    permutation_p,
    sampled_scores,
    sign_flip_p,
    wilson,
)
from core.stats.position import place_profile, position_bias

__all__ = [
    "Estimate",
    "Interval",
    "benjamini_hochberg",
    "bootstrap_difference",
    "bootstrap_mean",
    "dispersion_ratio",
    "emd_ordinal",
    "entropy",
    "jeffreys",
    "jsd",
    "mean_shift",
    "noise_floor",
    "permutation_p",
    "place_profile",
    "position_bias",
    "sampled_scores",
    "sign_flip_p",
    "similarity",
    "similarity_as_published",
    "skill",
    "total_variation",
    "wilson",
]
