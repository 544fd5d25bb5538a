"""First-token readings of a store as one table: averaged over printed orders, one row a reading."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.store import Store
from core.store.readings import ReadingFilter
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
    probabilities = pd.Series(None, index=frame.index, dtype=object)
    for name, part in frame.groupby("question_id", sort=False):
        question = questions.get(str(name))
        if question is None:
            continue
        ascending = sorted(question.codes)
        place = [ascending.index(code) for code in question.codes]
        fits = [list(codes) == ascending for codes in part["codes"]]
        mine = part.loc[fits, "probabilities"]
        if len(mine):
            shares = np.stack(mine.to_list())[:, place]
            probabilities[mine.index] = pd.Series(list(map(tuple, shares.tolist())), index=mine.index, dtype=object)
    frame["probabilities"] = probabilities
    return frame.dropna(subset=["probabilities"]).loc[:, list(COLUMNS)].reset_index(drop=True)


def answers_of(table: pd.DataFrame, model_id: str, language: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Probabilities by (persona key, question id) of one model in one prompt language."""
    mine = table[(table["model_id"] == model_id) & (table["language"] == language)]
    return dict(zip(zip(mine["persona"], mine["question_id"], strict=True), mine["probabilities"], strict=True))
