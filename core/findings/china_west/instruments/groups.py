"""Means of the models of each origin on an instrument, with intervals clustered by developer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy

from core.findings.china_west.instruments.catalogue import INSTRUMENTS
from core.findings.wording import Figure

PAIRS = ("China/China", "West/West", "China/West", "West/China", "West/Singapore", "unknown/unknown")
"""Where a model was built and tuned: both in China, both in the West, one of each, or neither."""


class _Mean(NamedTuple):
    """Mean over models, its jackknife variance (developers left out one by one), and the number of developers."""

    mean: float
    variance: float
    developers: int


def _mean(part: pd.DataFrame) -> _Mean:
    """The mean with its jackknife variance, which exceeds the sandwich variance for few, unequal developers."""
    values = part["value"].to_numpy(float)
    codes, names = pd.factorize(part["developer"])
    if len(names) < 2:
        return _Mean(float(values.mean()), float("nan"), len(names))
    sums, counts = np.bincount(codes, values), np.bincount(codes)
    without = (values.sum() - sums) / (len(values) - counts)
    mean = float(values.mean())
    return _Mean(mean, float((len(names) - 1) / len(names) * ((without - mean) ** 2).sum()), len(names))


def _interval(found: Sequence[_Mean], mean: float, level: float = 0.95) -> tuple[float, float]:
    """Ends of the interval of ``mean``, which combines independent means (Welch and Satterthwaite).

    NaN where one of these means has a single developer.
    """
    total = sum(one.variance for one in found)
    if np.isnan(total):
        return float("nan"), float("nan")
    if total == 0:
        return mean, mean
    freedom = total**2 / sum(one.variance**2 / (one.developers - 1) for one in found)
    reach = float(scipy.special.stdtrit(freedom, (1 + level) / 2)) * total**0.5
    return mean - reach, mean + reach


def means_by_pair(values: pd.DataFrame) -> pd.DataFrame:
    """Mean of each item over the models of each pair of builder and tuner, 95 % interval clustered by developer.

    ``values`` as :func:`.answers.values_of` gives it. Columns: item, pair, mean, low, high, models, developers. Ends
    are NaN with one developer.
    """
    rows = []
    for (item, pair), part in values.groupby(["item", "pair"], sort=False):
        found = _mean(part)
        low, high = _interval([found], found.mean)
        rows.append((item, pair, found.mean, low, high, len(part), found.developers))
    return pd.DataFrame(rows, columns=["item", "pair", "mean", "low", "high", "models", "developers"])


class Contrast(NamedTuple):
    """Models built and tuned in China minus those of the West: mean with its interval, and counts of each side."""

    mean: float
    low: float
    high: float
    china: int
    west: int
    developers: tuple[int, int]

    def figure(self, least: float) -> Figure:
        """The difference for a sentence; ``least`` is the smallest that matters, in its unit."""
        return Figure(self.mean, self.low, self.high, least=least)


def sides_apart(values: pd.DataFrame, level: float = 0.95) -> Contrast:
    """The difference of the two sides in the mean over the items of ``values``; NaN where a side has no model."""
    inside = values[values["group"].isin(["China", "West"])]
    each = inside.groupby(["model", "developer", "group"])["value"].mean().reset_index()
    counts = {side: each[each["group"] == side] for side in ("China", "West")}
    nan = float("nan")
    makers = (int(counts["China"]["developer"].nunique()), int(counts["West"]["developer"].nunique()))
    sizes = len(counts["China"]), len(counts["West"])
    if not all(sizes):
        return Contrast(nan, nan, nan, *sizes, makers)
    found = [_mean(part) for part in counts.values()]
    mean = found[0].mean - found[1].mean
    return Contrast(mean, *_interval(found, mean, level), *sizes, makers)


def leans(values: pd.DataFrame, people: pd.DataFrame, name: str) -> pd.DataFrame:
    """Which public each model is nearer to: mean distance to China minus that to the USA, over the items.

    One row per model with ``lean`` (above 0 = nearer to the USA); the last row is the middle of the scale, its model
    is empty. The frame is empty where people of both countries were not asked.
    """
    wide = people.pivot(index="item", columns="place", values="value")
    if not {"China", "USA"} <= set(wide.columns):
        return pd.DataFrame(columns=["model", "developer", "group", "lean"])
    each = values.join(wide, on="item")
    gap = (each["value"] - each["China"]).abs() - (each["value"] - each["USA"]).abs()
    rows = each.assign(lean=gap).groupby(["model", "developer", "group"])["lean"].mean().reset_index()
    middle = INSTRUMENTS[name].middle
    if middle is not None:
        of_middle = float(((middle - wide["China"]).abs() - (middle - wide["USA"]).abs()).mean())
        last = pd.DataFrame([{"model": "", "developer": "", "group": "baseline", "lean": of_middle}])
        rows = pd.concat([rows, last], ignore_index=True)
    return rows


def distances(values: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Euclidean distance of each model to the one public of ``people`` over all its items, in the form of ``values``.

    Raises ``ValueError`` where ``people`` has more than one public.
    """
    if people["place"].nunique() != 1:
        raise ValueError("one public is needed")
    known = people.set_index("item")["value"]
    square = (values["value"] - values["item"].map(known)) ** 2
    keys = ["model", "developer", "pair", "group"]
    found = values.assign(value=square)[[*keys, "value"]].groupby(keys, as_index=False, sort=False).sum()
    return found.assign(item="distance", value=np.sqrt(found["value"]))


def reluctance(values: pd.DataFrame, asked: str = "china_zh", beside: str = "china_en") -> pd.DataFrame:
    """How much less often a model criticises when asked ``asked`` and not ``beside``, in the form of ``values``."""
    keys = ["model", "developer", "pair", "group"]
    wide = values.pivot_table(index=keys, columns="item", values="value")
    gap = pd.DataFrame({"value": wide[beside] - wide[asked]}).dropna().reset_index()
    return gap.assign(item="reluctance")


def items_apart(values: pd.DataFrame) -> dict[str, Contrast]:
    """:func:`sides_apart` of each item, with intervals that hold for all items together (Bonferroni)."""
    parts = list(values.groupby("item", sort=False))
    level = 1 - 0.05 / max(1, len(parts))
    return {str(item): sides_apart(part, level) for item, part in parts}
