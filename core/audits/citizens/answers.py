"""Reads the answers of simulated citizens from stored rows, and counts them by arm and group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd

from core.audits.citizens.draw import Tag, code_of, shares_of
from core.audits.citizens.plan import WRITTEN
from core.stats.distances import Array
from core.types import GroupDimension, Question, Response

DIMENSIONS: tuple[GroupDimension, ...] = ("all", "age", "sex", "education")
ANSWER_COLUMNS = (
    "model_id",
    "language",
    "country",
    "arm",
    "seed",
    "number",
    "question_id",
    "age",
    "sex",
    "education",
    "region",
    "code",
    "shares",
    "outcome",
    "kind",
    "cell_id",
)
KEY = ["model_id", "language", "country", "arm", "dimension", "group"]


def read(rows: Iterable[Response]) -> pd.DataFrame:
    """One row per answer (:data:`ANSWER_COLUMNS`). Errors are left out.

    ``code`` is NaN where no option was read. ``shares`` are the probabilities of the options by ascending code where
    they were read directly, else ``None``.
    """
    out = []
    for row in rows:
        tag = Tag.read(row.tag)
        if tag is None or row.outcome == "error":
            continue
        head = (row.model_id, row.language, row.country, tag.arm, tag.seed, tag.number, row.question_key)
        who = (row.age, row.sex, row.education, tag.region)
        shares = shares_of(row)
        out.append((*head, *who, code_of(row, shares), shares, row.outcome, row.kind, row.cell_id))
    frame = pd.DataFrame(out, columns=list(ANSWER_COLUMNS))
    return frame.astype({"code": float})


def distributions(
    answers: pd.DataFrame, questions: dict[str, Question], dimensions: Sequence[GroupDimension] = DIMENSIONS
) -> pd.DataFrame:
    """Answers counted by :data:`KEY` and question_id: ``n`` answers that name an option, ``counts`` in scale order.

    Where all answers were read as probabilities, ``counts`` are expected counts, the sum of the shares, and
    ``expected`` is True, because drawing one answer from each would only add noise. ``invalid`` is the number of
    answers that name no option. Written checks are left out. Seeds are pooled.
    """
    out: list[dict[str, Any]] = []
    mine = answers[(answers["arm"] != WRITTEN) & answers["question_id"].isin(list(questions))]
    chosen, shares = mine["code"].to_numpy(float), mine["shares"].to_numpy(object)
    for dimension in dimensions:
        keys = ["model_id", "language", "country", "arm", *([] if dimension == "all" else [dimension]), "question_id"]
        # Positions in arrays, not frames: a run has thousands of small groups. They are in order of first appearance.
        grouped = mine.groupby(keys, sort=False).indices
        for name, places in sorted(grouped.items(), key=lambda pair: int(pair[1][0])):
            key = cast("tuple[str, ...]", name)
            named = places[~np.isnan(chosen[places])]
            read_directly = [one for one in shares[named] if one is not None]
            expected = len(named) > 0 and len(read_directly) == len(named)
            counts = _counts(chosen[named], read_directly if expected else None, questions[str(key[-1])].codes)
            out.append(
                dict(zip(("model_id", "language", "country", "arm"), key, strict=False))
                | {"dimension": dimension, "group": "all" if dimension == "all" else str(key[4])}
                | {"question_id": key[-1], "n": len(named), "counts": counts, "expected": expected}
                | {"invalid": len(places) - len(named)}
            )
    return pd.DataFrame(out, columns=[*KEY, "question_id", "n", "counts", "expected", "invalid"])


def _counts(chosen: Array, shares: Sequence[Sequence[float]] | None, codes: Sequence[int]) -> tuple[float, ...]:
    """How many of the answers ``chosen`` name each of ``codes``; with ``shares``, how many are expected to."""
    if shares is None:
        return tuple(float((chosen == code).sum()) for code in codes)
    by_code = dict(zip(sorted(codes), np.sum(np.array(shares, dtype=np.float64), axis=0), strict=True))
    return tuple(float(by_code[code]) for code in codes)
