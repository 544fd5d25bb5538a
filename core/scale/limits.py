"""One limit for each endpoint, kept by all workers together.

The pace of an endpoint (:class:`core.providers.hosted.pace.Pace`) lives in one actor. A worker asks it for a turn
before every request and tells it of every answer, so that a “too many requests” to one slows all down.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.cancel import CancelToken, check_cancel
from core.providers.hosted.pace import Pace, Paces

_POLL_S = 0.2


class Limits:
    """The actor: open requests and waiting workers by endpoint. Its methods run in one event loop, one at a time."""

    def __init__(self, most: int, longest_s: float) -> None:
        self._most, self._longest_s = most, longest_s
        self._paces: dict[str, Pace] = {}
        self._open: dict[str, dict[str, str]] = {}
        self._waiting: dict[str, deque[tuple[str, str, asyncio.Event]]] = {}
        self._gone: set[str] = set()

    async def take(self, endpoint: str, worker: str, ticket: str) -> None:
        """Return when ``worker`` may have one request open at ``endpoint``; ``ticket`` names the turn."""
        free = asyncio.Event()
        self._waiting.setdefault(endpoint, deque()).append((worker, ticket, free))
        self._admit(endpoint)
        await free.wait()

    async def give(self, endpoint: str, ticket: str) -> None:
        """End the turn with the name ``ticket``, or no longer wait for it."""
        self._open.setdefault(endpoint, {}).pop(ticket, None)
        queue = self._waiting.get(endpoint, deque())
        for _, name, free in queue:
            if name == ticket:
                free.set()  # whoever waited is gone, and the call must end all the same
        self._waiting[endpoint] = deque(one for one in queue if one[1] != ticket)
        self._admit(endpoint)

    async def saw(self, endpoint: str, status: int, seconds: float) -> None:
        """Change the limit of ``endpoint`` after an answer, as :meth:`Pace.saw` does."""
        self._pace(endpoint).saw(status, seconds)
        self._admit(endpoint)

    async def forget(self, worker: str) -> None:
        """Free the turns of a worker that was lost."""
        self._gone.add(worker)
        for endpoint, turns in self._open.items():
            for ticket in [ticket for ticket, who in turns.items() if who == worker]:
                del turns[ticket]
            self._admit(endpoint)

    async def most_open(self) -> dict[str, int]:
        """The requests that are open now, by endpoint."""
        return {endpoint: len(turns) for endpoint, turns in self._open.items()}

    def _pace(self, endpoint: str) -> Pace:
        return self._paces.setdefault(endpoint, Pace(self._most, self._longest_s))

    def _admit(self, endpoint: str) -> None:
        turns = self._open.setdefault(endpoint, {})
        queue = self._waiting.get(endpoint, deque())
        while queue and len(turns) < self._pace(endpoint).limit:
            worker, ticket, free = queue.popleft()
            free.set()
            if worker not in self._gone:
                turns[ticket] = worker


class SharedPace(Pace):
    """The pace of one endpoint as a worker sees it: every turn comes from the actor."""

    def __init__(self, limits: Any, endpoint: str, worker: str, most: int) -> None:
        super().__init__(most)
        self._limits, self._endpoint, self._worker = limits, endpoint, worker
        self._numbers = itertools.count()

    @contextmanager
    def turn(self, cancel: CancelToken | None = None, batch: int = 0) -> Iterator[None]:
        """A context in which one request may be open, of all that all workers have open. Raises
        :class:`~core.errors.Cancelled` while it waits.
        """
        import ray

        ticket = uuid.uuid4().hex
        asked = self._limits.take.remote(self._endpoint, self._worker, ticket)
        try:
            while not ray.wait([asked], timeout=_POLL_S)[0]:
                check_cancel(cancel)
            ray.get(asked)
            yield
        finally:
            self._limits.give.remote(self._endpoint, ticket)

    def saw(self, status: int, seconds: float = 0.0) -> None:
        """Tell the actor of an answer."""
        self._limits.saw.remote(self._endpoint, status, seconds)


class SharedPaces(Paces):
    """One :class:`SharedPace` for each endpoint that a worker asks."""

    def __init__(self, limits: Any, worker: str, most: Callable[[], int]) -> None:
        super().__init__(most)
        self._limits, self._worker = limits, worker

    def of(self, endpoint: str) -> Pace:
        """The pace of ``endpoint``, made at its first use."""
        with self._lock:
            if endpoint not in self._paces:
                self._paces[endpoint] = SharedPace(self._limits, endpoint, self._worker, self._most())
            return self._paces[endpoint]
