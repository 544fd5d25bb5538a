"""Answers of one batch, kept while the rest of it is still asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")
EVERY_S = 2.0
"""Answers that came are kept at least so often; a quick endpoint has a whole batch by then, and one file for it."""


class Kept(Generic[A, R]):
    """``keep_these`` gets answers by their place in the batch, each once, and gives what is kept of them."""

    def __init__(self, keep_these: Callable[[Mapping[int, A]], list[R]], every_s: float = EVERY_S) -> None:
        self._keep_these = keep_these
        self._every_s = every_s
        self._waiting: dict[int, A] = {}
        self._done: set[int] = set()
        self._kept: list[R] = []
        self._last = time.monotonic()

    def take(self, place: int, answer: A) -> None:
        """The answer at ``place`` has come."""
        self._waiting[place] = answer
        if time.monotonic() - self._last >= self._every_s:
            self.keep()

    def keep(self) -> None:
        """Keep what came and is not kept yet."""
        waiting, self._waiting = self._waiting, {}
        if waiting:
            self._kept += self._keep_these(waiting)
            self._done |= set(waiting)
        self._last = time.monotonic()

    def rest(self, answers: Sequence[A]) -> list[R]:
        """All that is kept, now that ``answers`` of the whole batch are known."""
        self._waiting = {place: answer for place, answer in enumerate(answers) if place not in self._done}
        self.keep()
        return self._kept
