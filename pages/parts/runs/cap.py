"""The cap of a run: the most that it may use. It is set at the start and raised when the run has stopped there."""

import streamlit as st

from core.errors import ParallaxError
from core.runs.cap import spent
from core.store import Cap, RunInfo
from core.text import plain
from pages.parts.runs.data import say
from pages.parts.shared import resources
from pages.parts.shared.texts import number, t, ui_language


def pick_cap(key: str, cap: Cap = Cap()) -> Cap:  # noqa: B008 - it is frozen
    """Two numbers, zero for no limit."""
    left, right = st.columns(2)
    tokens = left.number_input(
        t("run_cap.tokens"), 0, None, cap.tokens or 0, 1_000, key=f"{key}_tokens", help=t("run_cap.help")
    )
    dollars = right.number_input(
        t("run_cap.dollars"), 0.0, None, cap.dollars or 0.0, 1.0, key=f"{key}_dollars", help=t("run_cap.help")
    )
    return Cap(tokens=int(tokens) or None, dollars=float(dollars) or None)


def show_cap(info: RunInfo) -> None:
    """The reason why the run stopped before its end, what it has used, and a way to raise the cap."""
    if info.stopped:
        words = info.stopped_by.said().message(ui_language()) if info.stopped_by else info.stopped
        st.warning(plain(words), icon=":material/savings:")
    if info.cap == Cap():
        return
    used = spent(resources.store(), info.run_id)
    st.caption(t("run_cap.used", tokens=number(used.tokens), dollars=number(used.dollars, 2)))
    with st.form(f"cap_{info.run_id}", border=False):
        cap = pick_cap(f"cap_{info.run_id}", info.cap)
        if st.form_submit_button(t("run_cap.change"), icon=":material/savings:"):
            try:
                resources.store().update(info.run_id, cap=cap, stopped="", stopped_by=None)
            except ParallaxError as error:
                say(error)
            st.rerun()
