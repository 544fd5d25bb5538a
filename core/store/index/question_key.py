"""The key of a question in SQL and in frames of rows, equal to :func:`core.types.question_key`."""

from __future__ import annotations

import pandas as pd

from core.types import PLAIN_SURVEYS, question_key

_PLAIN = ", ".join(f"'{name}'" for name in PLAIN_SURVEYS)

QUESTION_KEY = f"""
CASE WHEN survey IS NULL OR survey IN ({_PLAIN}) OR starts_with(question_id, survey || ':')
    THEN question_id ELSE survey || ':' || question_id END
"""
"""SQL expression for the key of a question from the columns ``survey`` and ``question_id`` of a stored row."""


def with_question_keys(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` with keys in ``question_id``. A frame without the column ``survey`` is returned unchanged."""
    if "survey" not in rows:
        return rows
    other = rows["survey"].notna() & ~rows["survey"].isin(PLAIN_SURVEYS)
    if not other.any():
        return rows
    named = zip(rows["survey"], rows["question_id"], other, strict=True)
    return rows.assign(question_id=[question_key(survey, name) if far else name for survey, name, far in named])
