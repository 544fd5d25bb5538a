"""Numbers and dates as the reader's language writes them, by the Unicode CLDR.

Every function returns text. A number that is not finite is a dash. Times are in UTC and say so, because a run may have
been made on another computer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal

from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent

UNKNOWN = "–"


def _digits(count: int) -> str:
    return "." + "0" * count if count else ""


def _unsigned_zero(text: str, of_zero: Callable[[], str]) -> str:
    """``text``, or zero without a sign where ``text`` has rounded to zero: “-0.00” is no number."""
    return text if any(digit in text for digit in "123456789") else of_zero()


def _with_plus(text: str) -> str:
    # The rounded value may have been below or above zero, so zero gets no sign.
    return f"+{text}" if not text.startswith("-") and any(digit in text for digit in "123456789") else text


def number(value: float, language: str, digits: int = 0, *, signed: bool = False) -> str:
    """``value`` with ``digits`` decimals and separated thousands; ``signed`` writes a plus before positive numbers.

    What rounds to zero has no sign.

    >>> number(1234.5, "en", 1), number(0.25, "en", 2, signed=True), number(-0.0001, "en", 3)
    ('1,234.5', '+0.25', '0.000')
    """
    if not math.isfinite(value):
        return UNKNOWN
    pattern = f"#,##0{_digits(digits)}"
    text = format_decimal(value, format=pattern, locale=language)
    text = _unsigned_zero(text, lambda: format_decimal(0, format=pattern, locale=language))
    return _with_plus(text) if signed else text


def percent(share: float, language: str, digits: int = 0, *, signed: bool = False) -> str:
    """A share (0..1) as a percentage with ``digits`` decimals. What rounds to zero has no sign.

    >>> percent(0.256, "en", 1)
    '25.6%'
    """
    if not math.isfinite(share):
        return UNKNOWN
    text = _percent(float(share) + 0.0, language, digits)  # turns -0.0 into 0.0; both are the same key of the cache
    return _with_plus(text) if signed else text


@lru_cache(maxsize=4096)
def _percent(share: float, language: str, digits: int) -> str:
    # A page writes hundreds of numbers, and the same ones at each rerun.
    pattern = f"#,##0{_digits(digits)}%"
    text = format_percent(share, format=pattern, locale=language)
    return _unsigned_zero(text, lambda: format_percent(0, format=pattern, locale=language))


_LIST_STYLE: dict[str, Literal["standard", "unit"]] = {"en": "unit"}
"""The style in which a language writes a list. English lists have no “and”, since many stand in tables and brackets."""


def listed(names: Iterable[str], language: str) -> str:
    """``names`` as the language writes a list.

    >>> listed(["a", "b", "c"], "en"), listed(["甲", "乙", "丙"], "zh")
    ('a, b, c', '甲、乙和丙')
    """
    return format_list([*names], style=_LIST_STYLE.get(language, "standard"), locale=language)


def money(dollars: float, language: str) -> str:
    """US dollars with two decimals; a minus stands before the currency. What rounds to zero has no minus.

    >>> money(-3, "en")
    '-$3.00'
    """
    if not math.isfinite(dollars):
        return UNKNOWN
    text = format_currency(dollars, "USD", locale=language)
    return _unsigned_zero(text, lambda: format_currency(0, "USD", locale=language))


_FORMS = {"en": ("d MMM y", "d MMM y, HH:mm"), "zh": ("y 年 M 月 d 日", "y 年 M 月 d 日 HH:mm")}


def day(value: date, language: str) -> str:
    """The date alone; of a time, its date in UTC."""
    form = _FORMS.get(language, ("medium", "medium"))[0]
    return format_date(_utc(value) if isinstance(value, datetime) else value, format=form, locale=language)


def moment(value: datetime, language: str) -> str:
    """Date and time to the minute in UTC, with “UTC”. A time without a zone is taken to be in UTC."""
    form = _FORMS.get(language, ("medium", "medium"))[1]
    return f"{format_datetime(_utc(value), format=form, locale=language)} UTC"


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
