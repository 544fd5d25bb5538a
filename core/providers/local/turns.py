"""Turns at a model: one thread at a time computes with it, in the order in which they asked."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from core.cancel import CancelToken, check_cancel

_POLL_S = 0.2


class Turns:
    """A fair lock: threads get it in the order in which they asked, so one that takes it often makes no other wait
    long.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    @contextmanager
    def turn(self, cancel: CancelToken | None = None) -> Iterator[None]:
        """A context in which this thread has the turn. Raises :class:`core.errors.Cancelled` while it waits."""
        me = object()
        with self._changed:
            self._queue.append(me)
        try:
            with self._changed:
                while self._queue[0] is not me:
                    check_cancel(cancel)
                    self._changed.wait(_POLL_S)
            yield
        finally:
            with self._changed:
                self._queue.remove(me)
                self._changed.notify_all()

    @property
    def wanted(self) -> bool:
        """Whether a thread is waiting for its turn."""
        return len(self._queue) > 1
