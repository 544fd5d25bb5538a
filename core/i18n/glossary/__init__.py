"""The glossary: terms with a plain explanation in each language of the interface, from one file beside this one."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("terms.toml")


class Term(NamedTuple):
    """A term as a reader sees it, and what it means in one or two sentences."""

    name: str
    text: str


@cache
def glossary(language: str) -> dict[str, Term]:
    """All terms of ``language`` by key. Raises ``KeyError`` where one of them lacks the language."""
    with FILE.open("rb") as file:
        table = tomllib.load(file)
    return {key: Term(entry[language], entry[f"{language}_text"]) for key, entry in table.items()}
