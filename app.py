"""The frame of the app: page settings, navigation and the shared sidebar. Each page is a file in ``pages/``."""

import streamlit as st

from pages.components.frame import mark_frame, navigate
from pages.components.sidebar import show_sidebar
from pages.components.texts import t

st.set_page_config(page_title=t("app.name"), page_icon=":material/compare_arrows:", layout="wide")

page = navigate()
show_sidebar()
mark_frame()
page.run()
