"""The sidebar that all pages share."""

import streamlit as st

from pages.components.texts import t


def show_sidebar() -> None:
    """Name, one sentence, and what happens to what is typed."""
    with st.sidebar:
        st.subheader(t("app.name"), anchor=False)
        st.caption(t("app.sidebar_about"))
        st.caption(f":material/lock: {t('app.sidebar_privacy')}")
