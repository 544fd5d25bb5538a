"""Runs: every audit that was kept. Open, start, stop, resume, share and compare them, or ask them in SQL."""

import streamlit as st

from core.settings import settings
from core.text import plain
from pages.parts.app.frame import inside_app
from pages.parts.runs import compare as run_compare
from pages.parts.runs import form as run_form
from pages.parts.runs import table as run_table
from pages.parts.runs.actions import show_actions, show_import
from pages.parts.runs.card import show_card
from pages.parts.runs.data import show_problem
from pages.parts.runs.import_log import show_import_log
from pages.parts.runs.progress import show_progress
from pages.parts.runs.sql_tab import show_sql
from pages.parts.shared import links, resources
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import paired, t, term

inside_app()

VIEWS = ("list", "compare") if settings().public else ("list", "new", "compare", "sql")


def show_list() -> None:
    """The runs, and the open one."""
    run_id = run_table.show_table()
    if run_id is not None:
        store = resources.store()
        info = store.info(run_id)
        with st.container(border=True):
            show_card(info)
            show_progress(info)
            show_actions(info, bool(store.runs().set_index("run_id").loc[run_id, "shipped"]))
    if settings().public:
        return
    show_import()
    show_import_log()
    problems = resources.store().faults()
    if problems:
        with st.expander(t("runs.set_aside", n=len(problems)), icon=":material/report:"):
            for path, problem in problems:
                st.markdown(f"- {paired(plain(path.name), problem_text(problem))}")


st.title(t("runs.title"), anchor=False)
st.markdown(t("runs.intro"))
links.restore_one("view", VIEWS, VIEWS[0])
view = st.segmented_control(
    t("runs.view"),
    VIEWS,
    format_func=lambda name: term("runs_view", name),
    key="view",
    required=True,
    label_visibility="collapsed",
)
show_problem()
if settings().public:
    st.info(t("public.runs"), icon=":material/public:")
linked: dict[str, str | list[str] | None] = {"view": VIEWS[0]}
if view == "new":
    run_form.show_form()
    linked |= run_form.linked()
elif view == "compare":
    run_compare.show_compare()
    linked |= run_compare.LINKED
elif view == "sql":
    show_sql()
else:
    show_list()
    linked |= run_table.LINKED
links.save(linked)
