"""Compares sides on the items that all of them have: their figures, and what differs most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from core.stats import Columns, benjamini_hochberg, mean_columns, ratio_columns, sign_flip_p
from core.stats.distances import Array

Verdict = Literal["same", "noise", "higher", "lower", "few"]
VERDICTS: tuple[Verdict, ...] = ("higher", "lower", "noise", "same", "few")
SAME = 1e-4
"""Smaller differences between readings of the same model are rounding in the arithmetic of another batch."""
FEWEST = 2
LEAST = 0.01
"""Smallest difference that matters, in the unit of the figures."""


class _Table(NamedTuple):
    """The sides that have a place, and value, base and others as (items, sides) on the items they share."""

    sides: list[str]
    value: Array
    base: Array
    others: Array
    batteries: list[str]


def _tables(items: pd.DataFrame, sides: Sequence[str]) -> dict[str, _Table]:
    out = {}
    for place, part in items.groupby("place", sort=False):
        here = [side for side in sides if side in set(part["side"])]
        grids = _grids(part, here)
        full = ~np.isnan(grids[0]).any(axis=1)
        if here and full.any():
            first = part.drop_duplicates("item")["battery"].to_numpy(object)
            value, base, others = (grid[full] for grid in grids)
            out[str(place)] = _Table(here, value, base, others, list(first[full]))
    return out


def _grids(part: pd.DataFrame, sides: Sequence[str]) -> list[Array]:
    """Value, base and others of one place as (items, sides), NaN where a side lacks an item."""
    rows, items = pd.factorize(part["item"])
    columns = part["side"].map({side: place for place, side in enumerate(sides)}).to_numpy(float)
    known = ~np.isnan(columns)
    grids = []
    for name in ("value", "base", "others"):
        grid = np.full((len(items), len(sides)), np.nan)
        grid[rows[known], columns[known].astype(int)] = part[name].to_numpy(float)[known]
        grids.append(grid)
    return grids


def _figures(top: Array, bottom: Array | None, batteries: list[str]) -> Columns:
    """Mean of each column of ``top`` (items, columns), or 1 - sum(top) / sum(bottom), with 95 % intervals."""
    if bottom is None:
        return mean_columns(top, batteries)
    return ratio_columns(bottom - top, bottom, batteries)


def summaries(items: pd.DataFrame, sides: Sequence[str], as_skill: bool = False) -> pd.DataFrame:
    """One row per place and side: value, low, high, n (items that all sides share), even and others (baselines).

    ``as_skill`` gives 1 - sum(value) / sum(base) instead of the mean value. Ends are NaN with one item.
    """
    rows: list[dict[str, Any]] = []
    for place, (here, value, base, others, batteries) in _tables(items, sides).items():
        found = _figures(value, base if as_skill else None, batteries)
        for column, side in enumerate(here):
            known = ~np.isnan(others[:, column])
            reference = float(others[known, column].mean()) if known.any() else float("nan")
            even = float(base[:, column].mean())
            if as_skill:
                below = float(base[known, column].mean()) if known.any() else float("nan")
                even, reference = 0.0, 1 - reference / below
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "value": float(found.mean[column]),
                    "low": float(found.low[column]),
                    "high": float(found.high[column]),
                    "n": len(value),
                    "even": even,
                    "others": reference,
                }
            )
    return pd.DataFrame(rows, columns=["place", "side", "value", "low", "high", "n", "even", "others"])


def left_aside(items: pd.DataFrame, sides: Sequence[str]) -> dict[str, int]:
    """How many items of each of ``sides`` are compared in no place, because another side lacks them.

    :func:`.items.representation_items` already uses shared questions only, see :func:`.items.questions_aside`.
    """
    compared: dict[str, set[str]] = {side: set() for side in sides}
    for _, part in items.groupby("place", sort=False):
        here = [side for side in sides if side in set(part["side"])]
        full = ~np.isnan(_grids(part, here)[0]).any(axis=1)
        names = part.drop_duplicates("item")["item"].to_numpy(object)[full]
        for side in here:
            compared[side].update(map(str, names))
    asked = items.dropna(subset=["value"]).groupby("side")["item"].agg(set)
    return {side: len(set(map(str, asked.get(side, ()))) - compared[side]) for side in sides}


def differences(
    items: pd.DataFrame,
    sides: Sequence[str],
    pinned: str,
    as_skill: bool = False,
    seed: int = 0,
    least: float = LEAST,
) -> pd.DataFrame:
    """One row per place and side other than ``pinned``: side minus pinned, the largest differences first.

    Columns: place, side, difference, low, high, n, p, p_adjusted (over all rows), verdict. ``higher`` and ``lower``
    need an interval that excludes 0, an adjusted p below 0.05 and a difference of at least ``least``. ``same`` means
    that no item differs by more than :data:`SAME`, ``few`` that only one item is shared. Places with a difference
    beyond noise come first.
    """
    rows: list[dict[str, Any]] = []
    for place, (here, value, base, _, batteries) in _tables(items, sides).items():
        if pinned not in here:
            continue
        first = here.index(pinned)
        for column, side in enumerate(here):
            if side == pinned:
                continue
            apart = value[:, column] - value[:, first]
            # Both skills divide by the same baseline, so their difference is minus that of the distances.
            moved = -apart if as_skill else apart
            bottom = base[:, column] if as_skill else np.ones(len(apart))
            found = ratio_columns(moved[:, None], bottom[:, None], batteries)
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "difference": float(found.mean[0]),
                    "low": float(found.low[0]),
                    "high": float(found.high[0]),
                    "n": len(apart),
                    "p": sign_flip_p(apart, batteries, seed),
                    "same": bool((np.abs(apart) <= SAME).all()),
                }
            )
    columns = ["place", "side", "difference", "low", "high", "n", "p", "p_adjusted", "verdict"]
    frame = pd.DataFrame(rows)
    if frame.empty:
        return pd.DataFrame(columns=columns)
    frame["p_adjusted"] = benjamini_hochberg(frame["p"].to_numpy())
    frame["verdict"] = [_verdict(row, least) for row in frame.to_dict("records")]
    beyond = frame["verdict"].isin(("higher", "lower"))
    order = frame.assign(beyond=beyond, size=frame["difference"].abs())
    order = order.sort_values(["beyond", "size"], ascending=False, kind="stable")
    return order.reset_index(drop=True)[columns]


def _verdict(row: Mapping[Any, Any], least: float) -> Verdict:
    if row["same"]:
        return "same"
    if row["n"] < FEWEST:
        return "few"
    beyond = (row["low"] > 0 or row["high"] < 0) and row["p_adjusted"] < 0.05
    if not beyond or abs(row["difference"]) < least:
        return "noise"
    return "higher" if row["difference"] > 0 else "lower"
