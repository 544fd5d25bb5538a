"""Counts the outcomes of a run, and compares how two runs were made."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.store.files.run_info import RunInfo
from core.store.index.database import Store
from core.types import LITTLE_MASS, canonical_json


def mostly_beside(rows: str = "responses") -> str:
    """An SQL condition on stored answers called ``rows``: readings with little probability on their options."""
    read = f"{rows}.kind = 'options' AND {rows}.outcome NOT IN ('error', 'refusal')"
    return f"({read} AND {rows}.valid_mass < {LITTLE_MASS})"


def outcomes(store: Store, run_id: str) -> pd.DataFrame:
    """Columns ``outcome``, ``error_kind`` (empty where there was no error) and ``n``, the most frequent first."""
    return store.frame(
        """
        SELECT outcome, coalesce(error_kind, '') AS error_kind, count(*) AS n FROM responses WHERE run_id = ?
        GROUP BY ALL ORDER BY n DESC, outcome, error_kind
        """,
        [run_id],
    )


def error_texts(store: Store, run_id: str, most: int = 50) -> pd.DataFrame:
    """Columns ``error_kind``, ``error_text`` (English, as stored) and ``n``: the ``most`` most frequent texts."""
    return store.frame(
        """
        SELECT error_kind, error_text, count(*) AS n FROM responses WHERE run_id = ? AND outcome = 'error'
        GROUP BY ALL ORDER BY n DESC, error_kind, error_text LIMIT ?
        """,
        [run_id, most],
    )


def differences(before: RunInfo, after: RunInfo) -> pd.DataFrame:
    """What differs between the ways two runs were made: columns ``part``, ``name``, ``before``, ``after``.

    ``part`` is ``models`` (revisions), ``prompts``, ``libraries`` or ``spec``. A value that one run lacks is empty.
    """
    rows = []
    for part in ("models", "prompts", "libraries", "spec"):
        left, right = _values(getattr(before, part)), _values(getattr(after, part))
        for name in sorted(left.keys() | right.keys()):
            if left.get(name) != right.get(name):
                rows.append((part, name, left.get(name, ""), right.get(name, "")))
    return pd.DataFrame(rows, columns=["part", "name", "before", "after"])


def _values(found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    return {name: value if isinstance(value, str) else canonical_json(value) for name, value in found.items()}
