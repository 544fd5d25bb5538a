"""The store in which a notebook keeps its answers: the user's own, shared with the app and the command line."""

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
    """The store over ``PARALLAX_RUNS_DIR`` and the shipped runs. There is one a process and folder."""
    with _LOCK:
        folder = settings().runs_dir
        if folder not in _STORES:
            _STORES[folder] = open_store()
        return _STORES[folder]


def day_run() -> DayRun:
    """The run that stores single asks. There is one a day and process; it is marked as done when the process ends."""
    with _LOCK:
        folder = settings().runs_dir
        if folder not in _DAYS:
            if not _DAYS:
                atexit.register(close)
            _DAYS[folder] = DayRun(store(), title=i18n.texts()("probe.run_title"))
        return _DAYS[folder]


def close() -> None:
    """Mark the runs of single asks as done and close all stores. The next call opens them again."""
    with _LOCK:
        while _DAYS:
            _DAYS.popitem()[1].close()
        while _STORES:
            _STORES.popitem()[1].close()
