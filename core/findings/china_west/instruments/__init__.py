"""Instruments other than a survey: moral foundations, Moral Machine, criticism of governments, value scores.

Each is a published study read by :mod:`core.surveys.published`: values of models item by item, the answers of people
where people were asked, and the middle of the scale. The value of an origin is a mean over its models with an interval
clustered by developer. The builder and the tuner of a model are kept apart.
"""

from core.findings.china_west.instruments.answers import people_of, values_of
from core.findings.china_west.instruments.catalogue import INSTRUMENTS, ITEM_KEYS, Instrument
from core.findings.china_west.instruments.groups import (
    PAIRS,
    Contrast,
    distances,
    items_apart,
    leans,
    means_by_pair,
    reluctance,
    sides_apart,
)

__all__ = [
    "INSTRUMENTS",
    "ITEM_KEYS",
    "PAIRS",
    "Contrast",
    "Instrument",
    "distances",
    "items_apart",
    "leans",
    "means_by_pair",
    "people_of",
    "reluctance",
    "sides_apart",
    "values_of",
]
