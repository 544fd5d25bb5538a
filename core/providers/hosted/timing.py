"""Measures how long an answer took, from the first byte sent to the last byte read. No other module does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from core.types import OptionAnswer, TextAnswer

A = TypeVar("A", OptionAnswer, TextAnswer, OptionAnswer | None)


def timed(work: Callable[[], A]) -> A:
    """What ``work`` returns, with the seconds that it took. A stream ends when its last piece was read."""
    started = time.perf_counter()
    answer = work()
    if answer is None:
        return answer
    call = answer.call.model_copy(update={"latency_s": time.perf_counter() - started})
    return answer.model_copy(update={"call": call})
