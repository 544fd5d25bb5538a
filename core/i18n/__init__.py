"""Interface texts: a folder a language, a TOML file a page, keys in tables.

A key is looked up as ``table.key``; the files of a language are read once and merged, and a table stands in one file
only. ``errors.toml`` holds what core's errors say, ``shared.toml`` what several pages say. Texts may hold ``{name}``
places, filled by keyword. A missing key is an error, not an empty string, so that tests find it before a reader does.

Where a text counts something, its entry is a table of plural forms, chosen by ``{n}``. Where it counts several things,
each counted place has a table of its own::

    found = { one = "{n} answer", other = "{n} answers" }
    told = { other = "{rows} of {people}", rows = { one = "{rows} row", other = "{rows} rows" }, people = {...} }
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from core.i18n.entry import FORMS, Entry

FOLDER = Path(__file__).resolve().parent
DEFAULT = "en"
SHARED = "shared.toml"
"""The file that every language has."""

Texts = Callable[..., str]
"""``t(key, **values) -> str`` in one language."""


def catalogue(language: str = DEFAULT) -> dict[str, Entry]:
    """All texts of ``language`` by dotted key.

    Raises ``FileNotFoundError`` for a language without texts, ``ValueError`` for a key that two files hold.
    """
    return _read(language)


@cache
def _read(language: str) -> dict[str, Entry]:
    return read(FOLDER / language)


def read(folder: Path) -> dict[str, Entry]:
    """The texts of all files in ``folder`` by dotted key; errors as for :func:`catalogue`."""
    if not (folder / SHARED).is_file():
        raise FileNotFoundError(folder / SHARED)
    found: dict[str, Entry] = {}
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            tables = tomllib.load(file)
        for table, entries in tables.items():
            for key, entry in _flat(entries, f"{table}."):
                if key in found:
                    raise ValueError(f"{key} stands in two files, one of them {path.name}")
                found[key] = entry
    return found


def _flat(table: dict[str, Any], prefix: str) -> Iterator[tuple[str, Entry]]:
    for key, value in table.items():
        if not isinstance(value, dict):
            yield f"{prefix}{key}", Entry({"other": str(value).strip()})
        elif "other" in value:
            yield f"{prefix}{key}", _entry(value)
        else:
            yield from _flat(value, f"{prefix}{key}.")


def _entry(value: dict[str, Any]) -> Entry:
    forms = {name: str(text).strip() for name, text in value.items() if name in FORMS}
    return Entry(forms, {name: phrase for name, phrase in value.items() if name not in FORMS})


@cache
def languages() -> tuple[str, ...]:
    """Languages that have texts, the default first."""
    found = sorted(path.parent.name for path in FOLDER.glob(f"*/{SHARED}"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


@cache
def texts(language: str = DEFAULT) -> Texts:
    """The lookup function of ``language``. It raises ``KeyError`` for a key or a place that is not there."""
    entries = catalogue(language)

    def t(key: str, **values: object) -> str:
        return entries[key].fill(language, values)

    return t
