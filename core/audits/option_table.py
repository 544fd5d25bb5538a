"""First-token readings of a store as one table: averaged over printed orders, one row a reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

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
    "template",
    "wording",
    "method",
    "samples",
    "orders",
    "created",
    "run_id",
    "cell_id",
    "probabilities",
    "valid_mass",
)
Averaging = Literal["arithmetic", "log"]
"""How the printed orders are averaged: the probabilities, or their logarithms."""


def option_table(
    store: Store,
    questions: Mapping[str, Question],
    chosen: ReadingFilter | None = None,
    average: Averaging = "arithmetic",
    every_template: bool = False,
) -> pd.DataFrame:
    """One row per model, survey question, persona and language; the latest reading of each printed order counts.

    Where there are readings by several templates or wordings of an item, the newest counts, and ``template`` and
    ``wording`` name it; with ``every_template`` each is a row of its own.

    ``average`` is ``arithmetic``, the mean of the probabilities over the printed orders, or ``log``, the renormalised
    geometric mean. Where a model adds the same amount to the log-odds of a place whatever stands there, and each option
    stood once in each place, the mean of the logarithms leaves exactly what the model holds of the content; the mean of
    the probabilities is flatter than that. An option is taken to have at least a probability of 1e-6 in log space.

    ``probabilities`` is a tuple in scale order that sums to 1, ``valid_mass`` (0..1) what lay on the options before;
    ``persona`` is ``Persona.key``; ``orders`` says how many printed orders were averaged; ``run_id`` and ``cell_id``
    lead to one of the prompts. Only plain first-token readings count: no tag, no paraphrase. Readings without any mass
    on the options, and those with other options than the question has now, are left out. ``chosen`` says which
    readings; a page asks for what it shows, since all of a large store take seconds.
    """
    frame = store.readings(chosen)
    if average == "log":
        frame["probabilities"] = frame["probabilities_log"]
    if not every_template:
        frame = newest(frame)
    known = [questions.get(name) for name in frame["question_id"]]
    read = [
        _in_scale_order(question.codes, codes, shares) if question else None
        for question, codes, shares in zip(known, frame["codes"], frame["probabilities"], strict=True)
    ]
    frame["probabilities"] = pd.Series(read, index=frame.index, dtype=object)
    return frame.dropna(subset=["probabilities"]).loc[:, list(COLUMNS)].reset_index(drop=True)


def newest(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of readings by the newest template and wording there is of each model, question, persona, language."""
    key = ["model_id", "question_id", "persona", "language"]
    number = pd.to_numeric(frame["template"].str.extract(r"(\d+)$")[0]).fillna(0)
    order = frame.assign(number=number).sort_values(["number", "wording", "created"], kind="stable").index
    last = frame.loc[order].drop_duplicates(key, keep="last").index
    return frame.loc[frame.index.isin(last)].reset_index(drop=True)


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
