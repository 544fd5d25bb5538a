"""Work for later, or for a thread without a session, that finds a value of now."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
V = TypeVar("V")


def holding(kept: ContextVar[V], value: V, work: Callable[[], T]) -> Callable[[], T]:
    """``work``, to be called where ``kept`` has ``value``."""

    def later() -> T:
        token = kept.set(value)
        try:
            return work()
        finally:
            kept.reset(token)

    return later
