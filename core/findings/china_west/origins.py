"""Mean lean of each origin, and the effects of a Chinese prompt and of a persona; intervals allow for developers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from core.findings.china_west.answers import GROUPS, Publics, models_of, publics, wide
from core.findings.china_west.measures import EVERY_ITEM, FEWEST_ITEMS, Measure, contributions, lean
from core.stats import benjamini_hochberg
from core.stats.distances import Array
from core.stats.two_way import TwoWay, two_way
from core.surveys.published import ITEMS

FEW_DEVELOPERS = 10
"""Below this many developers an interval over developers is called rough."""
MIDDLE = 5.5
"""The middle of a scale from 1 to 10: an answer without values."""
Condition = tuple[str, str]
CONTRASTS: dict[str, tuple[Condition, Condition]] = {
    "language": (("en", "none"), ("zh", "none")),
    "persona": (("en", "none"), ("en", "CHN")),
    "both": (("en", "none"), ("zh", "CHN")),
    "persona_usa": (("en", "none"), ("en", "USA")),
}
"""Each change as the way of asking before and after: (prompt language, persona)."""


class _Side(NamedTuple):
    facts: pd.DataFrame
    point: Array
    parts: Array


def _side(answers: pd.DataFrame, condition: Condition, people: Publics, measure: Measure) -> _Side:
    """The models that were asked all questions this way: their facts, leans (m,) and contributions (m, 19)."""
    table = wide(answers, *condition)
    table = table[table.notna().sum(axis=1) >= EVERY_ITEM]
    values = table.to_numpy(float)
    parts = [contributions(row, people, measure) for row in values]
    return _Side(
        models_of(answers).reindex(table.index),
        np.array([lean(row, people, measure) for row in values]),
        np.array(parts).reshape(len(values), len(ITEMS)),
    )


def _mean(parts: Array, developers: pd.Series, sides: Array | None = None) -> TwoWay:
    """Mean over models with its interval; all NaN without a model."""
    if not len(parts):
        return TwoWay(*(float("nan"),) * len(TwoWay._fields))
    return two_way(parts, developers.to_numpy(object), sides=sides)


def origins(
    answers: pd.DataFrame, language: str, persona: str, measure: Measure = "distance", people: Publics | None = None
) -> pd.DataFrame:
    """Mean lean of each origin with its interval over developers and questions; then China minus West.

    Columns: group (of :data:`GROUPS`, ``difference`` last), models (of that origin in ``answers``), measured (asked
    this way, enough questions), developers (of those), mean, low, high, few (fewer than :data:`FEW_DEVELOPERS`). The
    row ``difference`` uses both origins and the questions that they share. Origins without a model are left out.
    """
    side = _side(answers, (language, persona), people or publics(), measure)
    every = models_of(answers)
    rows = []
    told = ~np.isnan(side.point)
    for group in GROUPS:
        if not (every["group"] == group).any():
            continue
        inside = (side.facts["group"] == group).to_numpy() & told
        developers = side.facts.loc[inside, "developer"]
        found = _mean(side.parts[inside], developers)
        rows.append(
            {
                "group": group,
                "models": int((every["group"] == group).sum()),
                "measured": int(inside.sum()),
                "developers": int(developers.nunique()),
                "mean": found.mean,
                "low": found.low,
                "high": found.high,
                "few": bool(developers.nunique() < FEW_DEVELOPERS),
            }
        )
    frame = pd.DataFrame(rows, columns=["group", "models", "measured", "developers", "mean", "low", "high", "few"])
    groups = side.facts["group"].to_numpy(object)
    if not {"China", "West"} <= set(frame["group"]):
        return frame
    china, west = (frame[frame["group"] == group].iloc[0] for group in ("China", "West"))
    inside = np.isin(groups, ["China", "West"]) & told
    both = bool(china["measured"] and west["measured"])
    signs = np.where(groups == "China", 1.0, -1.0)[inside]
    found = _mean(side.parts[inside] if both else side.parts[:0], side.facts.loc[inside, "developer"], signs)
    counts = {name: int(china[name] + west[name]) for name in ("models", "measured", "developers")}
    few = bool(china["few"] or west["few"])
    last = {"group": "difference", **counts, "mean": found.mean, "low": found.low, "high": found.high, "few": few}
    return pd.concat([frame, pd.DataFrame([last])], ignore_index=True)


def overall(
    answers: pd.DataFrame, language: str, persona: str, measure: Measure = "distance", people: Publics | None = None
) -> pd.DataFrame:
    """Mean lean of all models asked this way, and how far it is from the lean of an answer without values.

    Two rows of group, models, developers, mean, low, high (over developers and questions). ``all`` is the mean lean;
    ``beyond`` is that minus the lean of 5.5 on every question, paired by question. For ``rank`` the row ``beyond`` is
    NaN, because equal answers have no order.
    """
    between = people or publics()
    side = _side(answers, (language, persona), between, measure)
    told = ~np.isnan(side.point)
    parts, developers = side.parts[told], side.facts.loc[told, "developer"]
    middle = contributions(np.full(len(ITEMS), MIDDLE), between, measure)
    leaning = {"all": parts, "beyond": parts - middle}
    counts = {"models": int(told.sum()), "developers": int(developers.nunique())}
    rows = []
    for group, mine in leaning.items():
        found = _mean(mine if not np.isnan(mine).all() else mine[:0], developers)
        rows.append({"group": group, **counts, "mean": found.mean, "low": found.low, "high": found.high})
    return pd.DataFrame(rows)


def effects(answers: pd.DataFrame, measure: Measure = "distance", people: Publics | None = None) -> pd.DataFrame:
    """The effects of a Chinese prompt and of a persona, paired: the same models and questions, asked both ways.

    One row per contrast of :data:`CONTRASTS` and group (``all``, ``China``, ``West``): models, developers, items
    (fewest of any model in both), change of the lean (after minus before; below 0 = towards China), low and high over
    developers and questions, p and p_adjusted (over the ``tests`` contrasts of the group), toward_chn (models whose
    lean falls), and d_chn, d_usa (change of the mean distance to each public in scale points). Models asked only one
    way are left out; mixed origins count in ``all`` only.
    """
    between = people or publics()
    facts = models_of(answers)
    rows = []
    for name, (before, after) in CONTRASTS.items():
        first, second = (wide(answers, *condition) for condition in (before, after))
        shared = first.notna() & second.notna()
        counted = shared.sum(axis=1) >= FEWEST_ITEMS
        a, b = (table.where(shared)[counted].to_numpy(float) for table in (first, second))
        mine, items = facts.reindex(first.index[counted]), shared[counted].sum(axis=1).to_numpy()
        point = np.array([lean(y, between, measure) - lean(x, between, measure) for x, y in zip(a, b, strict=True)])
        both = zip(a, b, strict=True)
        parts = [contributions(y, between, measure) - contributions(x, between, measure) for x, y in both]
        moves = np.array(parts).reshape(len(a), len(ITEMS))
        moved = [np.nanmean(np.abs(b - public) - np.abs(a - public), axis=1) for public in between] if len(a) else None
        for group in ("all", "China", "West"):
            inside = np.ones(len(mine), bool) if group == "all" else (mine["group"] == group).to_numpy()
            inside = inside & ~np.isnan(point)
            some, makers = bool(inside.any()), mine.loc[inside, "developer"]
            fewest = int(items[inside].min()) if some else 0
            found = _mean(moves[inside], makers)
            rows.append(
                {
                    "contrast": name,
                    "group": group,
                    "models": int(inside.sum()),
                    "developers": int(makers.nunique()),
                    "items": fewest,
                    "change": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "p": found.p,
                    "toward_chn": int((point[inside] < -1e-9).sum()),
                    "d_chn": float(moved[0][inside].mean()) if moved and some else np.nan,
                    "d_usa": float(moved[1][inside].mean()) if moved and some else np.nan,
                }
            )
    frame = pd.DataFrame(rows)
    # Contrasts are compared with each other within a group.
    p = frame.groupby("group", sort=False)["p"]
    adjusted = p.transform(lambda part: benjamini_hochberg(part.to_numpy()))
    return frame.assign(p_adjusted=adjusted, tests=p.transform("count"))
