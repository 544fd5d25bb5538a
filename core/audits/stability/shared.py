"""Compares two models on the variants of dilemmas in which both chose."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.audits.shared import Shared, shared_items
from core.audits.stability.rows import over_orders

_WAY = ["language", "axis"]
COLUMNS = ["model_id", "variants", "aside", "comparable"]


def on_shared_variants(found: pd.DataFrame, models: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The readings of ``models`` in the variants that all of them have, and the number of variants left out.

    ``found`` comes from :func:`.rows.readings`. A model has a variant where it chose in both printed orders
    (:func:`.rows.over_orders`). Variants are compared language by language and axis by axis, among the models that have
    any there. So a model that was never asked in Chinese removes no Chinese variant from the others.
    The second frame has one row per model: model_id, ``variants`` (number used for it), ``aside`` (number that it has
    and another lacks) and ``comparable``, which is False where it has too few somewhere and keeps its own
    (:func:`core.audits.shared.shared_items`).
    """
    mine = found[found["model_id"].isin(list(models))]
    whole = over_orders(mine)
    whole = whole.assign(item=whole["dilemma"] + "\n" + whole["variant"])
    kept: list[pd.DataFrame] = []
    facts = {model: [0, 0, True] for model in models}
    for _, part in whole.groupby(_WAY, sort=False):
        sets = {str(model): set(items) for model, items in part.groupby("model_id", sort=False)["item"]}
        shared: Shared[str] = shared_items(sets)
        for model, own in sets.items():
            names = shared.kept(model, own)
            kept.append(part[(part["model_id"] == model) & part["item"].isin(names)])
            facts[model][0] += len(names)
            facts[model][1] += shared.aside[model]
            facts[model][2] &= model not in shared.apart
    keys = ["model_id", "dilemma", "language", "variant"]
    shown = mine.merge(pd.concat(kept)[keys], on=keys) if kept else mine.iloc[:0]
    return shown, pd.DataFrame([(model, *of) for model, of in facts.items()], columns=COLUMNS)
