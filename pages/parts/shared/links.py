"""Selections in the URL.

Streamlit's own binding writes the words of an option into the URL, which would break a link in another language.
Here the URL holds stable ids: a page restores them into its widgets once, and writes them back after each run.

A browser knows the value of a widget from the run that set it, or from the reader. It forgets the first kind when it
builds the widget anew (after ``st.rerun`` it may), and then answers with an empty choice; so each run sets it again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from core.i18n import DEFAULT
from pages.parts.shared.texts import UI, ui_language

WHOLE = "whole_selection"
"""Where the session keeps the whole selection of the page that ran last."""


def restore_one(key: str, allowed: Iterable[str], default: str | None, present: Callable[[str], str] = str) -> None:
    """Seed the widget ``key`` from the URL, or with ``default`` where the URL has nothing usable.

    ``present`` gives the present name of a value that an old link may name otherwise.
    """
    if key not in st.session_state:
        given = st.query_params.get(key)
        named = None if given is None else present(given)
        st.session_state[key] = named if named in set(allowed) else default
    else:
        st.session_state[key] = st.session_state[key]


def restore_many(key: str, allowed: Iterable[str], default: Sequence[str], most: int | None = None) -> None:
    """Seed the multiple-choice widget ``key``; values that are not allowed are left out, an empty value clears it."""
    if key not in st.session_state:
        known = set(allowed)
        if key in st.query_params:
            picked = [value for value in dict.fromkeys(st.query_params.get_all(key)) if value in known]
            st.session_state[key] = picked[:most]
        else:
            st.session_state[key] = list(default)
    else:
        st.session_state[key] = st.session_state[key]


def save(defaults: Mapping[str, str | Sequence[str] | None]) -> dict[str, list[str]]:
    """Write the widgets named in ``defaults`` to the URL, leaving out what equals its default; return what it holds.

    The language of the interface stands there too where it is not the default.
    """
    wanted: dict[str, list[str]] = {} if ui_language() == DEFAULT else {UI: [ui_language()]}
    st.session_state[WHOLE] = {UI: [ui_language()]}
    for key, default in defaults.items():
        value = st.session_state.get(key)
        if value is not None:
            st.session_state[WHOLE][key] = _values(value)
        if value is None or value == default or (isinstance(value, list) and value == list(default or ())):
            continue
        wanted[key] = _values(value)
    if {key: st.query_params.get_all(key) for key in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
    return wanted


def _values(value: object) -> list[str]:
    """What stands in the URL for ``value``; an empty choice is an empty value."""
    return ([str(v) for v in value] or [""]) if isinstance(value, list) else [str(value)]


def whole() -> dict[str, list[str]]:
    """The selection of this page with what :func:`save` leaves out: it holds even where a default changes."""
    return dict(st.session_state.get(WHOLE, {}))


def address(selection: Mapping[str, Sequence[str]]) -> str:
    """The full address of this page with ``selection``."""
    query = urlencode({key: list(values) for key, values in selection.items()}, doseq=True)
    return f"{base()}?{query}" if query else base()


def base() -> str:
    """The address of this page without a selection; empty where no browser has asked for it."""
    return (st.context.url or "").split("?")[0].split("#")[0]


def to_card(model_id: str) -> str:
    """The address of a model's card, from any page of the app: for a column of links in a table."""
    return f"./model?{urlencode({'mc': model_id} | ({} if ui_language() == DEFAULT else {UI: ui_language()}))}"
