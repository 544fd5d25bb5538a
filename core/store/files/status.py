"""The present status of a run: the status in its run.json, corrected where its writer has ended without a word."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core.errors import DataError
from core.store.files.kinds import OPEN_KINDS
from core.store.files.run_info import read_info
from core.store.files.writer_lock import is_being_written

FINISHED = ("done", "cancelled", "failed")
UNFINISHED = ("planned", "running")


def status_now(kind: str, stored: str, path: Path | None) -> str:
    """The stored status, or ``interrupted`` where it is ``running`` and no process is writing the run.

    A run of single asks has no plan that could be interrupted; it is ``done`` then.
    """
    if stored not in UNFINISHED:
        return stored
    if path is None:
        return _ended(kind, stored)
    if is_being_written(path):
        return "running"
    # No process writes it now, but its writer may have ended, or another begun, since ``stored`` was read.
    with suppress(DataError, FileNotFoundError):
        stored = read_info(path).status
    if stored not in UNFINISHED:
        return stored
    return "running" if is_being_written(path) else _ended(kind, stored)


def _ended(kind: str, stored: str) -> str:
    if stored != "running":
        return stored
    return "done" if kind in OPEN_KINDS else "interrupted"
