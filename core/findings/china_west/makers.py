"""Compares the agreement between makers with their agreement with people: do all models say the same?"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd


class Agreement(NamedTuple):
    """Mean absolute distances in points of the scale: between models of different developers, and to each public.

    ``models`` and ``developers`` count those that are compared. NaN with fewer than two developers.
    """

    between: float
    china: float
    usa: float
    models: int
    developers: int


def agreement(values: pd.DataFrame, people: pd.DataFrame) -> Agreement:
    """How far models are from each other and from people, over the items that all of them answered.

    ``values`` has columns model, developer, item, value; ``people`` has place (``China``, ``USA``), item, value. Each
    developer counts once, by the mean of its models' distances, so that the one with most models does not dominate.
    """
    wide = values.pivot(index="item", columns="model", values="value").dropna()
    makers = values.drop_duplicates("model").set_index("model")["developer"]
    publics = people.pivot(index="item", columns="place", values="value").reindex(wide.index)
    apart: dict[tuple[str, str], list[float]] = {}
    for left, right in combinations(wide.columns, 2):
        first, second = sorted((makers[left], makers[right]))
        if first != second:
            apart.setdefault((first, second), []).append(float((wide[left] - wide[right]).abs().mean()))
    between = float(np.mean([np.mean(each) for each in apart.values()])) if apart else float("nan")
    to = {place: _by_maker(wide.sub(publics[place], axis=0).abs().mean(), makers) for place in ("China", "USA")}
    return Agreement(between, to["China"], to["USA"], len(wide.columns), int(makers.nunique()))


def _by_maker(distances: pd.Series, makers: pd.Series) -> float:
    return float(distances.groupby(makers.reindex(distances.index)).mean().mean())
