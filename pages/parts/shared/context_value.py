"""Functions that are called later, or in a thread without a session, and find a value there that is known now."""

from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
V = TypeVar("V")


def with_value(variable: ContextVar[V], value: V, work: Callable[[], T]) -> Callable[[], T]:
    """``work`` as a function that sets ``variable`` to ``value`` while it runs."""

    def later() -> T:
        token = variable.set(value)
        try:
            return work()
        finally:
            variable.reset(token)

    return later
