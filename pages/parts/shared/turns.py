"""Whose turn it is: pages for visitors are made first, and what is computed in the background waits for them."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

_IDLE_S = 0.3
_LONGEST_WAIT_S = 60.0
_TURN_S = 0.0005  # how long a visitor waits for each turn of the interpreter meanwhile; usual is ten times that


class _Visits:
    """Counts the pages that are being made for visitors, and knows since when there is none."""

    def __init__(self) -> None:
        self._lock, self._running, self._ended = threading.Lock(), 0, 0.0

    @contextmanager
    def one(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                self._ended = time.monotonic()

    def idle_for(self) -> float:
        with self._lock:
            return 0.0 if self._running else time.monotonic() - self._ended


_visits = _Visits()
_this_thread = threading.local()


def visiting() -> AbstractContextManager[None]:
    """A context in which a page is made for a visitor; what :func:`in_background` computes waits meanwhile."""
    return _visits.one()


@contextmanager
def in_background() -> Iterator[None]:
    """A context in which this thread computes for nobody who waits, and gives way at each :func:`give_way`."""
    usual, _this_thread.usual = sys.getswitchinterval(), sys.getswitchinterval()
    sys.setswitchinterval(_TURN_S)
    try:
        yield
    finally:
        del _this_thread.usual
        sys.setswitchinterval(usual)


def give_way() -> None:
    """Wait, in the background, until no page has been made for a moment, a minute at most; elsewhere do nothing.

    Call it between two steps of a ``prepare``, never inside a function whose result is cached: a page that needs the
    same result would wait for it, and it for the page.
    """
    usual = getattr(_this_thread, "usual", None)
    if usual is None or _visits.idle_for() >= _IDLE_S:
        return
    # Many visitors at once would lose time with turns as short as they need beside one thread in the background.
    sys.setswitchinterval(usual)
    until = time.monotonic() + _LONGEST_WAIT_S
    while _visits.idle_for() < _IDLE_S and time.monotonic() < until:
        time.sleep(_IDLE_S / 3)
    sys.setswitchinterval(_TURN_S)
