"""Reads the user's own dilemmas from CSV, one per line. Paraphrases and steps need the TOML form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.surveys.csv_rows import read_rows

_PLAIN = ("id", "domain", "ambiguity", "worse", "value_a", "value_b")
_TEXTS = ("title", "situation", "a", "b", "good", "bad")
COLUMNS = {name: name for name in (*_PLAIN, *(f"{text}_{language}" for text in _TEXTS for language in ("en", "zh")))}
"""Columns that a table may have; a text has one column per language."""


def dilemma_entries(path: Path) -> list[dict[str, Any]]:
    """The lines of the CSV at ``path`` in the form of the entries of a TOML file, to be checked like them.

    A text that is given in one language only is used for both, so that a table in one language can be asked in it.
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
