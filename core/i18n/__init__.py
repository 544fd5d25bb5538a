"""Interface texts: one folder a language, one TOML file a page, keys in tables.

A text is looked up by ``table.key``. The files of a language are read once and merged; a table stands in one file only.
``errors.toml`` has the texts of core's errors, ``shared.toml`` the texts of several pages. A text may have places such
as ``{name}``, which are filled by keyword. A missing key raises an error instead of giving an empty text, so that tests
find it before a reader does.

Where a language has plural forms, a counted noun is a place with the noun's name, and its forms stand in the table
``count``. Where more than the noun changes, the entry is a table of forms, chosen by the place ``n`` or by the one that
``by`` names::

    [count]
    answers = { one = "{n} answer", other = "{n} answers" }
    [page]
    found = "{n:answers} in {seconds:seconds}"
    left_out = { one = "{n} more row is left out.", other = "{n} more rows are left out." }
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.i18n.entry import FORMS, Entry, Filler, nouns_in
from core.once import once

FOLDER = Path(__file__).resolve().parent
DEFAULT = "en"
SHARED = "shared.toml"
"""A file that every language has."""
COUNTS = "count"
"""The table of nouns that are counted."""

Texts = Callable[..., str]
"""``t(key, **values) -> str`` in one language."""


def catalogue(language: str = DEFAULT) -> dict[str, Entry]:
    """All texts of ``language`` by dotted key.

    Raises ``FileNotFoundError`` for a language without texts, and ``ValueError`` for a key that stands in two files or
    a counted noun that is missing from the table ``count``.
    """
    return _read(language)


@once
def _read(language: str) -> dict[str, Entry]:
    return read(FOLDER / language)


def read(folder: Path) -> dict[str, Entry]:
    """The texts of all files in ``folder`` by dotted key. Raises as :func:`catalogue` does."""
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
    for key, entry in found.items():
        unknown = {noun for text in entry.forms.values() for noun in nouns_in(text) if f"{COUNTS}.{noun}" not in found}
        if unknown:
            raise ValueError(f"{key} counts {sorted(unknown)}, which the table {COUNTS} lacks")
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
    if unknown := set(value) - set(forms) - {"by"}:
        raise ValueError(f"no plural form: {sorted(unknown)}")
    return Entry(forms, **({"by": value["by"]} if "by" in value else {}))


@once
def languages() -> tuple[str, ...]:
    """Languages that have texts, the default first."""
    found = sorted(path.parent.name for path in FOLDER.glob(f"*/{SHARED}"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


@once
def texts(language: str = DEFAULT) -> Texts:
    """The function that looks up texts of ``language``. It raises ``KeyError`` for a missing key or a missing value."""
    entries = catalogue(language)
    nouns = {key.removeprefix(f"{COUNTS}."): entry for key, entry in entries.items() if key.startswith(f"{COUNTS}.")}
    filler = Filler(language, nouns)
    counting = {key for key, entry in entries.items() if any(nouns_in(text) for text in entry.forms.values())}

    def t(key: str, **values: object) -> str:
        entry = entries[key]
        if not values:
            return entry.forms["other"]
        text = entry.chosen(language, values)
        return filler.format(text, **values) if key in counting else text.format(**values)

    return t
