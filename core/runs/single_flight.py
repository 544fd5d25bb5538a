"""Single flight: what one thread of this process is asking, another waits for instead of asking it too."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from core.cancel import CancelToken, check_cancel

_POLL_S = 0.2


class SingleFlight:
    """The keys that are being asked now."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._keys: set[str] = set()

    @contextmanager
    def claim(self, keys: Iterable[str], cancel: CancelToken | None = None) -> Iterator[set[str]]:
        """Those of ``keys`` that nobody else is asking, held until the block ends; waits until there is one.

        Whoever holds a claim takes no second one before it is over, so nobody waits in a circle. Raises
        :class:`~core.errors.Cancelled` where the user stops while waiting.
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
