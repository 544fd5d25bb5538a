"""Server time of Alignment and Who is left out after a change, on the shipped runs.

Run from the repository root: ``python -m tests.bench.audit_pages``. Each change is made in a session of its own after
the page was drawn once and the app has prepared its pages; "first" is the first time that this choice is made in the
process, "again" a later session. Writes a section of RESULTS.md.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.parts.app.warm_up import warm_up
from tests.bench.results import machine, table, versions, write_section

APP = Path(__file__).resolve().parents[2] / "app.py"
AGAIN = 3
Change = Callable[[AppTest], object]
CHANGES: dict[str, dict[str, Change]] = {
    "alignment": {
        "nothing": lambda test: None,
        "country": lambda test: test.selectbox(key="ac").set_value("USA"),
        "topic": lambda test: test.selectbox(key="at").set_value("trust"),
        "what the model is told": lambda test: test.segmented_control(key="aa").set_value("none"),
        "measure": lambda test: test.segmented_control(key="av").set_value("published"),
        "prompt language": lambda test: test.segmented_control(key="al").set_value("zh"),
    },
    "representation": {
        "nothing": lambda test: None,
        "country": lambda test: test.multiselect(key="rc").set_value(["BRA"]),
        "two countries": lambda test: test.multiselect(key="rc").set_value(["CHN", "USA"]),
        "topic": lambda test: test.selectbox(key="rt").set_value("trust"),
        "what the model is told": lambda test: test.segmented_control(key="rs").set_value("group"),
        "group": lambda test: test.selectbox(key="g").set_value("sex:female"),
        "prompt language": lambda test: test.segmented_control(key="rl").set_value("zh"),
    },
}


def opened(page: str) -> AppTest:
    """``page`` as a new session sees it."""
    test = AppTest.from_file(str(APP), default_timeout=120).run()
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception
    return test


def timed(page: str, change: Change) -> float:
    """Milliseconds from a change to the end of the script."""
    test = opened(page)
    change(test)
    started = time.perf_counter()
    test.run()
    assert not test.exception
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Change one thing at a time."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PARALLAX_RUNS_DIR": folder, "PARALLAX_WARM_UP": "0"}
        AppTest.from_file(str(APP), default_timeout=120).run()
        warm_up()
        rows = []
        for page, changes in CHANGES.items():
            opened(page)
            for name, change in changes.items():
                first = timed(page, change)
                again = statistics.median(timed(page, change) for _ in range(AGAIN))
                rows.append((f"{page}: {name}", f"{first:.0f} ms", f"{again:.0f} ms"))
    body = f"""
From a change to the end of the page's script, in process (`AppTest`), shipped runs, one model. "Again" is the median of
{AGAIN} later sessions. {machine()}; {versions("streamlit", "altair", "numpy")}.

{table(("page and what changes", "first", "again"), rows)}
"""
    print(body)  # noqa: T201
    write_section("Server time of the audit pages", body)


if __name__ == "__main__":
    main()
