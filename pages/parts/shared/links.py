"""Writes the selection of a page to the URL and reads it back.

Streamlit's own binding writes the words of an option, so a link would break in another language. Here the URL has
stable ids. A page restores them into its widgets once, and writes them back after each script run.

A browser gets the value of a widget from the script run that set it, or from the reader. When the widget is built again
(as after ``st.rerun``) the browser forgets a value of the first kind and answers with an empty choice, so each script
run sets it again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.i18n import DEFAULT
from pages.parts.shared.texts import UI, t, ui_language

WHOLE = "whole_selection"
"""Where the session keeps the whole selection of the page that ran last."""


def restore_one(key: str, allowed: Iterable[str], default: str | None, present: Callable[[str], str] = str) -> None:
    """Set the widget ``key`` from the URL, or to ``default`` where the URL has no allowed value.

    ``present`` gives the present name of a value that an old link calls otherwise.
    """
    if key not in st.session_state:
        given = st.query_params.get(key)
        named = None if given is None else present(given)
        st.session_state[key] = named if named in set(allowed) else default
    else:
        st.session_state[key] = st.session_state[key]


def restore_many(key: str, allowed: Iterable[str], default: Sequence[str], most: int | None = None) -> None:
    """Set the multiple-choice widget ``key`` from the URL, with at most ``most`` values.

    Values that are not allowed are left out; an empty value clears the widget.
    """
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
    """Write the values of the widgets in ``defaults`` to the URL, except those equal to their default; return them.

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
    """The values that stand in the URL for ``value``; an empty choice is one empty value."""
    return ([str(v) for v in value] or [""]) if isinstance(value, list) else [str(value)]


def whole() -> dict[str, list[str]]:
    """The selection of this page with the values that :func:`save` leaves out, so that it survives a change of
    defaults.
    """
    return dict(st.session_state.get(WHOLE, {}))


def address(selection: Mapping[str, Sequence[str]]) -> str:
    """The full address of this page with ``selection``."""
    query = urlencode({key: list(values) for key, values in selection.items()}, doseq=True)
    return f"{base()}?{query}" if query else base()


def base() -> str:
    """The address of this page without a selection; empty where the request has none."""
    return (st.context.url or "").split("?")[0].split("#")[0]


def with_cards(table: pd.DataFrame, models: Iterable[str | None]) -> pd.DataFrame:
    """``table`` with a link to the card of each row's model after its first column; empty where a row has none."""
    out = table.copy()
    out.insert(1, t("ranking.card"), [to_card(name) if name else "" for name in models])
    return out


def to_card(model_id: str) -> str:
    """The address of a model's card, from any page of the app: for a column of links in a table."""
    return f"./model?{urlencode({'mc': model_id} | ({} if ui_language() == DEFAULT else {UI: ui_language()}))}"
