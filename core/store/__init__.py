"""Run folders on disk and a database over them. :func:`open_store` opens both."""

from __future__ import annotations

from core.settings import DATA, settings
from core.store.files.cache_key import cache_key
from core.store.files.run_folder import RunFolder
from core.store.files.run_info import Cap, RunInfo, Status
from core.store.files.schema import TraceStep
from core.store.files.writer_lock import is_being_written
from core.store.index.database import Store
from core.store.index.selection import Selection

__all__ = [
    "Cap",
    "RunFolder",
    "RunInfo",
    "Selection",
    "Status",
    "Store",
    "TraceStep",
    "cache_key",
    "is_being_written",
    "open_shipped",
    "open_store",
]


def open_store() -> Store:
    """The store with the runs of the user and the runs that ship with Parallax."""
    return Store(settings().runs_dir, [DATA / "runs"])


def open_shipped() -> Store:
    """A store with only the runs that ship with Parallax. The caller closes it."""
    return Store(DATA / "runs")
