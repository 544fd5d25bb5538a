"""Dilemmas of one's own as CSV: a line a dilemma. What a line cannot say (paraphrases, steps) is said in TOML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.surveys.csv_rows import read_rows

_PLAIN = ("id", "domain", "ambiguity", "worse", "value_a", "value_b")
_TEXTS = ("title", "situation", "a", "b", "good", "bad")
COLUMNS = {name: name for name in (*_PLAIN, *(f"{text}_{language}" for text in _TEXTS for language in ("en", "zh")))}
"""Columns that a table may have; a text stands in one column a language."""


def dilemma_entries(path: Path) -> list[dict[str, Any]]:
    """The lines of the CSV at ``path`` in the form of a TOML file's entries, to be checked like these.

    A text that is given in one language only stands for both, so that a table of one language can be asked in it.
    Raises :class:`~core.errors.InputError`.
    """
    return [_entry(row) for _, row in read_rows(path, COLUMNS)]


def _entry(row: dict[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {name: row[name] for name in _PLAIN if name in row}
    for text in _TEXTS:
        told = {language: row[f"{text}_{language}"] for language in ("en", "zh") if f"{text}_{language}" in row}
        if told:
            one = next(iter(told.values()))
            made[text] = {language: told.get(language, one) for language in ("en", "zh")}
    return {"ambiguity": "high", **made}
