"""First-token readings of a store as one table: averaged over printed orders, one row a reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.store import Store
from core.store.index.readings import ReadingFilter
from core.types import Question

COLUMNS = (
    "model_id",
    "question_id",
    "persona",
    "language",
    "method",
    "samples",
    "orders",
    "created",
    "run_id",
    "cell_id",
    "probabilities",
    "valid_mass",
)


def option_table(store: Store, questions: Mapping[str, Question], chosen: ReadingFilter | None = None) -> pd.DataFrame:
    """One row per model, survey question, persona and language; the latest reading of each printed order counts.

    ``probabilities`` is a tuple in scale order that sums to 1, ``valid_mass`` (0..1) what lay on the options before;
    ``persona`` is ``Persona.key``; ``orders`` says how many printed orders were averaged; ``run_id`` and ``cell_id``
    lead to one of the prompts. Only plain first-token readings count: no tag, no paraphrase. Readings without any mass
    on the options, and those with other options than the question has now, are left out. ``chosen`` says which
    readings; a page asks for what it shows, since all of a large store take seconds.
    """
    frame = store.readings(chosen)
    known = [questions.get(name) for name in frame["question_id"]]
    read = [
        _in_scale_order(question.codes, codes, shares) if question else None
        for question, codes, shares in zip(known, frame["codes"], frame["probabilities"], strict=True)
    ]
    frame["probabilities"] = pd.Series(read, index=frame.index, dtype=object)
    return frame.dropna(subset=["probabilities"]).loc[:, list(COLUMNS)].reset_index(drop=True)


def _in_scale_order(
    scale: tuple[int, ...], codes: Iterable[int], shares: NDArray[np.float64]
) -> tuple[float, ...] | None:
    """``shares`` of ``codes``, which ascend, in the order of ``scale``; None where the options are other ones."""
    at = dict(zip(codes, shares.tolist(), strict=True))
    return tuple(at[code] for code in scale) if at.keys() == set(scale) else None


def answers_of(table: pd.DataFrame, model_id: str, language: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Probabilities by (persona key, question id) of one model in one prompt language."""
    mine = table[(table["model_id"] == model_id) & (table["language"] == language)]
    return dict(zip(zip(mine["persona"], mine["question_id"], strict=True), mine["probabilities"], strict=True))
