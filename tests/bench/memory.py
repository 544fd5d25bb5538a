"""Memory of a running app: idle, with the built-in model, and after many asks. ``python -m tests.bench.memory``.

A real server, looked at from outside. Idle is after one visit to each page in a browser. Then the probe page is asked
once, so that the model is loaded, and then many times, each time anew (nothing from the cache), by clicks.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Page, sync_playwright

from core.providers.local.builtin import ensure_builtin
from tests.bench.results import machine, table, versions, write_section
from tests.browser.conftest import SWITCHES, find_browser, serving

TITLE = "Memory"
ASKS = 500
EVERY = 50
IDLE_LIMIT, MODEL_LIMIT = 400, 1600
SETTLED = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"


class Use(NamedTuple):
    """Memory of a process in MB: what it shares with no other, and all that is resident."""

    own: float
    resident: float


def use(folder: Path) -> Use:
    """Memory of the server whose runs lie in ``folder``."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("PARALLAX_RUNS_DIR") == str(folder / "runs") and "streamlit" in process.cmdline():
                info = process.memory_full_info()
                return Use(info.uss / 1e6, info.rss / 1e6)
        except psutil.Error:
            continue
    raise SystemExit("the server is gone")


def visit_all(page: Page, address: str) -> None:
    """Open each page once."""
    page.goto(address)
    links = page.locator("[data-testid=stSidebarNavLink]")
    page.locator("[data-testid=stVegaLiteChart] .marks").first.wait_for(timeout=120_000)
    # The story hides the list of pages, so it comes last.
    for link in sorted(links.all(), key=lambda link: (link.get_attribute("href") or "").endswith("/story")):
        link.click()
        page.wait_for_timeout(1_500)
        page.wait_for_function(SETTLED, timeout=120_000)


def ask(page: Page) -> None:
    """One ask, from the click until its answers stand on the page."""
    button = page.get_by_role("button", name="Ask", exact=True)
    button.click()
    page.get_by_role("button", name="Stop", exact=True).first.wait_for()
    page.get_by_text(re.compile("Measured just now")).first.wait_for()
    page.wait_for_function(SETTLED)


def report(readings: list[tuple[str, Use]]) -> None:
    """Print and write what was measured so far; a run of all asks takes more than half an hour."""
    later = [value.resident for what, value in readings[2:]]
    body = "\n\n".join(
        [
            f"{machine()}. {versions('streamlit', 'torch', 'duckdb')}. Memory of the server process in MB:"
            " what it shares with no other (USS) and all that is resident (RSS)."
            f" Aims: idle under {IDLE_LIMIT}, with the model under {MODEL_LIMIT}, no growth over {ASKS} asks."
            " An ask is a question of two options as a person in China and as nobody in particular,"
            " measured anew.",
            table(
                ("", "own", "resident"),
                [(what, f"{value.own:.0f}", f"{value.resident:.0f}") for what, value in readings],
            ),
            f"From {readings[2][0]} to {readings[-1][0]}: {later[-1] - later[0]:+.0f} MB resident."
            if len(later) > 1
            else "",
        ]
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--asks", type=int, default=ASKS)
    asks = parser.parse_args().asks
    ensure_builtin()
    readings: list[tuple[str, Use]] = []
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        browser = playwright.chromium.launch(
            executable_path=find_browser(playwright.chromium.executable_path), args=SWITCHES
        )
        with serving(folder) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.set_default_timeout(240_000)
            visit_all(page, address)
            time.sleep(5)
            readings.append(("idle, each page seen", use(folder)))
            page.goto(f"{address}/probe?q=Q57&country=CHN")
            page.get_by_text("Ask afresh", exact=True).first.click()
            ask(page)
            readings.append(("built-in model loaded, 1 ask", use(folder)))
            for done in range(2, asks + 1):
                ask(page)
                if done % EVERY == 0 or done in (10, asks):
                    readings.append((f"{done} asks", use(folder)))
                    report(readings)
        browser.close()


if __name__ == "__main__":
    main()
