"""Every page test runs the whole app on folders of its own, with the mock model on offer."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.settings import settings


@pytest.fixture
def app(tmp_path, monkeypatch):
    """A function that opens a page, with query parameters, and gives its ``AppTest`` after the first run."""
    monkeypatch.setenv("PARALLAX_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("PARALLAX_MOCK", "1")
    settings.cache_clear()
    st.cache_resource.clear()

    def open_page(page: str, **query: str) -> AppTest:
        test = AppTest.from_file("app.py", default_timeout=60)
        for key, value in query.items():
            test.query_params[key] = value
        test.run()
        return test if page == "start" else test.switch_page(f"pages/{page}.py").run()

    yield open_page
    st.cache_resource.clear()
    settings.cache_clear()
