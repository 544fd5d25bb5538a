"""Stopping work that somebody has asked to stop."""

from __future__ import annotations

from typing import Protocol

from core.errors import Cancelled, said


class CancelToken(Protocol):
    """Anything with ``is_set()``; a ``threading.Event`` will do."""

    def is_set(self) -> bool:
        """True once the user has asked to stop."""


def check_cancel(cancel: CancelToken | None) -> None:
    """Raise :class:`~core.errors.Cancelled` if the user has asked to stop."""
    if cancel is not None and cancel.is_set():
        raise Cancelled(said("stopped"))
