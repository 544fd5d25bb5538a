"""Reads a list of persons from CSV: one per line, with columns country, age, sex and education, or some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import InputError, said
from core.surveys.csv_rows import read_rows
from core.surveys.importing.traits import age_group, sex_of
from core.surveys.importing.values import plain_words
from core.surveys.places import country_code
from core.types import Persona

MOST_PERSONAS = 2_000
_COLUMNS = {
    **dict.fromkeys(("country", "国家"), "country"),
    **dict.fromkeys(("age", "年龄"), "age"),
    **dict.fromkeys(("sex", "gender", "性别"), "sex"),
    **dict.fromkeys(("education", "教育程度", "学历"), "education"),
}
_EDUCATIONS = {
    "lower": "lower",
    "middle": "middle",
    "higher": "higher",
    "初等": "lower",
    "中等": "middle",
    "高等": "higher",
}
_NOBODY = "under 18"


def read_personas(path: Path) -> tuple[Persona, ...]:
    """The persons of the CSV at ``path``, each once, in its order.

    A country is a code or a name, an age a number of years or a group (``18-29``), a sex ``female`` or ``male``, an
    education ``lower``, ``middle`` or ``higher``. Blank traits are not told to the model. No line is skipped: raises
    :class:`InputError` that names the line and the value that cannot be read.
    """
    found: dict[Persona, None] = {}
    for line, row in read_rows(path, _COLUMNS):
        values = {name: _READERS[name](text) for name, text in row.items()}
        if wrong := [name for name, value in values.items() if value is None]:
            value = row[wrong[0]][:40]
            raise InputError(said("persona_table_value", file=path.name, line=line, column=wrong[0], value=value))
        found[Persona.model_validate(values)] = None
        if len(found) > MOST_PERSONAS:
            raise InputError(said("persona_table_long", file=path.name, most=MOST_PERSONAS))
    return tuple(found)


def _age(text: str) -> str | None:
    group = age_group(text)
    return None if group == _NOBODY else group


_READERS: Mapping[str, Callable[[str], str | None]] = {
    "country": country_code,
    "age": _age,
    "sex": sex_of,
    "education": lambda text: _EDUCATIONS.get(plain_words(text)),
}
