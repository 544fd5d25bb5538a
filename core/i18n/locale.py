"""Numbers and dates in the reader's language, after the Unicode CLDR.

Every function gives text; what is no finite number is a dash. Times are written in UTC, and say so, because a run may
have been made on another computer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

UNKNOWN = "–"


def _digits(count: int) -> str:
    return "." + "0" * count if count else ""


def _signed(text: str, value: float) -> str:
    """``text`` with a plus where ``value`` is above 0; a zero has no sign."""
    return f"+{text}" if value > 0 else text


def _rounded(value: float, digits: int) -> float:
    """``value`` as it will be read, so that what rounds to 0 has no sign."""
    return round(float(value), digits) + 0.0


def number(value: float, language: str, digits: int = 0, *, signed: bool = False) -> str:
    """``value`` with ``digits`` decimals and separators between thousands; ``signed`` writes a plus too."""
    if not math.isfinite(value):
        return UNKNOWN
    shown = _rounded(value, digits)
    text = format_decimal(shown if shown == 0 else value, format=f"#,##0{_digits(digits)}", locale=language)
    return _signed(text, shown) if signed else text


def percent(share: float, language: str, digits: int = 0, *, signed: bool = False) -> str:
    """A share from 0 to 1 as a percentage with ``digits`` decimals."""
    if not math.isfinite(share):
        return UNKNOWN
    shown = _rounded(share, digits + 2)
    text = _percent(shown if shown == 0 else float(share), language, digits)
    return _signed(text, shown) if signed else text


@lru_cache(maxsize=4096)
def _percent(share: float, language: str, digits: int) -> str:
    # Pages write hundreds of them, the same at each rerun.
    return format_percent(share, format=f"#,##0{_digits(digits)}%", locale=language)


_LIST_MARK = {"en": ", ", "zh": "、"}


def listed(names: Iterable[str], language: str) -> str:
    """``names`` in one line, with the mark that the language puts between them."""
    return _LIST_MARK.get(language, ", ").join(names)


def money(dollars: float, language: str) -> str:
    """US dollars with two decimals."""
    return f"${number(dollars, language, 2)}"


_FORMS = {"en": ("d MMM y", "d MMM y, HH:mm"), "zh": ("y 年 M 月 d 日", "y 年 M 月 d 日 HH:mm")}


def day(value: date, language: str) -> str:
    """The date alone, in UTC where ``value`` has a time."""
    form = _FORMS.get(language, ("medium", "medium"))[0]
    return format_date(_utc(value) if isinstance(value, datetime) else value, format=form, locale=language)


def moment(value: datetime, language: str) -> str:
    """Date and time to the minute, with “UTC”; a moment without a zone is taken to be in UTC."""
    form = _FORMS.get(language, ("medium", "medium"))[1]
    return f"{format_datetime(_utc(value), format=form, locale=language)} UTC"


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
