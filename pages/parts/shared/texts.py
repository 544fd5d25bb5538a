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
from pages.parts.shared.context_value import T, with_value

CHOSEN = "ui_language"
"""Where the session keeps the language; set by :mod:`pages.parts.app.language`."""
UI = "ui"
"""The language in the URL."""


_LANGUAGE: ContextVar[Language | None] = ContextVar("language", default=None)


def ui_language() -> Language:
    """Language of the interface in this session."""
    return _LANGUAGE.get() or cast(Language, st.session_state.get(CHOSEN, i18n.DEFAULT))


def use_language(language: Language | None) -> None:
    """Use ``language`` for the rest of this script run, which spares a look into the session for each text.

    ``None`` makes the next text ask the session again.
    """
    _LANGUAGE.set(language)


def keeping_language(work: Callable[[], T]) -> Callable[[], T]:
    """``work`` to be called later in the language that the reader has now.

    Streamlit writes a download in a thread that knows no session.
    """
    return in_language(work, ui_language())


def in_language(work: Callable[[], T], language: Language) -> Callable[[], T]:
    """``work`` to be called in a thread without a session, in ``language``."""
    return with_value(_LANGUAGE, language, work)


def t(key: str, **values: object) -> str:
    """The text ``key`` in the reader's language, with ``values`` in its places, such as ``{n}``.

    Raises :class:`KeyError` for a key that does not exist.
    """
    return i18n.texts(ui_language())(key, **values)


def texts() -> i18n.Texts:
    """The texts of the reader's language, for functions of core that make sentences."""
    return i18n.texts(ui_language())


def term(family: str, value: object, **values: object) -> str:
    """The word for one value of a closed set, such as ``term("topic", "religion")``, with ``values`` in its places."""
    return t(f"{family}.{value}", **values)


def number(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """A number with ``digits`` decimals and separated thousands."""
    return locale.number(value, ui_language(), digits, signed=signed)


def percent(share: float, digits: int = 0, *, signed: bool = False) -> str:
    """A share from 0 to 1 as a percentage."""
    return locale.percent(share, ui_language(), digits, signed=signed)


def span(value: float, low: float, high: float, digits: int = 3, *, signed: bool = False) -> str:
    """A number with its interval, “0.283 [0.207, 0.375]”; the number alone where ``low`` is NaN."""
    numbers = [number(one, digits, signed=signed) for one in (value, low, high)]
    return numbers[0] if isnan(low) else f"{numbers[0]} [{numbers[1]}, {numbers[2]}]"


def column_spans(frame: pd.DataFrame, name: str, digits: int = 3, *, signed: bool = False) -> list[str]:
    """:func:`span` for each row of ``frame``, from the columns ``name``, ``name_low`` and ``name_high``."""
    columns = (frame[name], frame[f"{name}_low"], frame[f"{name}_high"])
    return [span(value, low, high, digits, signed=signed) for value, low, high in zip(*columns, strict=True)]


def money(dollars: float) -> str:
    """An amount of US dollars."""
    return locale.money(dollars, ui_language())


def paired(name: str, value: str) -> str:
    """A name and its value with the colon of the reader's language between, “Model: Qwen”."""
    return t("app.pair", name=name, value=value)


def listed(names: Iterable[str]) -> str:
    """A list in one line, “China, France, Egypt”."""
    return locale.listed(names, ui_language())


def day(value: date) -> str:
    """A date as the reader's language writes it."""
    return locale.day(value, ui_language())


def moment(value: datetime) -> str:
    """A date and time of day as the reader's language writes it, in UTC."""
    return locale.moment(value, ui_language())
