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
from babel.numbers import format_currency, format_decimal, format_percent

UNKNOWN = "–"


def _digits(count: int) -> str:
    return "." + "0" * count if count else ""


def _signed(text: str, value: float) -> str:
    return text if value < 0 else f"+{text}"


def number(value: float, language: str, digits: int = 0, *, signed: bool = False) -> str:
    """``value`` with ``digits`` decimals and separators between thousands; ``signed`` writes a plus too."""
    if not math.isfinite(value):
        return UNKNOWN
    text = format_decimal(value, format=f"#,##0{_digits(digits)}", locale=language)
    return _signed(text, value) if signed else text


def percent(share: float, language: str, digits: int = 0, *, signed: bool = False) -> str:
    """A share from 0 to 1 as a percentage with ``digits`` decimals."""
    if not math.isfinite(share):
        return UNKNOWN
    text = _percent(float(share) + 0.0, language, digits)  # -0.0 becomes 0.0, which is the same key
    return _signed(text, share) if signed else text


@lru_cache(maxsize=4096)
def _percent(share: float, language: str, digits: int) -> str:
    # Pages write hundreds of them, the same at each rerun.
    return format_percent(share, format=f"#,##0{_digits(digits)}%", locale=language)


_LIST_MARK = {"en": ", ", "zh": "、"}


def listed(names: Iterable[str], language: str) -> str:
    """``names`` in one line, with the mark that the language puts between them."""
    return _LIST_MARK.get(language, ", ").join(names)


def money(dollars: float, language: str) -> str:
    """US dollars with two decimals; a minus stands before the sign of the currency."""
    return format_currency(dollars, "USD", locale=language) if math.isfinite(dollars) else UNKNOWN


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
