"""Memory of the app with one local model in use, and with two that are asked at once.

Run by hand: ``python -m tests.bench.model_memory [MODEL ...]``, models by their id in the catalogue, which must lie on
this computer. Each row is a new server, asked once in a browser on the probe page: one question as a person in China
and as nobody. The last row asks the first two models in one ask.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import psutil
from playwright.sync_api import Browser, sync_playwright

from core.catalogue import load_catalogue
from core.providers.local.hub import find_folder, find_revision
from tests.bench.memory import SETTLED, ask
from tests.bench.results import machine, table, versions, write_section
from tests.browser.conftest import SWITCHES, find_browser, serving

TITLE = "Memory by model"
MODELS = ("smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct")
TIMES, BESIDE_MB = 1.2, 600
SMALL_MB = 8_000
NUMBER_BYTES = 4


class Use(NamedTuple):
    """Resident memory of the server in MB: before the ask, after it, and the most since it started."""

    idle: float
    after: float
    most: float


def weights_mb(name: str) -> float:
    """Bytes of a model's parameters as 32-bit numbers, in MB; tied weights count once."""
    from safetensors import safe_open

    model = load_catalogue().models[name]
    folder = find_folder(model, find_revision(model))
    count = 0
    for file in folder.glob("*.safetensors"):
        with safe_open(file, "pt") as tensors:
            for key in tensors.keys():  # noqa: SIM118 - it is no mapping
                size = 1
                for axis in tensors.get_slice(key).get_shape():
                    size *= axis
                count += size
    return count * NUMBER_BYTES / 1e6


def server_of(folder: Path) -> psutil.Process:
    """The process of the server whose runs lie in ``folder``."""
    for process in psutil.process_iter():
        try:
            if process.environ().get("PARALLAX_RUNS_DIR") == str(folder / "runs") and "streamlit" in process.cmdline():
                return process
        except psutil.Error:
            continue
    raise SystemExit("the server is gone")


def most_mb(process: psutil.Process) -> float:
    """The most resident memory that ``process`` had, in MB."""
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit("this system does not tell the most memory of a process")


def measure(browser: Browser, models: tuple[str, ...]) -> Use:
    """Ask ``models`` once on a new server."""
    with tempfile.TemporaryDirectory() as name, serving(Path(name)) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(600_000)
        page.goto(f"{address}/alignment")  # an app in use has read its runs before a model is asked
        page.get_by_test_id("stVegaLiteChart").first.wait_for()
        page.wait_for_function(SETTLED)
        page.goto(f"{address}/probe?q=Q57&country=CHN&{'&'.join(f'm={one}' for one in models)}")
        page.get_by_text("Ask afresh", exact=True).first.click()
        process = server_of(Path(name))
        idle = process.memory_info().rss / 1e6
        ask(page)
        page.close()
        return Use(idle, process.memory_info().rss / 1e6, most_mb(process))


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="*", default=list(MODELS))
    asked: list[str] = parser.parse_args().models
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_browser(playwright.chromium.executable_path), args=SWITCHES
        )
        for names in [*((name,) for name in asked), tuple(asked[:2])]:
            found = measure(browser, names)
            weights = max(weights_mb(name) for name in names)
            of_model, limit = found.after - found.idle, TIMES * weights + BESIDE_MB
            figures = (weights, *found, of_model, limit)
            rows.append((" and ".join(names), *(f"{value:.0f}" for value in figures)))
            sys.stdout.write(" ".join(rows[-1]) + "\n")
            sys.stdout.flush()
        browser.close()
    head = ("asked", "weights, 32 bits", "app before", "after", "most", "after - before", "aim for that")
    write_section(
        TITLE,
        f"{machine()}. {versions('streamlit', 'torch', 'transformers')}. Resident memory of the server process in MB; "
        f"the aim for a model in use, beside the app, is {TIMES} times its weights and {BESIDE_MB} MB, of the larger "
        "model where two are asked, since one at a time is in memory. A computer with 8 GB must carry the app and "
        f"the 0.5B: under {SMALL_MB} at most.\n\n{table(head, rows)}",
    )


if __name__ == "__main__":
    main()
