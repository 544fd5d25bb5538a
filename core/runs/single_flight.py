"""Single flight: where a thread is asking something, other threads wait for its answer instead of asking it too."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from core.cancel import CancelToken, check_cancel

_POLL_S = 0.2


class SingleFlight:
    """The set of keys that threads of this process are asking now."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._keys: set[str] = set()

    @contextmanager
    def claim(self, keys: Iterable[str], cancel: CancelToken | None = None) -> Iterator[set[str]]:
        """A context with those of ``keys`` that no other thread is asking, claimed until the context ends.

        Waits until there is at least one. A thread never takes a second claim before its first ends, so there is no
        deadlock. Raises :class:`~core.errors.Cancelled` where the user stops while it waits.
        """
        wanted = set(keys)
        with self._changed:
            while wanted and not wanted - self._keys:
                check_cancel(cancel)
                self._changed.wait(_POLL_S)
            mine = wanted - self._keys
            self._keys |= mine
        try:
            yield mine
        finally:
            with self._changed:
                self._keys -= mine
                self._changed.notify_all()
