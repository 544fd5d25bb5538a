"""Run folders on disk and a database over them. :func:`open_store` opens both."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.settings import DATA, settings
from core.store.files.cache_key import cache_key
from core.store.files.run_folder import RunFolder
from core.store.files.run_info import Cap, RunInfo, Status
from core.store.files.schema import TraceStep
from core.store.files.writer_lock import is_being_written

if TYPE_CHECKING:
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

_PLACES = {"Store": "core.store.index.database", "Selection": "core.store.index.selection"}


def __getattr__(name: str) -> Any:
    """What needs the database, imported when it is first used: files of runs are read without it."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_PLACES[name]), name)
    return found


def open_store() -> Store:
    """The store with the runs of the user and the runs that ship with Parallax."""
    from core.store.index.database import Store

    return Store(settings().runs_dir, [DATA / "runs"])


def open_shipped() -> Store:
    """A store with only the runs that ship with Parallax. The caller closes it."""
    from core.store.index.database import Store

    return Store(DATA / "runs")
