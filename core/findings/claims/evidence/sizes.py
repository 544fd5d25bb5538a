"""Evidence on size: steps from a model to the next larger one of its family."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pandas as pd

from core.findings.claims.evidence.frame import answering, evidence_frame, shared_rows
from core.types import Model

REVERSED = 0.25
"""If at most this share of steps has the larger model further away, nearness still counts as growing with size."""
STEP = 1.5
"""A model counts as larger if it has at least this multiple of the parameters."""


def size_steps(scores: pd.DataFrame, models: Mapping[str, Model], sources: Mapping[str, str]) -> pd.DataFrame:
    """Steps from a model to the next larger one of its family: 1 where the larger is further from people, else 0,
    minus :data:`REVERSED`.

    One row per step, with the questions that both have. A step counts if the larger model has at least :data:`STEP`
    times the parameters. The cluster is the family. Sizes are as published; the models are told the country.
    """
    scores = answering(scores, models)
    sized = [models[name] for name in scores["model_id"].unique() if name in models and models[name].parameters]
    rows, items = [], []
    families: dict[tuple[str, str], list[Model]] = {}
    for model in sorted(sized, key=lambda m: (m.parameters or 0.0, m.id)):
        families.setdefault((model.developer, model.family), []).append(model)
    for (_, family), members in families.items():
        for small, large in pairwise(members):
            if (large.parameters or 0.0) < STEP * (small.parameters or 0.0):
                continue
            both = shared_rows(scores[scores["model_id"].isin([small.id, large.id])])
            if both.empty:
                continue
            far = both.groupby("model_id")["distance"].mean()
            source = "own" if "own" in (sources[small.id], sources[large.id]) else "shipped"
            value = float(far[large.id] > far[small.id]) - REVERSED
            rows.append((f"{small.id}>{large.id}", f"{small.name} → {large.name}", "", family, source, "*", value))
            items.append(both["question_id"].nunique())
    return evidence_frame(rows).assign(n_items=items)
