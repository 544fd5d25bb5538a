"""The order in which runs are listed for a reader."""

from __future__ import annotations

import json
from collections.abc import Collection

import pandas as pd

from core.store.index.scopes import is_of_tuned


def reading_order(runs: pd.DataFrame, base_models: Collection[str]) -> pd.DataFrame:
    """``runs``, a frame of :meth:`core.store.Store.runs`, in the order in which a reader should meet them.

    The reader's own runs come first. Of the shipped ones, those of models as their makers publish them come before
    those of base models (``base_models``), and last what was made of and for models that were tuned here. Within each
    of these the newest is first, as in ``runs``.
    """
    return runs.iloc[_places(runs, base_models).argsort(kind="stable")]


def _places(runs: pd.DataFrame, base_models: Collection[str]) -> pd.Series:
    def place(run_id: str, models: str, shipped: bool) -> int:
        names = list(json.loads(models) or {})
        if not shipped:
            return 0
        if any(map(is_of_tuned, [run_id, *names])):
            return 3
        return 2 if names and all(name in base_models for name in names) else 1

    columns = (runs["run_id"], runs["models"], runs["shipped"])
    return pd.Series([place(*row) for row in zip(*columns, strict=True)], index=runs.index, dtype=int)
