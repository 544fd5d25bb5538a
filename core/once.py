"""A cache of functions for many threads: what several ask for at the same time is computed once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Once(Generic[P, R]):
    """``compute`` with its results kept by its arguments, which must be hashable. See :func:`once`."""

    def __init__(self, compute: Callable[P, R]) -> None:
        update_wrapper(self, compute)
        self._compute, self._name = compute, compute.__qualname__
        self.cache_clear()

    def __call__(self, *given: P.args, **named: P.kwargs) -> R:
        """The result for these arguments. Raises what ``compute`` raises; then the next call computes again."""
        key = (given, tuple(sorted(named.items()))) if named else given
        found, locks = self._found, self._locks
        if key in found:
            return found[key]
        # One lock for each result: two functions that call one another for other arguments never wait in a circle.
        with locks.setdefault(key, threading.RLock()):
            if key not in found:
                found[key] = self._compute(*given, **named)
        return found[key]

    def __reduce__(self) -> str:
        # Another process finds it by its name, as it does any function.
        return self._name

    def cache_clear(self) -> None:
        """Forget all results. What is being computed meanwhile is not kept."""
        self._found: dict[object, R] = {}
        self._locks: dict[object, threading.RLock] = {}


def once(compute: Callable[P, R]) -> Once[P, R]:
    """Keep the results of ``compute`` for the life of the process, as ``functools.cache`` does, for many threads.

    ``functools.cache`` lets every thread that asks before the first result is there compute it too: the thirty sessions
    of a class would each read the texts of their language. Here the others wait for the first.

    >>> @once
    ... def square(n: int) -> int:
    ...     print("computed")
    ...     return n * n
    >>> square(3), square(3)
    computed
    (9, 9)
    """
    return Once(compute)
