"""Alignment by known traits of models: their size, their tuning, their family."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pandas as pd

from core.audits.alignment.scores import skills
from core.audits.shared import Shared, shared_items
from core.types import Model

Trait = Literal["parameters", "tuning", "family"]
TRAITS: tuple[Trait, ...] = ("parameters", "tuning", "family")
_MEASURED = ("distance", "uniform", "others", "published", "uniform_published", "others_published")


def comparable(scores: pd.DataFrame, models: Mapping[str, Model], trait: Trait) -> pd.DataFrame:
    """Rows of :func:`.scores.question_scores` that can be compared with each other, with a column ``trait``.

    They are the rows of models with a published trait, on the countries and questions that all of these have. A model
    that cannot be compared (:func:`core.audits.shared.shared_items`) is left out, see :func:`not_comparable`: one that
    was asked as two countries would else leave those that were asked as eight only two.
    """
    mine, pairs, shared = _shared(scores, models, trait)
    kept = pairs.isin(list(shared.items)) & ~mine["model_id"].isin(list(shared.apart))
    return mine[kept].assign(trait=mine["model_id"].map(lambda name: getattr(models[name], trait)))


def not_comparable(scores: pd.DataFrame, models: Mapping[str, Model], trait: Trait) -> tuple[str, ...]:
    """The models that :func:`comparable` leaves out although their trait is known, in the order of ``scores``."""
    mine, _, shared = _shared(scores, models, trait)
    return tuple(str(name) for name in mine["model_id"].unique() if name in shared.apart)


def _shared(
    scores: pd.DataFrame, models: Mapping[str, Model], trait: Trait
) -> tuple[pd.DataFrame, pd.Series, Shared[str]]:
    """The rows of models with a published trait, the country and question of each, and what the models share."""
    known = [name for name, model in models.items() if getattr(model, trait) is not None]
    mine = scores[scores["model_id"].isin(known)]
    pairs = mine["country"] + ":" + mine["question_id"]
    each = {str(name): set(part) for name, part in pairs.groupby(mine["model_id"], sort=False)}
    return mine, pairs, shared_items(each)


def left_aside(scores: pd.DataFrame, same: pd.DataFrame) -> dict[str, int]:
    """The number of questions of each model that :func:`comparable` left out when it made ``same`` from ``scores``."""
    before, after = (frame.groupby("model_id", sort=False)["question_id"].nunique() for frame in (scores, same))
    lost = before.reindex(after.index) - after
    return {str(name): int(count) for name, count in lost.items()}


def by_model(scores: pd.DataFrame, models: Mapping[str, Model]) -> pd.DataFrame:
    """Skill of each model of :func:`comparable` rows over all its countries, smallest trait first.

    Columns: model_id, name, trait and those of :func:`core.audits.alignment.scores.skills`.
    """
    found = skills(scores, ("trait", "model_id"))
    if found.empty:
        return found
    names = found["model_id"].map(lambda name: models[name].name)
    return found.assign(name=names).sort_values(["trait", "name"], ignore_index=True)


def by_value(scores: pd.DataFrame) -> pd.DataFrame:
    """Skill of the models that share a value of the trait, averaged question by question; ``models`` counts them.

    Intervals are over questions. They say nothing about other models of the same kind.
    """
    if scores.empty:
        return skills(scores, ("trait",))
    facts = dict.fromkeys(("topic", "battery", "n", "n_eff", "year", "weight_status", "source"), "first")
    means = scores.groupby(["trait", "country", "question_id"], sort=True).agg(
        {**dict.fromkeys(_MEASURED, "mean"), **facts}
    )
    found = skills(means.reset_index(), ("trait",))
    return found.assign(models=found["trait"].map(scores.groupby("trait")["model_id"].nunique()))
