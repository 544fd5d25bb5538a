"""A guided tour for a demo: three stops, a sentence each, the page of each with its selection made.

The stop stands in the URL (``tour``) and in the session, because a change of page clears the URL.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.shared.links import TOUR
from pages.parts.shared.texts import t, term

STOPS: dict[str, tuple[str, dict[str, Any]]] = {
    "1": ("pages/china_west.py", {"cwp": "none"}),
    "2": ("pages/probe.py", {"q": "Q164", "country": ["CHN", "USA"]}),
    "3": ("pages/stability.py", {"run": "demo-edc-wave-1"}),
}
_LEFT = "tour_left"


def go_to_stop(stop: str) -> None:
    """Open the page of ``stop`` with its selection."""
    st.session_state[TOUR] = stop
    st.session_state.pop(_LEFT, None)
    page, query = STOPS[stop]
    st.switch_page(page, query_params={**query, TOUR: stop})


def _leave() -> None:
    """Callback: end the tour. A rerun already on its way may still carry the old address, so that is remembered."""
    st.session_state[_LEFT] = st.session_state.pop(TOUR, None)
    st.query_params.pop(TOUR, None)


def show_tour(path: str) -> None:
    """Above the page at ``path``: the sentence of the stop, the way to the next one, and the way out.

    Away from the stop there is a way back to it; without a tour there is nothing.
    """
    given = st.query_params.get(TOUR)
    if given in STOPS and given != st.session_state.get(_LEFT):
        st.session_state[TOUR] = given
    stop = st.session_state.get(TOUR)
    if stop is None:
        return
    st.query_params[TOUR] = stop
    follower = str(int(stop) + 1)
    with st.container(border=True, key="tour"):
        st.markdown(f"**:material/tour: {t('tour.stop', n=stop, total=len(STOPS))}** {term('tour_stop', stop)}")
        with st.container(horizontal=True):
            if follower in STOPS and st.button(
                t("tour.next"), type="primary", icon=":material/arrow_forward:", key="tour_next"
            ):
                go_to_stop(follower)
            if path != Path(STOPS[stop][0]).stem and st.button(
                t("tour.back"), icon=":material/place:", key="tour_back"
            ):
                go_to_stop(stop)
            st.button(t("tour.leave"), icon=":material/close:", key="tour_leave", on_click=_leave)
