"""The verdicts that real publics would get under a claim's own rule, if each were treated as a model.

A rule that most real publics fail, or pass, says nothing about models. So the effect of the average public is
subtracted from that of the models, question by question, and only an effect that nineteen publics in twenty do not
reach matters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from core.stats.distances import Array


class Publics(NamedTuple):
    """The publics under one rule: ``values`` (n,) their effects in ascending order, ``names`` their countries.

    ``mean`` is that of the average public and ``high`` the 95 % point of the values. ``passed`` is the share that
    reaches the rule's least effect; the claim would hold for this share of the publics.
    """

    names: tuple[str, ...]
    values: Array
    mean: float
    high: float
    passed: float

    def below(self, value: float) -> float:
        """Share of the publics, 0..1, whose effect is under ``value``."""
        return float((self.values < value).mean())


def publics_of(frame: pd.DataFrame, least: float) -> Publics | None:
    """The publics of ``frame``, evidence in which each model is a country; ``None`` where there is none."""
    if frame.empty:
        return None
    means = frame.groupby("model_id")["value"].mean().sort_values()
    values = means.to_numpy(float)
    high = float(np.quantile(values, 0.95))
    passed = float((values >= least).mean())
    return Publics(tuple(str(name) for name in means.index), values, float(values.mean()), high, passed)


def beyond_publics(frame: pd.DataFrame, publics: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with each value minus that of the average public on its question, for questions that have one."""
    average = publics.groupby("question")["value"].mean()
    moved = frame.assign(value=frame["value"] - frame["question"].map(average)).dropna(subset=["value"])
    # A question may represent many statements, so a model's count is reduced in proportion to the questions left.
    asked, kept = (part.groupby("model_id")["question"].nunique() for part in (frame, moved))
    left = moved["model_id"].map(kept / asked)
    return moved.assign(n_items=(moved["n_items"] * left).round().astype(int))
