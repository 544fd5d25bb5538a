"""Counts the outcomes of a run, and compares how two runs were made."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.store.files.run_info import RunInfo
from core.store.index.database import Store
from core.store.index.tallies import counted
from core.types import canonical_json


def outcomes(store: Store, run_id: str) -> pd.DataFrame:
    """Columns ``outcome``, ``error_kind`` (empty where there was no error) and ``n``, the most frequent first."""
    return store.frame(
        f"""
        SELECT outcome, coalesce(error_kind, '') AS error_kind, {counted()} AS n FROM tallies WHERE run_id = ?
        GROUP BY ALL ORDER BY n DESC, outcome, error_kind
        """,  # noqa: S608 - fixed names
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
        rows_of=[run_id],
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
