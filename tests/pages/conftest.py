"""Every page test runs the whole app on folders of its own, with the mock model on offer."""

import runpy
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

import core.store
from core.settings import DATA, settings
from core.store import Store, open_store


def store_over(runs_dir: Path, opened: dict[str, Store]) -> Store:
    """The store over the shipped runs and ``runs_dir``, which knows nothing of the folder of the test before."""
    if core.store.DATA != DATA:
        return open_store()
    if "store" in opened:
        kept = opened["store"]
        kept.runs_dir = runs_dir
        kept._loader._roots[-1] = (runs_dir, False)
        kept.refresh()
        if any(run.unsaved for run in kept._loader._runs.values()):  # what could not be written stays in memory
            del opened["store"]
    if "store" not in opened:
        opened["store"] = Store(runs_dir, [DATA / "runs"])
    return opened["store"]


APP = Path(__file__).resolve().parents[2] / "app.py"

# Every AppTest reads the metadata of all installed packages in search of components: half a second of processor time.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(scope="session")
def opened():
    """The one store of these tests, by name once a test has opened it: reading all shipped runs takes seconds."""
    return {}


@pytest.fixture
def app(tmp_path, monkeypatch, opened):
    """A function that opens a page, with query parameters, and gives its ``AppTest`` after the first run."""
    monkeypatch.setenv("PARALLAX_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("PARALLAX_MOCK", "1")
    # The name of kept frames has the code of core and pages in it; what is counted or timed switches this off.
    monkeypatch.setenv("PARALLAX_KEEP_FRAMES", "1")
    settings.cache_clear()
    st.cache_resource.clear()
    monkeypatch.setattr(core.store, "open_store", lambda: store_over(tmp_path / "runs", opened))
    # AppTest takes every run for the first one of a new server, which runs a page without its frame (pages/components/
    # frame.py); a server does so once at most.
    monkeypatch.setattr(script_runner, "_mpa_v1", lambda main: runpy.run_path(main, run_name="__main__"))

    def open_page(page: str, **query: str) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=60)
        if page != "start":
            test.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            test.query_params[key] = value
        return test.run()

    yield open_page
    st.cache_resource.clear()
    settings.cache_clear()
