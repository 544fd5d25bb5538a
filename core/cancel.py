"""Cancelling: how long-running work learns that the user asked to stop it."""

from __future__ import annotations

from typing import Protocol

from core.errors import Cancelled, said


class CancelToken(Protocol):
    """Anything with a method ``is_set()``, such as a ``threading.Event``."""

    def is_set(self) -> bool:
        """Whether the user has asked to stop."""


def check_cancel(cancel: CancelToken | None) -> None:
    """Raise :class:`~core.errors.Cancelled` if the user has asked to stop."""
    if cancel is not None and cancel.is_set():
        raise Cancelled(said("stopped"))
