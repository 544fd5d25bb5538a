"""The glossary: terms with an explanation in each language of the interface, read from a file in this folder."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import NamedTuple

from core.once import once

FILE = Path(__file__).with_name("terms.toml")


class Term(NamedTuple):
    """A term as the reader sees it, and an explanation in one or two sentences."""

    name: str
    text: str


@once
def glossary(language: str) -> dict[str, Term]:
    """All terms of ``language`` by key. Raises ``KeyError`` where a term has no text in the language."""
    with FILE.open("rb") as file:
        table = tomllib.load(file)
    return {key: Term(entry[language], entry[f"{language}_text"]) for key, entry in table.items()}
