"""Where a notebook keeps what it asks: the user's own store, shared with the app and the command line."""

from __future__ import annotations

import atexit
import threading
from pathlib import Path

from core import i18n
from core.runs import DayRun
from core.settings import settings
from core.store import Store, open_store

_LOCK = threading.RLock()
_STORES: dict[Path, Store] = {}
_DAYS: dict[Path, DayRun] = {}


def store() -> Store:
    """The store over ``PARALLAX_RUNS_DIR`` and the shipped runs; one a process and folder."""
    with _LOCK:
        folder = settings().runs_dir
        if folder not in _STORES:
            _STORES[folder] = open_store()
        return _STORES[folder]


def day_run() -> DayRun:
    """Where single asks are kept: one run a day and process, marked as done when the process ends."""
    with _LOCK:
        folder = settings().runs_dir
        if folder not in _DAYS:
            if not _DAYS:
                atexit.register(close)
            _DAYS[folder] = DayRun(store(), title=i18n.texts()("probe.run_title"))
        return _DAYS[folder]


def close() -> None:
    """Mark the runs of single asks as done and let all stores go; the next call opens what it needs anew."""
    with _LOCK:
        while _DAYS:
            _DAYS.popitem()[1].close()
        while _STORES:
            _STORES.popitem()[1].close()
