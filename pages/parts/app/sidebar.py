"""The sidebar that all pages share."""

import streamlit as st

from core.settings import settings
from pages.parts.shared.language import show_language
from pages.parts.shared.texts import t


def show_sidebar() -> None:
    """Name, one sentence, what happens to what is typed, and the language."""
    with st.sidebar:
        st.subheader(t("app.name"), anchor=False)
        show_language()
        st.caption(t("app.sidebar_about"))
        if settings().public:
            st.caption(f":material/public: {t('public.sidebar')}")
        else:
            st.caption(f":material/lock: {t('app.sidebar_privacy')}")
