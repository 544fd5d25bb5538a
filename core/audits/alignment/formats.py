"""Does a model give the same answer to a ladder in all four formats: by number and by letter, upwards and downwards?

A model that reads the question gives the same answer in all four formats. Where the formats disagree, the mean answer
depends on the format. This disagreement is a property of the model that should be shown with every figure from ladders.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from core.audits.alignment.printed_forms import by_form, masses_of
from core.audits.one_method import of_one_method
from core.audits.option_table import newest
from core.stats import mean_interval
from core.surveys.batteries import battery_of
from core.types import Question

Format = Literal["numbers_up", "numbers_down", "letters_up", "letters_down"]
FORMATS: tuple[Format, ...] = ("numbers_up", "numbers_down", "letters_up", "letters_down")
"""The labels of the steps, and whether the scale is printed from its low or from its high end."""

_KEY = ["model_id", "language", "persona", "question_id"]


def format_answers(printed: pd.DataFrame, questions: Mapping[str, Question]) -> pd.DataFrame:
    """The mean answer to each ladder in each format, from :meth:`core.store.Store.printed`.

    Columns: model_id, language, persona, question_id, template, format, ``mean`` (0..1 from the low to the high end of
    the scale in the bank) and ``valid_mass`` (0..1). Rotated orders, which print no ladder, and answers without any
    mass on the options are left out; of several templates the newest counts, and of a model the answers that were read
    as most were (:func:`of_one_method`).
    """
    rows: list[tuple[object, ...]] = []
    for name, mine in of_one_method(newest_rows(printed)).groupby("question_id", sort=False):
        question = questions.get(str(name))
        if question is None or not question.is_ladder:
            continue
        for (order, style), part in by_form(mine).items():
            direction = {question.codes: "up", question.codes[::-1]: "down"}.get(order)
            if direction is None:
                continue
            masses = masses_of(part)
            total = masses.sum(axis=1)
            place = np.linspace(0, 1, len(order))[:: 1 if direction == "up" else -1]
            means = masses @ place / np.where(total > 0, total, 1)
            heads = zip(*(part[column] for column in (*_KEY, "template")), means.tolist(), total.tolist(), strict=True)
            rows += [(*head, f"{style}_{direction}", mean, mass) for *head, mean, mass in heads if mass > 0]
    return pd.DataFrame(rows, columns=[*_KEY, "template", "format", "mean", "valid_mass"])


def format_disagreement(answers: pd.DataFrame) -> pd.DataFrame:
    """How far apart the formats are, from :func:`format_answers`: one row per model, language, persona and ladder.

    Columns: model_id, language, persona, question_id, the mean answer in each of :data:`FORMATS`, and ``spread``, the
    largest minus the smallest of them (0..1 of the scale). Ladders not asked in all four formats are left out.
    """
    wide = answers.pivot_table(index=_KEY, columns="format", values="mean", observed=True)
    wide = wide.reindex(columns=list(FORMATS)).dropna()
    return wide.assign(spread=wide.max(axis=1) - wide.min(axis=1)).reset_index().rename_axis(columns=None)


LEAST_SPREAD = 0.05
"""Formats agree where their mean answers differ by less than this fraction of the scale."""


def format_summary(disagreement: pd.DataFrame, questions: Mapping[str, Question]) -> pd.DataFrame:
    """Means of :func:`format_disagreement` over personas and ladders, one row per model and language.

    ``spread`` has the ends ``low`` and ``high`` of its 95 % interval by battery of ladders; ``questions`` and
    ``batteries`` count these. The spread of a model that reads the question is near 0; that of a model that answers by
    place or by label is near 1. It is the largest minus the smallest of four, so noise makes it larger, never smaller.
    """
    rows = []
    for (model, language), part in disagreement.groupby(["model_id", "language"], sort=True):
        means = part.groupby("question_id", sort=True)[[*FORMATS, "spread"]].mean()
        blocks = [battery_of(questions[str(name)]) for name in means.index]
        found = mean_interval(means["spread"].to_numpy(float), blocks, within=(0.0, 1.0))
        counts = {"questions": len(means), "batteries": len(set(blocks))}
        rows.append(
            {"model_id": model, "language": language, **means[list(FORMATS)].mean().to_dict()}
            | {"spread": found.mean, "low": found.low, "high": found.high, **counts}
        )
    columns = ["model_id", "language", *FORMATS, "spread", "low", "high", "questions", "batteries"]
    return pd.DataFrame(rows, columns=columns)


def newest_rows(printed: pd.DataFrame) -> pd.DataFrame:
    """Rows of :meth:`core.store.Store.printed` by the newest template and wording of each reading."""
    key = [*_KEY, "template", "wording"]
    if printed.empty:
        return printed
    return printed.merge(newest(printed)[key].drop_duplicates(), on=key)
