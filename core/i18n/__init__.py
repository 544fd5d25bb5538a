"""Interface texts: one TOML catalogue a language, keys in tables, read once.

A key is looked up as ``table.key``. Texts may hold ``{name}`` places, filled by keyword. A missing key is an error,
not an empty string: tests find it before a reader does.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
DEFAULT = "en"

Texts = Callable[..., str]
"""``t(key, **values) -> str`` in one language."""


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value).strip()


def catalogue(language: str = DEFAULT) -> dict[str, str]:
    """All texts of ``language`` by dotted key. Raises ``FileNotFoundError`` for a language without a catalogue."""
    return _read(language)


@cache
def _read(language: str) -> dict[str, str]:
    with (FOLDER / f"{language}.toml").open("rb") as file:
        return dict(_flat(tomllib.load(file)))


def languages() -> tuple[str, ...]:
    """Languages that have a catalogue, the default first."""
    found = sorted(path.stem for path in FOLDER.glob("*.toml"))
    return tuple(sorted(found, key=lambda name: name != DEFAULT))


@cache
def texts(language: str = DEFAULT) -> Texts:
    """The lookup function of ``language``. It raises ``KeyError`` for a key or a place that is not there."""
    table = catalogue(language)

    def t(key: str, **values: object) -> str:
        text = table[key]
        return text.format(**values) if values else text

    return t
