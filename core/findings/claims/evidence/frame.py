"""The common form of all evidence, and the facts of a model in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from core.findings.claims.verdicts import COLUMNS
from core.surveys import shipped_survey
from core.surveys.batteries import batteries_of
from core.types import Model

PAIR = ("CHN", "USA")
"""The two publics of the paper."""


def evidence_frame(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    """``rows`` in the order of :data:`.verdicts.COLUMNS` without ``n_items``, which is counted here, and ``battery``.

    A question of the survey belongs to its battery, any other item to one of its own.
    """
    frame = pd.DataFrame(rows, columns=list(COLUMNS[:-2])).dropna(subset=["value"])
    batteries = batteries_of(shipped_survey().questions())
    frame = frame.astype({"value": float})
    frame["battery"] = [batteries.get(str(name), str(name)) for name in frame["question"]]
    return frame.assign(n_items=frame.groupby("model_id")["question"].transform("nunique").astype(int))


def facts_of(model_id: str, models: Mapping[str, Model]) -> tuple[str, str, str]:
    """Name, side (China, West, mixed or other) and developer of a model of the store."""
    known = models.get(model_id)
    if known is None:
        return model_id, "other", model_id
    return known.name, known.origin.side, known.developer


def answering(frame: pd.DataFrame, models: Mapping[str, Model]) -> pd.DataFrame:
    """The rows of ``frame`` (with ``model_id``) whose model was tuned to answer; only these count in any claim.

    A base model continues a text, so what it puts on the options is no answer: not for a side, and not for models as
    such. A model that is no longer in ``models`` is kept.
    """
    base = [name for name, model in models.items() if not model.chat]
    return frame[~frame["model_id"].isin(base)]


def table_sources(table: pd.DataFrame, shipped: Iterable[str]) -> dict[str, str]:
    """``shipped`` or ``own`` for each model of a table with ``model_id`` and ``run_id``."""
    inside = table["run_id"].isin(set(shipped)).groupby(table["model_id"]).all()
    return {str(name): "shipped" if only else "own" for name, only in inside.items()}


def shared_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Rows whose question and country every model of ``scores`` has."""
    if scores.empty:
        return scores
    every = scores.groupby(["country", "question_id"])["model_id"].transform("nunique")
    return scores[every == scores["model_id"].nunique()]
