"""The frame of the app: page settings, navigation and the shared sidebar. Each page is a file in ``pages/``."""

import streamlit as st

from pages.components.sidebar import show_sidebar
from pages.components.texts import t

st.set_page_config(page_title=t("app.name"), page_icon=":material/compare_arrows:", layout="wide")

page = st.navigation(
    {
        "": [
            st.Page("pages/start.py", title=t("start.nav"), icon=":material/home:", url_path="start", default=True),
            st.Page("pages/probe.py", title=t("probe.nav"), icon=":material/quiz:", url_path="probe"),
        ],
        t("app.section_about"): [
            st.Page("pages/method.py", title=t("method.nav"), icon=":material/functions:", url_path="method"),
        ],
    }
)
show_sidebar()
page.run()
