"""The sidebar that all pages share."""

import streamlit as st

from core.audits import AUDITS
from core.errors import DataError
from core.providers import PROVIDERS
from core.settings import settings
from core.surveys import SURVEYS
from pages.parts.app.language import show_language
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import t


def show_sidebar() -> None:
    """The name of the app, what it is in one sentence, what happens to what is typed, and the language."""
    with st.sidebar:
        st.subheader(t("app.name"), anchor=False)
        show_language()
        st.caption(t("app.sidebar_about"))
        _show_left_out()
        if settings().public:
            st.caption(f":material/public: {t('public.sidebar')}")
        else:
            st.caption(f":material/lock: {t('app.sidebar_privacy')}")


def _show_left_out() -> None:
    """The plug-ins that cannot be used, each with the reason.

    Visitors of a public demonstration do not see them.
    """
    if settings().public:
        return
    for registry in (PROVIDERS, SURVEYS, AUDITS):
        for plugin in registry.left_out:
            st.warning(problem_text(DataError(plugin.told())), icon=":material/extension_off:")
