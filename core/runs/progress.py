"""How many cells of a run are done, and at what rate."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from core.types import Frozen

WINDOW_S = 60.0


class RunProgress(Frozen):
    """Cells of the plan: ``done`` of ``total``, of which ``cached`` were copied and ``errors`` failed.

    ``rate`` is the number of cells a second over the last minute of this call, ``seconds_left`` what the rest takes at
    that rate. Both are ``None`` until something was asked. Cells that an earlier call stored count as done.
    """

    done: int
    total: int
    cached: int
    errors: int
    rate: float | None
    seconds_left: float | None


class Meter:
    """Counts cells as they come. Copied answers take no time and do not enter the rate."""

    def __init__(self, total: int, done: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._done = total, done
        self._cached = self._errors = 0
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])

    def add(self, fresh: int, cached: int, errors: int) -> RunProgress:
        """Count ``fresh`` cells that were asked, of which ``errors`` failed, and ``cached`` cells that were copied."""
        self._done += fresh + cached
        self._cached += cached
        self._errors += errors
        if fresh:
            now = self._clock()
            self._marks.append((now, self._marks[-1][1] + fresh))
            while len(self._marks) > 2 and now - self._marks[0][0] > WINDOW_S:
                self._marks.popleft()
        return self.progress()

    @property
    def total(self) -> int:
        """Cells in all, as far as that is known."""
        return self._total

    def plan(self, total: int) -> RunProgress:
        """Set the number of cells in all, which grows more exact as later stages begin."""
        self._total = total
        return self.progress()

    def progress(self) -> RunProgress:
        """The counts and the rate now."""
        (first, before), (last, after) = self._marks[0], self._marks[-1]
        rate = (after - before) / (last - first) if last > first else None
        left = max(0, self._total - self._done)
        return RunProgress(
            done=self._done,
            total=self._total,
            cached=self._cached,
            errors=self._errors,
            rate=rate,
            seconds_left=left / rate if rate else None,
        )
