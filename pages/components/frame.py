"""The list of pages, and what keeps every page inside the app's frame."""

from pathlib import Path

import streamlit as st

from core.providers.endpoints import bound_to
from core.settings import wrong_values
from pages.components.language import settle_language
from pages.components.sidebar import show_sidebar
from pages.components.texts import t
from pages.components.tour import show_tour

FRAMED = "inside_app"
ACCESS = Path(__file__).with_name("access.css")


def navigate() -> "st.Page":
    """Declare all pages and return the one that is asked for."""
    return st.navigation(
        {
            "": [
                st.Page("pages/start.py", title=t("start.nav"), icon=":material/home:", url_path="start", default=True),
                st.Page("pages/learn.py", title=t("learn.nav"), icon=":material/school:", url_path="learn"),
                st.Page("pages/probe.py", title=t("probe.nav"), icon=":material/quiz:", url_path="probe"),
                st.Page("pages/runs.py", title=t("runs.nav"), icon=":material/inventory_2:", url_path="runs"),
                st.Page("pages/trace.py", title=t("trace.nav"), icon=":material/account_tree:", url_path="trace"),
                st.Page(
                    "pages/alignment.py", title=t("alignment.nav"), icon=":material/grid_on:", url_path="alignment"
                ),
                st.Page(
                    "pages/representation.py",
                    title=t("representation.nav"),
                    icon=":material/groups:",
                    url_path="representation",
                ),
                st.Page("pages/citizens.py", title=t("citizens.nav"), icon=":material/diversity_3:", url_path="citizens"),
                st.Page("pages/stability.py", title=t("stability.nav"), icon=":material/repeat:", url_path="stability"),
                st.Page(
                    "pages/china_west.py",
                    title=t("china_west.nav"),
                    icon=":material/compare_arrows:",
                    url_path="china_west",
                ),
                st.Page("pages/compare.py", title=t("compare.nav"), icon=":material/balance:", url_path="compare"),
                st.Page("pages/claims.py", title=t("claims.nav"), icon=":material/gavel:", url_path="claims"),
            ],
            t("app.section_about"): [
                st.Page("pages/models.py", title=t("models_page.nav"), icon=":material/dns:", url_path="models"),
                st.Page("pages/method.py", title=t("method.nav"), icon=":material/functions:", url_path="method"),
            ],
        }
    )


def run_page() -> None:
    """The whole app: page settings, navigation, sidebar, then the page that is asked for."""
    settle_language()
    st.set_page_config(page_title=t("app.name"), page_icon=":material/compare_arrows:", layout="wide")
    st.html(ACCESS)
    page = navigate()
    wrong = wrong_values()
    if wrong:
        st.error(t("app.wrong_setting"), icon=":material/error:")
        for name, what in wrong.items():
            st.text(f"{name}: {what}")
        st.stop()
    bound_to(st.get_option("server.address"))
    show_sidebar()
    show_tour(page.url_path)
    st.session_state[FRAMED] = True
    page.run()


def inside_app() -> None:
    """First call of each page: start again through ``app.py`` where Streamlit has run the page alone.

    It does so when a page's address is the first one that a new server is asked for, because it takes ``pages/`` for
    the folder of its older kind of navigation until ``st.navigation`` has been called once. Nothing may be drawn
    before, since the widgets of the two kinds do not share their state.
    """
    if not st.session_state.pop(FRAMED, False):
        navigate()
        st.rerun()
