"""Server time of Alignment and Who is left out after a change, with two models and two countries, on the shipped runs.

Run from the repository root: ``python -m tests.bench.audit_pages``. Each change is made in a session of its own after
both pages were drawn once, have prepared what they show first and have taken that out of garbage collection, as the
server does after its warm-up; "first" is the first time that this choice is made in
the process, "again" a later session. Times are those of the processor, which other programs disturb less than the
clock; the loop that stands beside them says how fast the processor was. Writes a section of RESULTS.md.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.parts.alignment.data import prepare as prepare_alignment
from pages.parts.app.collector import collect_and_freeze
from pages.parts.representation.data import prepare as prepare_representation
from tests.bench.results import machine, table, versions, write_section

APP = Path(__file__).resolve().parents[2] / "app.py"
AGAIN = 3
LOOP = 3_000_000
Change = Callable[[AppTest], object]


def both(test: AppTest) -> AppTest:
    """Who is left out with two countries; it opens with two models and one country."""
    test.multiselect(key="rc").set_value(["CHN", "USA"])
    return test.run()


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
        "another country": lambda test: test.multiselect(key="rc").set_value(["BRA"]),
        "a second country": lambda test: test.multiselect(key="rc").set_value(["CHN", "USA"]),
        "another second country": lambda test: both(test).multiselect(key="rc").set_value(["CHN", "JPN"]),
        "topic": lambda test: both(test).selectbox(key="rt").set_value("trust"),
        "what the model is told": lambda test: both(test).segmented_control(key="rs").set_value("group"),
        "group": lambda test: both(test).selectbox(key="g").set_value("sex:female"),
        "prompt language": lambda test: both(test).segmented_control(key="rl").set_value("zh"),
    },
}


def opened(page: str) -> AppTest:
    """``page`` as a new session sees it."""
    test = AppTest.from_file(str(APP), default_timeout=120).run()
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception
    return test


def timed(page: str, change: Change) -> float:
    """Milliseconds of the processor from a change to the end of the script."""
    test = opened(page)
    change(test)
    started = time.process_time()
    test.run()
    assert not test.exception
    return (time.process_time() - started) * 1000


def loop() -> float:
    """Milliseconds of the processor for adding :data:`LOOP` numbers."""
    started, total = time.process_time(), 0
    for number in range(LOOP):
        total += number
    return (time.process_time() - started) * 1000


def main() -> None:
    """Change one thing at a time."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"PARALLAX_RUNS_DIR": folder, "PARALLAX_WARM_UP": "0"}
        AppTest.from_file(str(APP), default_timeout=120).run()
        prepare_alignment()
        prepare_representation()
        collect_and_freeze()
        rows, loops = [], [loop()]
        for page, changes in CHANGES.items():
            opened(page)
            for name, change in changes.items():
                first = timed(page, change)
                again = statistics.median(timed(page, change) for _ in range(AGAIN))
                rows.append((f"{page}: {name}", f"{first:.0f} ms", f"{again:.0f} ms"))
                sys.stdout.write(" ".join(rows[-1]) + "\n")
                sys.stdout.flush()
            loops.append(loop())
    body = f"""
Processor time from a change to the end of the page's script, in process (`AppTest`), shipped runs, two models; Who is
left out with two countries, but in the rows "nothing" and "another country". "Again" is the median of {AGAIN} later
sessions. A loop that adds {LOOP:,} numbers took {min(loops):.0f} to {max(loops):.0f} ms meanwhile. {machine()},
load {os.getloadavg()[1]:.0f}; {versions("streamlit", "altair", "numpy")}.

{table(("page and what changes", "first", "again"), rows)}
"""
    write_section("Server time of the audit pages", body)


if __name__ == "__main__":
    main()
