"""From ``streamlit run`` to the first chart, and from a click to the last chart of each page, in a real browser.

Run by hand: ``python -m tests.bench.start``. The peer is an app that does nothing but draw one chart; the two start
in turns, each as a new process on a new port, the browser being open already. The other pages are reached by their
link in the sidebar, first as a reader finds them after the start, then once more.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.results import machine, table, versions, write_section
from tests.browser.conftest import ROOT, SWITCHES, find_browser, free_port, wait_for

TITLE = "Start and change of page"
ROUNDS = 9
READY_S = 15.0
"""By then the app has computed, in the background, what first visits show."""
PEER = """
import altair as alt
import pandas as pd
import streamlit as st

frame = pd.DataFrame({"x": range(40), "y": [value * value for value in range(40)]})
st.altair_chart(alt.Chart(frame).mark_point().encode(x="x", y="y"))
"""
CHART = "[data-testid=stVegaLiteChart] .marks"
# The moment of the last change inside a chart since the click, once the script has ended and nothing moved for a while.
WATCH = """() => {
  window.__last = null; window.__any = performance.now(); window.__begin = performance.now();
  if (window.__observer) window.__observer.disconnect();
  window.__observer = new MutationObserver(records => {
    window.__any = performance.now();
    for (const record of records) {
      const node = record.target.nodeType === 1 ? record.target : record.target.parentElement;
      if (node && node.closest('[data-testid=stVegaLiteChart]')) window.__last = performance.now();
    }
  });
  window.__observer.observe(document.body, {childList: true, subtree: true});
}"""
SETTLED = """() => performance.now() - window.__any > 800
  && document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"""
TOOK = """() => [window.__last === null ? null : window.__last - window.__begin, window.__any - window.__begin]"""


@contextmanager
def started(app: str, folder: Path, runs: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """A server of ``app``: its address, its process, and when it was started."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", app, "--server.headless", "true"]
    command += ["--server.address", "127.0.0.1", "--server.port", str(port), "--browser.gatherUsageStats", "false"]
    begin = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PARALLAX_RUNS_DIR": str(runs)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(address, process, every=0.02)
        yield address, process, begin
    finally:
        process.terminate()
        process.wait(10)


def first_chart(browser: Browser, app: str, folder: Path, runs: Path) -> float:
    """Seconds from the command to the first chart on the screen of a browser that is open already."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    try:
        with started(app, folder, runs) as (address, process, begin):
            page = context.new_page()
            page.goto(address, wait_until="commit")
            page.wait_for_selector(CHART, timeout=120_000)
            took = time.perf_counter() - begin
            if app == "app.py" and b"libtorch" in Path(f"/proc/{process.pid}/maps").read_bytes():
                raise SystemExit("torch was loaded before it was needed")
            return took
    finally:
        context.close()


def wait_until_drawn(page: Page) -> tuple[float | None, float]:
    """Milliseconds from the watch's start to the last change in a chart, and to the last change of anything."""
    page.wait_for_timeout(200)
    page.wait_for_function(SETTLED, timeout=120_000, polling=50)
    chart, anything = page.evaluate(TOOK)
    return chart, anything


def page_changes(
    browser: Browser, runs: Path, ready: float, visits: int
) -> dict[str, list[tuple[float | None, float]]]:
    """Last chart and last change in ms of each page at each of ``visits``, ``ready`` seconds after the start page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    with started("app.py", ROOT, runs) as (address, _, _):
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(CHART, timeout=120_000)
        page.evaluate(WATCH)
        wait_until_drawn(page)
        time.sleep(ready)
        links = page.locator("[data-testid=stSidebarNavLink]")
        names = [name.strip().split("\n")[-1] for name in links.all_inner_texts()]
        seen: dict[str, list[tuple[float | None, float]]] = {name: [] for name in names}
        leads = [link.get_attribute("href") or "" for link in links.all()]
        # The story hides the list of pages, so it comes last and is left by the address.
        slides = next(place for place, href in enumerate(leads) if href.endswith("/story"))
        for _ in range(visits):
            for place in [*(other for other in range(1, len(names)) if other != slides), 0, slides]:
                page.evaluate(WATCH)
                links.nth(place).click()
                seen[names[place]].append(wait_until_drawn(page))
            page.goto(address)
            page.wait_for_selector(CHART, timeout=120_000)
            page.evaluate(WATCH)
            wait_until_drawn(page)
    context.close()
    return seen


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        runs = Path(name) / "runs"
        peer = Path(name) / "peer"
        peer.mkdir()
        (peer / "app_of_one_chart.py").write_text(PEER)
        browser = playwright.chromium.launch(
            executable_path=find_browser(playwright.chromium.executable_path), args=SWITCHES
        )
        first_chart(browser, "app.py", ROOT, runs)  # files into the system's cache
        first_chart(browser, "app_of_one_chart.py", peer, runs)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            theirs.append(first_chart(browser, "app_of_one_chart.py", peer, runs))
            ours.append(first_chart(browser, "app.py", ROOT, runs))
        at_once = page_changes(browser, runs, 0, 1)
        pages = page_changes(browser, runs, READY_S, 2)
        browser.close()
    ratios = sorted(our / their for our, their in zip(ours, theirs, strict=True))
    rows = [
        ("an app of one chart", f"{statistics.median(theirs):.2f}", f"{min(theirs):.2f} to {max(theirs):.2f}", "1.00"),
        (
            "Parallax",
            f"{statistics.median(ours):.2f}",
            f"{min(ours):.2f} to {max(ours):.2f}",
            f"{statistics.median(ratios):.2f}",
        ),
    ]

    def ms(value: float | None) -> str:
        return "no chart" if value is None else f"{value:.0f}"

    changes = [
        (name, ms(at_once[name][0][0]), *(ms(value) for visit in visits for value in visit))
        for name, visits in pages.items()
    ]

    def slow(visit: int) -> str:
        found = [name for name, visits in pages.items() if (visits[visit][0] or 0) > 500]
        return ", ".join(found) or "none"

    body = "\n\n".join(
        [
            f"{machine()}. {versions('streamlit', 'altair', 'duckdb')}; Chromium, headless.",
            f"From the command to the first chart, {ROUNDS} rounds in turns; aim: at most 1.45 times the peer."
            " torch is not loaded by then (checked in the process's memory map).",
            table(("", "median s", "range", "x the peer"), rows),
            "From a click in the sidebar to the last change inside a chart, and to the last change of the page, in ms;"
            " shipped runs, aim: under 500. At once: the first visit, while the app computes in the background what"
            f" first visits show; first: the first visit, {READY_S:.0f} s after the start page; again: the second."
            f" Over the aim at the first: {slow(0)}; again: {slow(1)}.",
            table(("page", "chart, at once", "chart, first", "page, first", "chart, again", "page, again"), changes),
        ]
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


if __name__ == "__main__":
    main()
