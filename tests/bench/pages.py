"""Server time of every page: first load, rerun, each switch on it; without a browser or what the app prepares.

    python -m tests.bench.pages [PAGE ...]        writes its section of RESULTS.md; with pages named it only prints

A page runs whole in this process (``AppTest``) on the shipped runs. First load: every cache of the app is empty, the
libraries are imported, as for the first visitor of a server that runs. Rerun: nothing has changed. Switch: the first
time that a selection is shown, so that nothing of it is cached; every segmented control and every list of the page is
turned once, and the slowest is named.
"""

from __future__ import annotations

import argparse
import functools
import os
import runpy
import statistics
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from tests.bench.results import machine, table, versions, write_section

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "app.py"
RERUNS = 3
KINDS = {"segmented_control": "button_group", "selectbox": "selectbox"}
"""Switches by the name of the call, with the name that ``AppTest`` knows them by."""
OFFERED: dict[str, list[object]] = {}
"""Options of each switch by its key, as the page gave them; ``AppTest`` knows only their words."""


def timed(work) -> float:
    """Seconds that ``work`` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def opened(page: str) -> tuple[AppTest, float]:
    """``page`` in a new session on empty caches, and the seconds its first run took."""
    st.cache_data.clear()
    st.cache_resource.clear()
    test = AppTest.from_file(str(APP), default_timeout=120)
    test.run()
    if page != "start":
        st.cache_data.clear()
        st.cache_resource.clear()
        test.switch_page(f"pages/{page}.py")
    else:
        test = AppTest.from_file(str(APP), default_timeout=120)
        st.cache_data.clear()
        st.cache_resource.clear()
    seconds = timed(test.run)
    if test.exception:
        raise SystemExit(f"{page}: {test.exception[0].value}")
    return test, seconds


def note_options() -> None:
    """From now on, keep what each switch offers."""

    def noting(call):
        @functools.wraps(call)
        def wrapped(*args, **kwargs):
            listed = (one for one in args if isinstance(one, Collection) and not isinstance(one, str))
            given = kwargs.get("options", next(listed, ()))
            OFFERED[str(kwargs.get("key"))] = list(given)
            return call(*args, **kwargs)

        return wrapped

    for name in KINDS:
        setattr(DeltaGenerator, name, noting(getattr(DeltaGenerator, name)))
        setattr(st, name, noting(getattr(st, name)))


def switches(test: AppTest) -> list[tuple[float, str]]:
    """Seconds and key of each selection of the page, turned once to the value that stands last."""
    found = []
    for kind in KINDS.values():
        for key in [widget.key for widget in test.main.get(kind) if widget.key]:
            widget = next((one for one in test.main.get(kind) if one.key == key), None)
            if widget is None or widget.disabled:
                continue
            before = widget.value
            others = [option for option in OFFERED.get(key, []) if option != before]
            if before is None or isinstance(before, list) or not others:
                continue
            widget.set_value(others[-1])
            found.append((timed(test.run), key))
            if test.exception:
                raise SystemExit(f"{key}: {test.exception[0].value}")
            back = next((one for one in test.main.get(kind) if one.key == key), None)
            if back is not None:
                back.set_value(before).run()
    return found


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("pages", nargs="*")
    asked = parser.parse_args().pages
    os.environ |= {"PARALLAX_RUNS_DIR": tempfile.mkdtemp(), "PARALLAX_WARM_UP": "0"}
    # AppTest takes every run for the first one of a new server, which runs a page without its frame.
    script_runner._mpa_v1 = lambda main: runpy.run_path(main, run_name="__main__")
    names = asked or sorted(path.stem for path in (ROOT / "pages").glob("[!_]*.py"))
    note_options()
    opened(names[0])  # imports
    rows = []
    for page in names:
        test, first = opened(page)
        again = statistics.median(timed(test.run) for _ in range(RERUNS))
        turned = sorted(switches(test), reverse=True)
        worst = f"{turned[0][0]:.2f} ({turned[0][1]})" if turned else "–"
        rows.append((page, f"{first:.2f}", f"{again:.2f}", worst, str(len(turned))))
        sys.stdout.write(" ".join([*rows[-1], *(f"{key}={seconds:.2f}" for seconds, key in turned)]) + "\n")
        sys.stdout.flush()
    if not asked:
        head = ("page", "first load, s", "rerun, s", "slowest switch, s (widget)", "switches")
        text = f"{machine()}; {versions('streamlit', 'altair', 'pandas')}.\n\n{__doc__.strip().splitlines()[0]}\n\n"
        write_section("Pages, server time", text + table(head, rows))


if __name__ == "__main__":
    main()
