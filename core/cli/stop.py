"""Ctrl-C on the command line: a run stops after the batch in hand, everything else at once and without a traceback."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from core.cli.output import say

_asked = threading.Event()


@contextmanager
def interruptible() -> Iterator[None]:
    """A context in which Ctrl-C raises ``KeyboardInterrupt``, and in which :func:`stoppable` knows of it.

    A library may answer Ctrl-C with an error of its own, which the code around it handles like any other: DuckDB 2.0
    raises ``RuntimeError``. Then the command would go on as if nothing had been asked.
    """
    _asked.clear()
    if threading.current_thread() is not threading.main_thread():  # only that thread may set what a signal does
        yield
        return

    def note(number: int, frame: FrameType | None) -> None:
        _asked.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        _asked.clear()


@contextmanager
def stoppable(
    words: str = "Stopping after the batch in hand; what was measured is kept.",
) -> Iterator[threading.Event]:
    """A context with an event that is set when the user presses Ctrl-C or the process is asked to end.

    It is set from the beginning where Ctrl-C was pressed earlier and got lost. The second time the process ends at
    once. ``words`` are printed the first time.
    """
    event = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        say(words)
        event.set()
        signal.signal(number, signal.SIG_DFL)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    if _asked.is_set():
        say(words)
        event.set()
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
