"""What the status in a run.json means now that its writer may be gone."""

from __future__ import annotations

from pathlib import Path

from core.store.hold import is_held

FINISHED = ("done", "cancelled", "failed")
UNFINISHED = ("planned", "running")
OPEN_KINDS = ("probe",)
"""Kinds that have no plan to fulfil: they grow ask by ask, and are whole whenever their writer ends."""


def status_now(kind: str, stored: str, path: Path | None) -> str:
    """The stored status, or ``interrupted`` where a run says running and nobody writes it any more.

    A run of single asks has no end to miss, so it is ``done`` then.
    """
    if stored != "running":
        return "running" if stored == "planned" and path is not None and is_held(path) else stored
    if path is not None and is_held(path):
        return "running"
    return "done" if kind in OPEN_KINDS else "interrupted"
