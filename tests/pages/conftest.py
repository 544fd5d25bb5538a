"""Every page test runs the whole app on folders of its own, with the mock model on offer."""

import runpy
from pathlib import Path

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from core.settings import settings

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def app(tmp_path, monkeypatch):
    """A function that opens a page, with query parameters, and gives its ``AppTest`` after the first run."""
    monkeypatch.setenv("PARALLAX_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("PARALLAX_MOCK", "1")
    settings.cache_clear()
    st.cache_resource.clear()
    # AppTest takes every run for the first one of a new server, which runs a page without its frame (pages/components/
    # frame.py); a server does so once at most.
    monkeypatch.setattr(script_runner, "_mpa_v1", lambda main: runpy.run_path(main, run_name="__main__"))

    def open_page(page: str, **query: str) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=60)
        if page != "start":
            test.run()
            test.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            test.query_params[key] = value
        return test.run()

    yield open_page
    st.cache_resource.clear()
    settings.cache_clear()
