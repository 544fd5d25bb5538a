"""The pictures in the README, taken of the app as it is: ``python -m tests.bench.pictures`` writes ``data/images``.

Look at each before it is committed. They need Qwen2.5-Coder 0.5B on this computer only where its shipped answers do not
cover the question.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import ROOT, SWITCHES, find_browser, serving

SETTLED = """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
    && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]') && document.querySelector('h1')"""


class Picture(NamedTuple):
    """The first ``height`` pixels of the page at ``where``, 1,440 wide."""

    name: str
    where: str
    height: int


PICTURES = (
    Picture(
        "probe",
        "probe?q=Q57&country=CHN&country=USA&m=smollm2-135m-instruct&m=qwen2.5-coder-0.5b-instruct",
        1700,
    ),
    Picture("china_west", "china_west", 1250),
    Picture("alignment", "alignment", 1250),
    Picture("world", "world", 1250),
)


def settle(page: Page) -> None:
    """Wait until the page has run and its charts are drawn."""
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(1_500)
    page.wait_for_function(SETTLED)


def take(page: Page, address: str, picture: Picture) -> None:
    """Open the page, ask where it asks, and write the picture."""
    page.set_viewport_size({"width": 1440, "height": picture.height})
    page.goto(f"{address}/{picture.where}")
    settle(page)
    if picture.where.startswith("probe"):
        page.get_by_role("button", name="Ask", exact=True).click()
        page.get_by_text("Asking:").first.wait_for()
        page.get_by_role("button", name="Stop", exact=True).first.wait_for(state="detached")
        settle(page)
    page.screenshot(path=str(ROOT / "data" / "images" / f"{picture.name}.png"))
    sys.stdout.write(f"{picture.name}\n")


def main() -> None:
    """Take all pictures, or those that are named."""
    wanted = sys.argv[1:] or [picture.name for picture in PICTURES]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as name, serving(Path(name)) as address:
        browser = playwright.chromium.launch(
            executable_path=find_browser(playwright.chromium.executable_path), args=SWITCHES
        )
        page = browser.new_page(color_scheme="light")
        page.set_default_timeout(400_000)
        for picture in PICTURES:
            if picture.name in wanted:
                take(page, address, picture)
        browser.close()


if __name__ == "__main__":
    main()
