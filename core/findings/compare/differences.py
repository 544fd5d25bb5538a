"""Sides held against each other on the items that all of them have: figures, and what differs most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.stats.agreement import swap_p
from core.stats.distances import Array
from core.stats.gaps import bootstrap_counts
from core.stats.intervals import benjamini_hochberg

Verdict = Literal["same", "noise", "higher", "lower", "few"]
VERDICTS: tuple[Verdict, ...] = ("higher", "lower", "noise", "same", "few")
SAME = 1e-4
"""Readings of the same model that differ by less are rounding in the arithmetic of another batch."""
FEWEST = 2


def _tables(items: pd.DataFrame, sides: Sequence[str]) -> dict[str, tuple[list[str], Array, Array, Array]]:
    """Per place: the sides that have it, and value, base and others as (items, sides) on the items they share."""
    out = {}
    for place, part in items.groupby("place", sort=False):
        here = [side for side in sides if side in set(part["side"])]
        grids = _grids(part, here)
        full = ~np.isnan(grids[0]).any(axis=1)
        if here and full.any():
            out[str(place)] = (here, grids[0][full], grids[1][full], grids[2][full])
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


def _ratio(top: Array, bottom: Array | None, counts: Array) -> tuple[float, float, float]:
    """Mean of ``top``, or 1 - sum(top) / sum(bottom), with its 95 % interval; both (items,)."""
    n = len(top)
    value = float(top.mean()) if bottom is None else float(1 - top.sum() / bottom.sum())
    if n < FEWEST:
        return value, float("nan"), float("nan")
    drawn = counts @ top / n if bottom is None else 1 - counts @ top / (counts @ bottom)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return value, float(low), float(high)


def summaries(items: pd.DataFrame, sides: Sequence[str], as_skill: bool = False, seed: int = 0) -> pd.DataFrame:
    """One row a place and side: value, low, high, n (items that all sides share), even and others (baselines).

    ``as_skill`` gives 1 - sum(value) / sum(base) instead of the mean value. Ends are NaN with one item.
    """
    rows: list[dict[str, Any]] = []
    for place, (here, value, base, others) in _tables(items, sides).items():
        counts = bootstrap_counts(len(value), seed)
        for column, side in enumerate(here):
            known = ~np.isnan(others[:, column])
            reference = float(others[known, column].mean()) if known.any() else float("nan")
            even = float(base[:, column].mean())
            if as_skill:
                below = float(base[known, column].mean()) if known.any() else float("nan")
                even, reference = 0.0, 1 - reference / below
            mean, low, high = _ratio(value[:, column], base[:, column] if as_skill else None, counts)
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "value": mean,
                    "low": low,
                    "high": high,
                    "n": len(value),
                    "even": even,
                    "others": reference,
                }
            )
    return pd.DataFrame(rows, columns=["place", "side", "value", "low", "high", "n", "even", "others"])


def differences(
    items: pd.DataFrame, sides: Sequence[str], pinned: str, as_skill: bool = False, seed: int = 0
) -> pd.DataFrame:
    """One row a place and side other than ``pinned``: side minus pinned, what differs most first.

    Columns: place, side, difference, low, high, n, p, p_adjusted (over all rows), verdict. ``higher`` and ``lower``
    need an interval that leaves out 0 and an adjusted p below 0.05; ``same`` is no item apart by more than
    :data:`SAME`, ``few`` one shared item. Places that come out as more than noise stand first.
    """
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for place, (here, value, base, _) in _tables(items, sides).items():
        if pinned not in here:
            continue
        first = here.index(pinned)
        counts = bootstrap_counts(len(value), seed)
        for column, side in enumerate(here):
            if side == pinned:
                continue
            apart = value[:, column] - value[:, first]
            if as_skill:
                # Both skills divide by the same baseline, so their difference is that of the distances, turned round.
                mean, high, low = (1 - end for end in _ratio(-apart, base[:, column], counts))
            else:
                mean, low, high = _ratio(apart, None, counts)
            rows.append(
                {
                    "place": place,
                    "side": side,
                    "difference": mean,
                    "low": low,
                    "high": high,
                    "n": len(apart),
                    "p": swap_p(apart, rng) if len(apart) >= FEWEST else float("nan"),
                    "same": bool((np.abs(apart) <= SAME).all()),
                }
            )
    columns = ["place", "side", "difference", "low", "high", "n", "p", "p_adjusted", "verdict"]
    frame = pd.DataFrame(rows)
    if frame.empty:
        return pd.DataFrame(columns=columns)
    frame["p_adjusted"] = benjamini_hochberg(frame["p"].to_numpy())
    frame["verdict"] = [_verdict(row) for row in frame.to_dict("records")]
    beyond = frame["verdict"].isin(("higher", "lower"))
    order = frame.assign(beyond=beyond, size=frame["difference"].abs())
    order = order.sort_values(["beyond", "size"], ascending=False, kind="stable")
    return order.reset_index(drop=True)[columns]


def _verdict(row: Mapping[Any, Any]) -> Verdict:
    if row["same"]:
        return "same"
    if row["n"] < FEWEST:
        return "few"
    beyond = (row["low"] > 0 or row["high"] < 0) and row["p_adjusted"] < 0.05
    if not beyond:
        return "noise"
    return "higher" if row["difference"] > 0 else "lower"
