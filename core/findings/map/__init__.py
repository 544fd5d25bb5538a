"""A cultural map: axes fitted to the answers of countries only, countries as points, models placed on the plane.

The official Inglehart-Welzel axes cannot be rebuilt from the available questions. So their published country scores are
a second map (:func:`inglehart_welzel`), without models. Ranks say to which of all countries a model is nearest.
"""

from core.findings.map.axes import Axes, country_axes, fit_axes
from core.findings.map.places import PLACES, Place, inglehart_welzel, map_rows, outside_counts
from core.findings.map.ranks import country_ranks, rank_counts

__all__ = [
    "PLACES",
    "Axes",
    "Place",
    "country_axes",
    "country_ranks",
    "fit_axes",
    "inglehart_welzel",
    "map_rows",
    "outside_counts",
    "rank_counts",
]
