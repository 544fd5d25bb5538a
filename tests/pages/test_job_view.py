"""A job that ends while its page is being drawn."""

import pytest
from streamlit.testing.v1 import AppTest


def page_of_a_quick_job(live: bool) -> None:
    import threading
    import time

    import streamlit as st

    from pages.parts.shared import resources
    from pages.parts.shared.job_view import current_job, job_is_running, show_job

    if "quick" not in st.session_state:
        gate = st.session_state["gate"] = threading.Event()
        st.session_state["quick"] = resources.jobs().submit("quick", lambda job: job.add([gate.wait(30)])).id
    running = job_is_running("quick")
    st.button("Ask", key="ask", disabled=running)
    st.session_state["gate"].set()
    while not current_job("quick").finished:
        time.sleep(0.01)
    show_job("quick", lambda job: st.write(f"found {job.results()}"), seen_running=running, live=live)


@pytest.mark.parametrize("live", [True, False])
def test_the_button_comes_back_though_nothing_else_wakes_the_page(app, live):
    test = AppTest.from_function(page_of_a_quick_job, default_timeout=60, kwargs={"live": live}).run()
    assert not test.exception
    assert not test.button(key="ask").disabled
    assert [element.value for element in test.markdown] == ["found [True]"]


def page_of_a_stopped_job(found: list[str]) -> None:
    import time

    import streamlit as st

    from core.errors import Cancelled
    from pages.parts.shared import resources
    from pages.parts.shared.job_view import current_job, show_job

    def work(job) -> None:
        job.add(found)
        raise Cancelled("Stopped.")

    if "stopped" not in st.session_state:
        st.session_state["stopped"] = resources.jobs().submit("stopped", work).id
    while not current_job("stopped").finished:
        time.sleep(0.01)
    show_job("stopped", lambda job: None, seen_running=False)


@pytest.mark.parametrize(("found", "words"), [(["an answer"], "is kept"), ([], "before anything was measured")])
def test_a_stopped_job_says_that_something_is_kept_only_where_it_is(app, found, words):
    test = AppTest.from_function(page_of_a_stopped_job, default_timeout=60, kwargs={"found": found}).run()
    assert not test.exception
    assert [words in box.value for box in test.warning] == [True]
