"""The key of a question in SQL, as :func:`core.types.question_key` makes it."""

from __future__ import annotations

from core.types import PLAIN_SURVEYS

_PLAIN = ", ".join(f"'{name}'" for name in PLAIN_SURVEYS)

QUESTION_KEY = f"""
CASE WHEN survey IS NULL OR survey IN ({_PLAIN}) THEN question_id ELSE survey || ':' || question_id END
"""
"""Of the columns ``survey`` and ``question_id`` of a stored row."""
