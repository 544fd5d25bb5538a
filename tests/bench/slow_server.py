"""A server that takes 4 s an answer, one at a time: does a run of 60 cells end with no answer computed twice?

``python -m tests.bench.slow_server`` runs it (about four minutes) and writes its section of RESULTS.md; with
``--seconds`` or ``--cells`` other than those it only prints.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from core.providers import get_provider
from core.runs import run_audit
from core.store import Store
from tests.bench.results import table, write_section
from tests.chat_server import ChatServer, served_model
from tests.unit.audit_child import bank, new_run

SECONDS, CELLS = 4.0, 60
CELLS_A_QUESTION = 6
TITLE = "A slow server"
HOW = (
    "A server on loopback, over real sockets, works on one request at a time and takes 4 s for each. `computed` counts"
    " the prompts that it worked on, `different` those that differ; the two are equal where no answer was computed"
    " twice. `ideal` is 4 s for each cell, in seconds like `seconds`."
)


def measure(seconds: float, cells: int) -> dict[str, float]:
    """Cells, prompts that the server worked on, different ones among them, failures, and how long all took."""
    lock, prompts = threading.Lock(), list[str]()

    def script(prompt: str, body: dict[str, Any]) -> dict[str, float]:
        with lock:
            prompts.append(prompt)
            time.sleep(seconds)
        return {"A": 0.6, "B": 0.3}

    with tempfile.TemporaryDirectory() as folder, ChatServer(script) as server:
        store = Store(Path(folder) / "runs")
        model = served_model(server.url, id="slow", remote_id="slow", revision="1")
        known = bank(cells // CELLS_A_QUESTION, model)
        begun = time.monotonic()
        info = run_audit(store, new_run(store, known, "slow"), known, get_provider)
        took = time.monotonic() - begun
        store.close()
    return {
        "cells": info.counts["planned"],
        "answers": info.counts["answers"],
        "errors": info.counts["errors"],
        "computed": len(prompts),
        "different": len(set(prompts)),
        "seconds": took,
        "ideal": seconds * info.counts["planned"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--cells", type=int, default=CELLS)
    given = parser.parse_args()
    os.environ["PARALLAX_LOOPBACK_ENDPOINTS"] = "true"
    found = measure(given.seconds, given.cells)
    rows = [(name, f"{value:.1f}" if name in ("seconds", "ideal") else f"{value:g}") for name, value in found.items()]
    told = table(("what", "measured"), rows)
    if (given.seconds, given.cells) == (SECONDS, CELLS):
        write_section(TITLE, f"{HOW}\n\n{told}")
    sys.stdout.write(f"{told}\n")


if __name__ == "__main__":
    main()
