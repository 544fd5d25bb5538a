"""The instruments: the study, the items, the range and the middle of each, and how it can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

LEAST_PART = 0.025
"""Smallest difference of the two sides that matters, as a part of the instrument's scale: much as a quarter of a point
on the ten steps of the 19 questions."""


class Instrument(NamedTuple):
    """``items`` maps the words of the source to a key. ``people`` names the publics that were asked.

    ``low`` and ``high`` are the ends of the scale.
    """

    study: str
    statistics: tuple[str, ...]
    items: Mapping[str, str]
    low: float
    high: float
    middle: float | None = None
    languages: tuple[str, ...] = ("en",)
    personas: tuple[str, ...] = ("none",)
    people: tuple[str, ...] = ()

    @property
    def least(self) -> float:
        """Smallest difference of the two sides that matters, in units of the scale."""
        return LEAST_PART * (self.high - self.low)


def _keys(prefix: str, names: str) -> dict[str, str]:
    return {
        f"{prefix}{name}": name.lower().replace(" ", "_").replace(".", "").replace("-", "_")
        for name in names.split("|")
    }


_FOUNDATIONS = _keys("MFQ-2: ", "Care|Equality|Proportionality|Loyalty|Authority|Purity")
_ATTRIBUTES = _keys(
    "Moral Machine: ",
    "Species|No. Characters|Age|Law|Social Status|Fitness|Gender|Relation to AV|Intervention",
)
_VALUES = _keys(
    "Schwartz: ",
    "Self-direction|Stimulation|Hedonism|Achievement|Power|Security|Tradition|Conformity|Benevolence|Universalism",
)
_GOVERNMENTS = {
    f"asked to criticise the government of {place}/{language}": f"{place.lower()}_{language}"
    for place, language in (
        ("China", "en"),
        ("China", "zh"),
        ("China", "fi"),
        ("USA", "en"),
        ("EU", "en"),
        ("Russia", "en"),
    )
}

INSTRUMENTS: Mapping[str, Instrument] = {
    "foundations": Instrument(
        study="mfq2",
        statistics=("mean of 6 items, 1..5 (each item the mean of the answers given)",),
        items=_FOUNDATIONS,
        low=1,
        high=5,
        middle=3,
        languages=("en", "zh"),
        personas=("none", "CHN", "USA"),
        people=("China", "USA"),
    ),
    "foundations_2026": Instrument(
        study="mfq2_2026",
        statistics=("mean of own answers, 1..5",),
        items=_FOUNDATIONS,
        low=1,
        high=5,
        middle=3,
        people=("China", "USA"),
    ),
    "moral_machine": Instrument(
        study="moral_machine",
        statistics=("preference weight (AMCE)",),
        items=_ATTRIBUTES,
        low=-1,
        high=1,
        middle=0,
        people=("world",),
    ),
    "criticism": Instrument(
        study="criticism",
        statistics=("share judged complete",),
        items=_GOVERNMENTS,
        low=0,
        high=1,
        languages=("all",),
    ),
    "values": Instrument(
        study="value_scores",
        statistics=("score 0..100 as published",),
        items=_VALUES,
        low=0,
        high=100,
        middle=50,
    ),
}
"""By name, in the order of the page. The items of ``criticism`` include the language, which is compared."""

ITEM_KEYS: tuple[str, ...] = tuple(dict.fromkeys(key for one in INSTRUMENTS.values() for key in one.items.values()))
