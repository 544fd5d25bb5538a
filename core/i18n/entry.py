"""One interface text, with the plural forms that its language needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.numbers import NumberFormatError, parse_decimal

FORMS = frozenset({"zero", "one", "two", "few", "many", "other"})
"""Names of the plural forms in the Unicode CLDR. Every entry has ``other``; English has ``one`` beside it."""

COUNT = "n"
"""The place whose number chooses the form of a whole text."""


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


def forms_of(language: str) -> frozenset[str]:
    """Names of the plural forms that ``language`` tells apart."""
    return frozenset({*_locale(language).plural_form.tags, "other"})


def form(count: object, language: str) -> str:
    """The plural form that ``count`` takes in ``language``.

    A count may be a number, or the text of a number as :mod:`core.i18n.locale` writes it: ``"1"`` is ``one`` in
    English, ``"1.0"`` and ``"1,000"`` are ``other``. Anything else, such as a dash, is ``other``.
    """
    if isinstance(count, str):
        try:
            count = parse_decimal(count, locale=_locale(language))
        except NumberFormatError:
            return "other"
    if not isinstance(count, int | float | Decimal):
        return "other"
    return _locale(language).plural_form(Decimal(str(count)))


def _chosen(forms: Mapping[str, str], count: object, language: str) -> str:
    return forms.get(form(count, language), forms["other"])


@dataclass(frozen=True)
class Entry:
    """A text by plural form, and the counted phrases that stand in it.

    ``forms`` holds the whole text by the form of ``{n}``. For a text that counts something else, or several things,
    ``phrases`` holds the words that fill a place, by the form of that place's own number.
    """

    forms: Mapping[str, str]
    phrases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def fill(self, language: str, values: Mapping[str, object]) -> str:
        """The text with its places filled. Raises ``KeyError`` for a place without a value."""
        if not values:
            return self.forms["other"]
        text = self.forms["other"] if len(self.forms) == 1 else _chosen(self.forms, values[COUNT], language)
        phrases = {
            place: _chosen(forms, values[place], language).format(**values) for place, forms in self.phrases.items()
        }
        return text.format(**{**values, **phrases})

    def texts(self) -> Iterator[str]:
        """Every form of the text and of its phrases."""
        yield from self.forms.values()
        for forms in self.phrases.values():
            yield from forms.values()
