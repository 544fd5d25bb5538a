"""The list of pages, and the frame around every page."""

from pathlib import Path

import streamlit as st

from core.errors import InputError
from core.providers.hosted.endpoints import bound_to
from core.settings import DATA, settings, wrong_values
from pages.parts.app.language import choose_language
from pages.parts.app.sidebar import show_sidebar
from pages.parts.app.warm_up import begin as begin_warm_up
from pages.parts.shared.packages import START, import_packages
from pages.parts.shared.problems import problem_text
from pages.parts.shared.resources import take_up_own_data
from pages.parts.shared.texts import paired, t
from pages.parts.shared.turns import visiting

FRAMED = "inside_app"
import_packages(START)
ICON = DATA / "images" / "icon.svg"
"""The icon of the app, drawn for this project."""
ACCESS = Path(__file__).with_name("access.css")


def _page(name: str, title: str, icon: str, path: str = "", default: bool = False) -> "st.Page":
    file, icon = f"pages/{name}.py", f":material/{icon}:"
    return st.Page(file, title=title, icon=icon, url_path=path or name, default=default)


def _leading(path: str, title: str) -> "st.Page":
    """A hidden page that leads to another one: the file ``pages/_PATH.py``, whose address is ``PATH``.

    It is a file, because a server that has just begun takes the files in ``pages/`` for its pages and lays a box of its
    own, "page not found", over an address without a file.
    """
    return st.Page(f"pages/_{path}.py", title=title, url_path=path, visibility="hidden")


def _asked() -> dict[str, list[str]]:
    return {key: st.query_params.get_all(key) for key in st.query_params}


def _to_start() -> None:
    lead_to("start")


def lead_to(page: str, **usual: str) -> None:
    """Open ``page`` instead of this one, with the selection of this one's address, and ``usual`` where it has none."""
    st.switch_page(f"pages/{page}.py", query_params={**usual, **_asked()})


def navigate() -> "st.Page":
    """Declare all pages and return the one that is asked for.

    The app's own icon is set first; otherwise a browser would fetch the icon of the page from a font host on the web.
    """
    st.set_page_config(page_title=t("app.name"), page_icon=ICON, layout="wide")
    return st.navigation(
        {
            "": [
                # The first page is at the address of the app itself; its own name leads there too.
                _page("start", t("start.nav"), "home", path="home", default=True),
                st.Page(_to_start, title=t("start.nav"), url_path="start", visibility="hidden"),
                _page("probe", t("probe.title"), "quiz"),
                _page("story", t("story.title"), "slideshow"),
                _page("learn", t("learn.title"), "school"),
                _leading("join", t("class.pupil_title")),
            ],
            t("app.section_findings"): [
                _page("world", t("world.title"), "public"),
                _page("country", t("country.title"), "flag"),
                _page("china_west", t("china_west.title"), "compare_arrows"),
                _page("ranking", t("ranking.title"), "format_list_numbered"),
                _page("claims", t("claims.title"), "gavel"),
                _page("compare", t("compare.title"), "balance"),
            ],
            t("app.section_audits"): [
                _page("alignment", t("alignment.title"), "grid_on"),
                _page("tuned", t("tuned.title"), "model_training"),
                _page("representation", t("representation.title"), "groups"),
                _page("citizens", t("citizens.title"), "diversity_3"),
                _page("stability", t("stability.title"), "repeat"),
                _page("traces", t("traces.title"), "account_tree"),
                _leading("trace", t("traces.title")),
                _page("runs", t("runs.title"), "inventory_2"),
                _page("answers", t("reader.title"), "manage_search"),
            ],
            t("app.section_about"): [
                _page("models", t("models_page.title"), "dns"),
                _page("model", t("card.title"), "badge"),
                _page("method", t("method.title"), "functions"),
            ],
        },
        expanded=True,
    )


def run_page() -> None:
    """Run the whole app: page settings, navigation, sidebar, then the page that is asked for."""
    with visiting():
        _run_page()
    import_packages()
    begin_warm_up()


def _run_page() -> None:
    choose_language()
    page = navigate()
    st.html(ACCESS)
    try:
        settings()
    except InputError:
        st.error(t("app.wrong_setting"), icon=":material/error:")
        for name, what in wrong_values().items():
            st.markdown(paired(f"`{name}`", problem_text(what)))
        st.stop()
    bound_to(st.get_option("server.address"))
    show_sidebar()
    st.session_state[FRAMED] = True
    if page.url_path:
        import_packages()
    page.run()


def inside_app() -> None:
    """First call of each page: it starts again through ``app.py`` where Streamlit ran the page alone.

    Streamlit does so when a page's address is the first that a new server is asked for, because it takes ``pages/`` for
    the folder of its older navigation until ``st.navigation`` has been called once. Nothing may be drawn before this
    call, since the widgets of both kinds of navigation do not share their state.
    """
    if not st.session_state.pop(FRAMED, False):
        navigate()
        st.rerun()
    take_up_own_data()
