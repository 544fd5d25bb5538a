"""The reader's language: chosen with a switch in the sidebar or with ``ui`` in the URL, and remembered in the session.

A page change clears the parameters of the URL, so the session remembers the language and each script run writes it
into the URL again. A language in the URL is taken unless the reader has just left it: a rerun that began before the
switch was used still carries the old one.
"""

import streamlit as st

from core.i18n import DEFAULT, languages
from pages.parts.shared.texts import CHOSEN, UI, t, term, ui_language, use_language

_LEFT = "ui_left"
_SWITCH = "ui_switch"


def _choose() -> None:
    st.session_state[_LEFT] = ui_language()
    st.session_state[CHOSEN] = st.session_state[_SWITCH]


def choose_language() -> None:
    """Take the language from the URL or the session and write it to the URL. Each script run begins with this."""
    use_language(None)
    given = st.query_params.get(UI)
    if given in languages() and given != st.session_state.get(_LEFT):
        st.session_state[CHOSEN] = given
    if ui_language() != DEFAULT:
        st.query_params[UI] = ui_language()
    elif given is not None:
        del st.query_params[UI]
    use_language(ui_language())


def show_language() -> None:
    """The switch between languages, each by its own name."""
    st.session_state[_SWITCH] = ui_language()
    st.segmented_control(
        t("app.ui_language"),
        languages(),
        format_func=lambda name: term("ui_language", name),
        key=_SWITCH,
        required=True,
        on_change=_choose,
        label_visibility="collapsed",
    )
