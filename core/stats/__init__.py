"""Pure functions on arrays: distances, position bias, intervals. They read no files and ask no models."""

from core.stats.clear import SIGNIFICANT, clear_sign
from core.stats.clustered import Columns, mean_columns, mean_interval, ratio_columns, two_stage_counts
from core.stats.distances import (
    dispersion_ratio,
    distance_for,
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
    jeffreys,
    noise_floor,
    permutation_p,
    sampled_scores,
    wilson,
)
from core.stats.position import place_profile, position_bias
from core.stats.signs import sign_flip_columns, sign_flip_p, smallest_adjusted_p, smallest_p

__all__ = [
    "SIGNIFICANT",
    "Columns",
    "Estimate",
    "Interval",
    "benjamini_hochberg",
    "clear_sign",
    "dispersion_ratio",
    "distance_for",
    "emd_ordinal",
    "entropy",
    "jeffreys",
    "jsd",
    "mean_columns",
    "mean_interval",
    "mean_shift",
    "noise_floor",
    "permutation_p",
    "place_profile",
    "position_bias",
    "ratio_columns",
    "sampled_scores",
    "sign_flip_columns",
    "sign_flip_p",
    "similarity",
    "similarity_as_published",
    "skill",
    "smallest_adjusted_p",
    "smallest_p",
    "total_variation",
    "two_stage_counts",
    "wilson",
]
