"""The reader's language: a switch in the sidebar, ``ui`` in the URL, and the session in between.

A page change clears the URL's parameters, so the session remembers the language and each run writes it again. A
language in the URL counts where it is new; the one that the reader has just left may come back once in the parameters
of a rerun that was already on its way.
"""

import streamlit as st

from core.i18n import DEFAULT, languages
from pages.parts.shared.texts import CHOSEN, UI, settle, t, term, ui_language

_LEFT = "ui_left"
_SWITCH = "ui_switch"


def _choose() -> None:
    st.session_state[_LEFT] = ui_language()
    st.session_state[CHOSEN] = st.session_state[_SWITCH]


def settle_language() -> None:
    """Take the language from the URL or the session, and write it to the URL. First thing of each run."""
    settle(None)
    given = st.query_params.get(UI)
    if given in languages() and given != st.session_state.get(_LEFT):
        st.session_state[CHOSEN] = given
    if ui_language() != DEFAULT:
        st.query_params[UI] = ui_language()
    elif given is not None:
        del st.query_params[UI]
    settle(ui_language())


def show_language() -> None:
    """The switch, each language by its own name."""
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
