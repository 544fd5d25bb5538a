"""Stores answers of a batch while the rest of the batch is still being asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")
EVERY_S = 2.0
"""Seconds between two writes. A fast endpoint has answered a whole batch by then, which so becomes one file."""


class Kept(Generic[A, R]):
    """Collects the answers of a batch and gives them to ``keep_these`` from time to time, each answer once.

    ``keep_these`` gets answers by their place in the batch and returns the results that it stored.
    """

    def __init__(self, keep_these: Callable[[Mapping[int, A]], list[R]], every_s: float = EVERY_S) -> None:
        self._keep_these = keep_these
        self._every_s = every_s
        self._waiting: dict[int, A] = {}
        self._done: set[int] = set()
        self._kept: list[R] = []
        self._last = time.monotonic()

    def take(self, place: int, answer: A) -> None:
        """Note the answer at ``place``, and store what waits where the last write was :data:`EVERY_S` seconds ago."""
        self._waiting[place] = answer
        if time.monotonic() - self._last >= self._every_s:
            self.keep()

    def keep(self) -> None:
        """Store the answers that came and are not stored yet."""
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._kept += self._keep_these(waiting)
            self._done |= set(waiting)
        self._last = time.monotonic()

    def rest(self, answers: Sequence[A]) -> list[R]:
        """Store what is still missing of ``answers``, those of the whole batch, and return all stored results."""
        self._waiting = {place: answer for place, answer in enumerate(answers) if place not in self._done}
        self.keep()
        return self._kept
