"""First-token readings of a store as one table, averaged over printed orders, with one row per reading."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, get_args

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
AVERAGINGS: tuple[Averaging, ...] = get_args(Averaging)


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
    geometric mean. Suppose that a model adds the same amount to the log-odds of a place whichever option is there, and
    that each option was in each place once. Then the mean of the logarithms removes this preference exactly; the mean
    of the probabilities is flatter. In log space an option has a probability of at least 1e-6.

    ``probabilities`` is a tuple in scale order that sums to 1; ``valid_mass`` (0..1) is the mass of the options before;
    ``persona`` is ``Persona.key``; ``orders`` is the number of printed orders that were averaged; ``run_id`` and
    ``cell_id`` lead to one of the prompts. Only plain first-token readings count: no tag, no paraphrase. Readings
    without any mass on the options, and those with other options than the question has now, are left out. ``chosen``
    restricts the readings; a page asks only for those that it shows, because all of a large store take seconds.
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
    """The readings with the newest template and wording of each model, question, persona and language."""
    key = ["model_id", "question_id", "persona", "language"]
    number = pd.to_numeric(frame["template"].str.extract(r"(\d+)$")[0]).fillna(0)
    order = frame.assign(number=number).sort_values(["number", "wording", "created"], kind="stable").index
    last = frame.loc[order].drop_duplicates(key, keep="last").index
    return frame.loc[frame.index.isin(last)].reset_index(drop=True)


def _in_scale_order(
    scale: tuple[int, ...], codes: Iterable[int], shares: NDArray[np.float64]
) -> tuple[float, ...] | None:
    """``shares`` of the ascending ``codes`` in the order of ``scale``; None where the options are different."""
    at = dict(zip(codes, shares.tolist(), strict=True))
    return tuple(at[code] for code in scale) if at.keys() == set(scale) else None


def answers_of(table: pd.DataFrame, model_id: str, language: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Probabilities by (persona key, question id) of one model in one prompt language."""
    mine = table[(table["model_id"] == model_id) & (table["language"] == language)]
    return dict(zip(zip(mine["persona"], mine["question_id"], strict=True), mine["probabilities"], strict=True))
