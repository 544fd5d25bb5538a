"""Interface texts, numbers and dates in the reader's language."""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from datetime import date, datetime
from math import isnan
from typing import cast

import pandas as pd
import streamlit as st

from core import i18n
from core.i18n import locale
from core.types import Language
from pages.parts.shared.value_of_now import T, holding

CHOSEN = "ui_language"
"""Where the session keeps the language; set by :mod:`pages.parts.app.language`."""
UI = "ui"
"""The language in the URL."""


_KEPT: ContextVar[Language | None] = ContextVar("kept_language", default=None)


def ui_language() -> Language:
    """Language of the interface in this session."""
    return _KEPT.get() or cast(Language, st.session_state.get(CHOSEN, i18n.DEFAULT))


def settle(language: Language | None) -> None:
    """Let ``language`` hold for the rest of this run, which reads many texts; ``None``: ask the session again."""
    _KEPT.set(language)


def keeping_language(work: Callable[[], T]) -> Callable[[], T]:
    """``work`` for later, in the language of now: a download is written where no session can be asked."""
    return in_language(work, ui_language())


def in_language(work: Callable[[], T], language: Language) -> Callable[[], T]:
    """``work`` for where there is no session, in ``language``."""
    return holding(_KEPT, language, work)


def t(key: str, **values: object) -> str:
    """The text ``key`` in the reader's language, its places filled with ``values``."""
    return i18n.texts(ui_language())(key, **values)


def texts() -> i18n.Texts:
    """The lookup function of the reader's language, for sentences that core makes."""
    return i18n.texts(ui_language())


def term(family: str, value: object, **values: object) -> str:
    """The word for one value of a closed set, such as ``term("topic", "religion")``; ``values`` fill its places."""
    return t(f"{family}.{value}", **values)


def number(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """A number with ``digits`` decimals and separated thousands."""
    return locale.number(value, ui_language(), digits, signed=signed)


def percent(share: float, digits: int = 0, *, signed: bool = False) -> str:
    """A share from 0 to 1 as a percentage."""
    return locale.percent(share, ui_language(), digits, signed=signed)


def span(value: float, low: float, high: float, digits: int = 3, *, signed: bool = False) -> str:
    """A number with its interval, “0.283 [0.207, 0.375]”; the number alone where there is no interval."""
    numbers = [number(one, digits, signed=signed) for one in (value, low, high)]
    return numbers[0] if isnan(low) else f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"


def column_spans(frame: pd.DataFrame, name: str, digits: int = 3, *, signed: bool = False) -> list[str]:
    """:func:`span` for each row of ``frame``, from the columns ``name``, ``name_low`` and ``name_high``."""
    columns = (frame[name], frame[f"{name}_low"], frame[f"{name}_high"])
    return [span(value, low, high, digits, signed=signed) for value, low, high in zip(*columns, strict=True)]


def money(dollars: float) -> str:
    """US dollars."""
    return locale.money(dollars, ui_language())


def paired(name: str, value: str) -> str:
    """What something is called and what it is, with the reader's colon between."""
    return t("app.pair", name=name, value=value)


def listed(names: Iterable[str]) -> str:
    """Names in one line."""
    return locale.listed(names, ui_language())


def day(value: date) -> str:
    """A date."""
    return locale.day(value, ui_language())


def moment(value: datetime) -> str:
    """A date with its time of day in UTC."""
    return locale.moment(value, ui_language())
