"""Compares two runs answer by answer: the answers to one prompt in both runs.

:mod:`.runs` says whether runs differ by more than noise; this module gives the single pairs of answers to read.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.findings.compare.runs import labels_of, partners
from core.stats.distances import total_variation
from core.store.index.question_key import with_question_keys

_KEY = ["model_id", "question_id", "country", "age", "sex", "education", "language", "paraphrase", "tag", "kind"]
_FORM = ["labels", "printed", "sample"]
CELL_COLUMNS = (
    "cell_id",
    "survey",
    *_KEY,
    "prompt_version",
    "sample",
    "codes",
    "mass",
    "valid_mass",
    "outcome",
    "parsed_code",
)
"""Columns of stored responses that :func:`paired_cells` reads."""


def paired_cells(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Answers of two runs to the same prompt, frames as ``Store.responses`` gives them; most moved first.

    Answers are paired by model, question, persona, language, paraphrase, tag, printed order, labels and sample; models
    as in :func:`.runs.compare_runs`. Columns: cell_before, cell_after, sample, ``moved`` (total variation of the two
    distributions over the options, 0..1; NaN where a side has none) and ``differs`` (the distributions differ, or one
    side has another outcome or wrote another option).
    """
    left, right = _keyed(before), _keyed(after)
    partner = partners(set(left["model_id"]), set(right["model_id"]))
    left["model_id"] = left["model_id"].map(lambda name: partner.get(name, name))
    pairs = left.merge(right, on=[*_KEY, *_FORM], suffixes=("_before", "_after"))
    moved = [_moved(p, q) for p, q in zip(pairs["mass_before"], pairs["mass_after"], strict=True)]
    pairs = pairs.rename(columns={"cell_id_before": "cell_before", "cell_id_after": "cell_after"}).assign(moved=moved)
    same = (pairs["outcome_before"] == pairs["outcome_after"]) & (
        pairs["parsed_code_before"].fillna(-1) == pairs["parsed_code_after"].fillna(-1)
    )
    pairs["differs"] = ~same | (pairs["moved"].fillna(0.0) > 0)
    return pairs.sort_values(["moved", "cell_before"], ascending=[False, True], ignore_index=True)[
        ["cell_before", "cell_after", "sample", "moved", "differs"]
    ]


def _keyed(rows: pd.DataFrame) -> pd.DataFrame:
    found = with_question_keys(rows).assign(
        labels=labels_of(rows),
        printed=rows["codes"].map(lambda codes: tuple(int(code) for code in codes)),
    )
    for name in ("country", "age", "sex", "education"):
        found[name] = found[name].astype(object).where(found[name].notna(), "")
    return found


def _moved(before: object, after: object) -> float:
    p, q = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if not p.size or p.size != q.size or p.sum() <= 0 or q.sum() <= 0:
        return float("nan")
    return float(total_variation(p / p.sum(), q / q.sum()))
