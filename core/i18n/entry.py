"""One interface text with the plural forms of its language."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import NumberFormatError, parse_decimal

from core.i18n.locale import number
from core.once import once

FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
"""Names of the plural forms in the Unicode CLDR. Every entry has ``other``; an English one may also have ``one``."""

COUNT = "n"
"""The place whose number chooses the plural form, unless the entry names another one."""

NOUN = re.compile(r"[a-z]\w{2,}")
"""What stands after the colon in a place that is a counted noun, such as ``{n:questions}``."""


@once
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def forms_of(language: str) -> frozenset[str]:
    """The plural forms of ``language``: ``one`` and ``other`` in English, only ``other`` in Chinese."""
    return frozenset({*_locale(language).plural_form.tags, "other"})


def form(count: object, language: str) -> str:
    """The plural form that ``count`` takes in ``language``.

    A count may be a number, or the text of a number as :mod:`core.i18n.locale` writes it: ``"1"`` is ``one`` in
    English, ``"1.0"`` and ``"1,000"`` are ``other``. Anything else, such as a dash, is ``other``.
    """
    return _form(count, language) if isinstance(count, str | int | float | Decimal) else "other"


@lru_cache(maxsize=4096, typed=True)
def _form(count: str | float | Decimal, language: str) -> str:
    # Typed, because 1 and 1.0 are equal and have different forms. A page counts the same few numbers again and again.
    if isinstance(count, str):
        try:
            count = parse_decimal(count, locale=_locale(language))
        except NumberFormatError:
            return "other"
    return _locale(language).plural_form(Decimal(str(count)))


def nouns_in(text: str) -> set[str]:
    """Names of the counted nouns in ``text``: ``{"questions"}`` in ``"over {n:questions}"``."""
    return {spec for _, place, spec, _ in string.Formatter().parse(text) if place and spec and NOUN.fullmatch(spec)}


@dataclass(frozen=True)
class Entry:
    """A text in its plural forms. The number that fills the place ``by`` chooses the form."""

    forms: Mapping[str, str]
    by: str = COUNT

    def chosen(self, language: str, values: Mapping[str, object]) -> str:
        """The form for the number in ``values``. Raises ``KeyError`` where ``values`` has no such number."""
        other = self.forms["other"]
        return other if len(self.forms) == 1 else self.forms.get(form(values[self.by], language), other)


class Filler(string.Formatter):
    """Fills the places of the texts of one language: ``{n:questions}`` becomes “1 question” or “2 questions”.

    ``nouns`` has an entry for each counted noun. Whole numbers are written with separated thousands.
    """

    def __init__(self, language: str, nouns: Mapping[str, Entry]) -> None:
        self.language, self.nouns = language, nouns

    def format_field(self, value: Any, format_spec: str) -> str:
        """The text of one place: a counted noun, or what Python's own formatting makes of ``format_spec``."""
        noun = self.nouns.get(format_spec)
        if noun is None:
            return str(super().format_field(value, format_spec))
        written = value
        if isinstance(value, int):
            written = number(value, self.language)
        elif isinstance(value, float):
            written = f"{value:g}"
        return noun.chosen(self.language, {COUNT: written}).format(**{COUNT: written})
