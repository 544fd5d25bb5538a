"""A queue of work that is shared between owners by what their work costs, not by how often they ask."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from typing import Generic, TypeVar

W = TypeVar("W")
_MOST_OWNERS = 10_000


class FairQueue(Generic[W]):
    """Gives out work so that every owner with work waiting gets the same cost a time. Safe to use from threads.

    This is start-time fair queueing: the work of an owner begins where the owner's last work ended, or now, on a clock
    that moves by cost; the work with the earliest beginning comes next. Who asks much thus lets others in between, and
    who comes first after a pause waits for nobody's backlog. Work of one owner keeps its order.

    >>> queue = FairQueue()
    >>> for place in range(3):
    ...     queue.put(f"long {place}", "a", 100.0)
    >>> queue.put("short", "b", 1.0)
    >>> [queue.get() for _ in range(4)]
    ['long 0', 'short', 'long 1', 'long 2']
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[tuple[float, int, W]] = []
        self._ends: dict[str, float] = {}
        self._now = 0.0
        self._arrivals = itertools.count()

    def put(self, work: W, owner: str = "", cost: float = 1.0) -> None:
        """Add ``work`` of ``owner``, which costs so much, in any unit; less than nothing counts as nothing."""
        with self._changed:
            begin = max(self._now, self._ends.get(owner, 0.0))
            self._ends[owner] = begin + max(cost, 0.0)
            heapq.heappush(self._waiting, (begin, next(self._arrivals), work))
            if len(self._ends) > _MOST_OWNERS:
                # Who is not ahead of the clock begins now, whether remembered or not.
                self._ends = {name: end for name, end in self._ends.items() if end > self._now}
            self._changed.notify()

    def put_last(self, work: W) -> None:
        """Add ``work`` that comes after all other, also after what is added later."""
        with self._changed:
            heapq.heappush(self._waiting, (math.inf, next(self._arrivals), work))
            self._changed.notify()

    def get(self) -> W:
        """The next work. Waits until there is some."""
        with self._changed:
            while not self._waiting:
                self._changed.wait()
            begin, _, work = heapq.heappop(self._waiting)
            self._now = max(self._now, begin) if math.isfinite(begin) else self._now
            return work
