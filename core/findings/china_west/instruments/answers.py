"""Values of the models and of people on one instrument, item by item."""

from __future__ import annotations

import pandas as pd

from core.findings.china_west.answers import group_of
from core.findings.china_west.instruments.catalogue import INSTRUMENTS
from core.surveys.published import figures, foundation_means

VALUE_COLUMNS = (
    "model",
    "developer",
    "base",
    "tuner",
    "pair",
    "group",
    "item",
    "value",
    "n",
    "date",
    "language",
    "study",
)
_WORLD = "human"


def values_of(name: str, language: str = "en", persona: str = "none") -> pd.DataFrame:
    """Every model asked this way, one row per model and item, columns :data:`VALUE_COLUMNS`.

    ``item`` is a key of :attr:`.Instrument.items`, ``value`` within its range, ``pair`` is ``base/tuner`` and
    ``group`` as in :func:`core.findings.china_west.group_of`. Models without a stated maker are kept as
    ``unknown``.
    """
    known = INSTRUMENTS[name]
    frame = _rows(name)
    if "all" not in known.languages:
        frame = frame[frame["language"] == language]
    frame = frame[(frame["persona"] == persona) & ~frame["base"].isin([_WORLD, "baseline"])]
    order = {key: place for place, key in enumerate(known.items.values())}
    frame = frame.assign(
        pair=frame["base"] + "/" + frame["tuner"],
        group=[group_of(base, tuner) for base, tuner in zip(frame["base"], frame["tuner"], strict=True)],
    )
    return (
        frame[list(VALUE_COLUMNS)]
        .sort_values("item", key=lambda column: column.map(order), kind="stable")
        .reset_index(drop=True)
    )


def _rows(name: str) -> pd.DataFrame:
    known = INSTRUMENTS[name]
    frame = figures(known.study)
    frame = frame[frame["statistic"].isin(known.statistics)]
    words = frame["item"] + "/" + frame["language"] if name == "criticism" else frame["item"]
    found = frame.assign(item=words.map(known.items))
    return found[found["item"].notna()]


def people_of(name: str) -> pd.DataFrame:
    """The answers of people, one row per public and item: place (``China``, ``USA`` or ``world``), item, value.

    Empty where no people were asked. The moral foundations of both publics come from online panels.
    """
    known = INSTRUMENTS[name]
    if not known.people:
        return pd.DataFrame(columns=["place", "item", "value"])
    if known.people == ("world",):
        rows = _rows(name)
        mine = rows[rows["base"] == _WORLD]
        return mine.assign(place="world")[["place", "item", "value"]].reset_index(drop=True)
    means = foundation_means().loc[list(known.people)]
    long = means.rename(columns=known.items).rename_axis(index="place").reset_index()
    return long.melt("place", var_name="item", value_name="value")
