"""Where a notebook keeps what it asks: the user's own store, shared with the app and the command line."""

from __future__ import annotations

import atexit
from functools import cache
from pathlib import Path

from core import i18n
from core.runs import DayRun
from core.settings import settings
from core.store import Store, open_store


def store() -> Store:
    """The store over ``PARALLAX_RUNS_DIR`` and the shipped runs; one a process and folder."""
    return _store(settings().runs_dir)


@cache
def _store(runs_dir: Path) -> Store:
    return open_store()


def day_run() -> DayRun:
    """Where single asks are kept: one run a day and process, marked as done when the process ends."""
    return _day_run(settings().runs_dir)


@cache
def _day_run(runs_dir: Path) -> DayRun:
    run = DayRun(_store(runs_dir), title=i18n.texts()("probe.run_title"))
    atexit.register(run.close)
    return run
