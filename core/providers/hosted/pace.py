"""Sends many requests to one endpoint at once, and fewer when it is slow or asks for fewer.

The SDKs repeat a request by themselves and wait as long as ``Retry-After`` says. A hook on their HTTP client tells the
endpoint's :class:`Pace` of every answer, so that other requests wait too.
"""

from __future__ import annotations

import heapq
import itertools
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

from core.cancel import CancelToken, check_cancel
from core.errors import Cancelled, MissingKey, ProviderError, said

A = TypeVar("A")
B = TypeVar("B")
_POLL_S = 0.1
_GRACE_S = 2.0
_FIRST = 4


class Pace:
    """How many requests may be open at one endpoint.

    It begins with a few and allows one more after each good answer, up to ``most``; after trouble it grows more slowly.
    “Too many requests” and an answer that did not come in time halve it. After an answer that took more than a quarter
    of the longest wait it does not grow, and after one that took more than half it falls by one. A server that answers
    one request after the other would otherwise make the last of a long queue time out, and compute it all the same.
    """

    def __init__(self, most: int, longest_s: float = math.inf) -> None:
        self._most = most
        self._longest_s = longest_s
        self._limit = float(min(most, _FIRST))
        self._calm = True
        self._busy = 0
        self._lock = threading.Lock()
        self._arrivals = itertools.count()
        self._waiting: list[tuple[int, int, threading.Condition]] = []

    @property
    def limit(self) -> int:
        """The number of open requests that is allowed now, 1 to ``most``."""
        return int(self._limit)

    @property
    def busy(self) -> int:
        """The number of open requests."""
        return self._busy

    @contextmanager
    def turn(self, cancel: CancelToken | None = None, batch: int = 0) -> Iterator[None]:
        """A context in which one request may be open. It waits for a free place; an earlier ``batch`` goes first.

        So a second batch uses only the places that the end of the first leaves free. Raises
        :class:`~core.errors.Cancelled` while it waits.
        """
        with self._lock:
            mine = (batch, next(self._arrivals), threading.Condition(self._lock))
            heapq.heappush(self._waiting, mine)
            try:
                while self._busy >= self.limit or self._waiting[0] is not mine:
                    check_cancel(cancel)
                    mine[2].wait(_POLL_S)
                check_cancel(cancel)
                self._busy += 1
            finally:
                self._waiting.remove(mine)
                heapq.heapify(self._waiting)
                self._call_next()
        try:
            yield
        finally:
            with self._lock:
                self._busy -= 1
                self._call_next()

    def _call_next(self) -> None:
        if self._waiting and self._busy < self.limit:
            self._waiting[0][2].notify()

    def saw(self, status: int, seconds: float = 0.0) -> None:
        """Change the limit after an answer with this HTTP status that took so many seconds.

        408, 429, 503 and 529 lower it; below 400 it may grow.
        """
        with self._lock:
            if status in (408, 429, 503, 529):
                self._limit = max(1.0, self._limit / 2)
                self._calm = False
            elif seconds > self._longest_s / 2:
                self._limit = max(1.0, self._limit - 1)
                self._calm = False
            elif status < 400 and seconds <= self._longest_s / 4:
                self._limit = min(float(self._most), self._limit + (1 if self._calm else 1 / self._limit))
                self._call_next()


class Paces:
    """One :class:`Pace` for each endpoint."""

    def __init__(self, most: Callable[[], int], longest_s: Callable[[], float] = lambda: math.inf) -> None:
        self._most = most
        self._longest_s = longest_s
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()

    def of(self, endpoint: str) -> Pace:
        """The pace of ``endpoint``, made at its first use."""
        with self._lock:
            return self._paces.setdefault(endpoint, Pace(self._most(), self._longest_s()))


class _Stop:
    """A cancel token that the user's token sets, or the batch itself through ``event``."""

    def __init__(self, cancel: CancelToken | None) -> None:
        self._cancel = cancel
        self.event = threading.Event()

    def is_set(self) -> bool:
        return self.event.is_set() or (self._cancel is not None and self._cancel.is_set())


def ask_all(
    items: Sequence[A],
    ask: Callable[[A, CancelToken], B | ProviderError],
    most: int,
    cancel: CancelToken | None = None,
    unfinished: Callable[[], B] | None = None,
    on_answer: Callable[[int, B | ProviderError], None] | None = None,
) -> list[B | ProviderError]:
    """Call ``ask`` on every item, up to ``most`` at once, and return the answers in the order of the items.

    ``on_answer`` is called in this thread with the place of an item and its answer, as answers come.

    After an error that every later item would meet too (a wrong key, no such model) no further request is sent. The
    items that were not asked get that error; it is raised where nothing at all was answered. When the user stops, open
    requests are not waited for: :class:`~core.errors.Cancelled` is raised. With ``unfinished`` they get a moment to
    return what they have, and the value of ``unfinished`` stands for those that do not.
    """
    if not items:
        return []
    stop = _Stop(cancel)
    answers: list[B | ProviderError | None] = [None] * len(items)
    hopeless: ProviderError | None = None
    pool = ThreadPoolExecutor(max_workers=min(most, len(items)), thread_name_prefix="parallax-remote")
    try:
        waiting: dict[Future[B | ProviderError], int] = {
            pool.submit(copy_context().run, _one, ask, item, stop): place for place, item in enumerate(items)
        }
        left = set(waiting)
        while left:
            done, left = wait(left, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            if cancel is not None and cancel.is_set():
                if unfinished is None:
                    check_cancel(cancel)
                more, left = wait(left, timeout=_GRACE_S)
                done, left = done | more, set()
            for future in done:
                try:
                    answer = future.result()
                except Cancelled:
                    continue  # not sent
                answers[waiting[future]] = answer
                if on_answer is not None:
                    on_answer(waiting[future], answer)
                if hopeless is None and isinstance(answer, ProviderError) and is_hopeless(answer):
                    hopeless = answer
                    stop.event.set()
    finally:
        stop.event.set()
        pool.shutdown(wait=False, cancel_futures=True)
    if unfinished is not None and cancel is not None and cancel.is_set():
        return [answer if answer is not None else unfinished() for answer in answers]
    if hopeless is not None and all(answer is None or isinstance(answer, ProviderError) for answer in answers):
        raise hopeless
    return [answer if answer is not None else hopeless or _lost() for answer in answers]


def is_hopeless(error: ProviderError) -> bool:
    """Whether every other request to the same model would fail in the same way."""
    return isinstance(error, MissingKey) or bool(getattr(error, "final", False))


def _one(ask: Callable[[A, CancelToken], B | ProviderError], item: A, stop: CancelToken) -> B | ProviderError:
    check_cancel(stop)
    return ask(item, stop)


def _lost() -> ProviderError:
    return ProviderError(said("not_sent"))
