"""The reader's own SQL over all runs: read-only, bounded, with examples."""

import streamlit as st

from core.charts.export import to_csv
from core.errors import InputError
from core.store.sandbox.sql import EXAMPLES
from core.text import plain
from pages.parts.runs.data import sandbox
from pages.parts.shared import resources
from pages.parts.shared.problems import problem_text
from pages.parts.shared.texts import listed, number, t, term


def _take_example() -> None:
    st.session_state["sql"] = EXAMPLES[st.session_state["sql_example"]]


def show_sql() -> None:
    """Examples, the query, its result and a download."""
    box = sandbox()
    limits = box.limits
    st.markdown(t("sql.intro", seconds=f"{limits.seconds:g}", rows=number(limits.rows)))
    if large := resources.store().aggregated():
        st.caption(t("sql.large", runs=listed([plain(run) for run in large])))
    first = next(iter(EXAMPLES))
    st.session_state.setdefault("sql", EXAMPLES[first])
    st.selectbox(
        t("sql.example"),
        list(EXAMPLES),
        format_func=lambda name: term("sql_example", name),
        key="sql_example",
        on_change=_take_example,
    )
    with st.form("sql_form", border=False):
        sql = st.text_area(t("sql.query"), key="sql", height=200)
        run = st.form_submit_button(t("sql.run"), key="sql_run", type="primary", icon=":material/play_arrow:")
    with st.expander(t("sql.columns"), icon=":material/schema:"):
        for name, columns in box.columns().items():
            st.markdown(f"**{name}**")
            st.code(", ".join(columns), language=None, wrap_lines=True)
    if run:
        st.session_state.pop("sql_result", None)
        resources.store().refresh()
        try:
            with st.spinner(t("sql.working")):
                st.session_state["sql_result"] = box.query(sql)
        except InputError as error:
            st.error(problem_text(error), icon=":material/error:")
    _show_result()


def _show_result() -> None:
    found = st.session_state.get("sql_result")
    if found is None:
        return
    rows = number(len(found.frame))
    if found.cut == "rows":
        st.warning(t("sql.cut_rows", rows=rows), icon=":material/content_cut:")
    elif found.cut == "size":
        st.warning(t("sql.cut_size", rows=rows), icon=":material/content_cut:")
    st.caption(t("sql.result", rows=rows, seconds=number(found.seconds, 2)))
    st.dataframe(found.frame, hide_index=True)
    st.download_button(
        t("sql.download"),
        lambda: to_csv(found.frame),
        "query.csv",
        "text/csv",
        key="sql_csv",
        icon=":material/download:",
        on_click="ignore",
    )
