"""How long an answer took: measured here and nowhere else, from the first byte sent to the last one read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from core.types import OptionAnswer, TextAnswer

A = TypeVar("A", OptionAnswer, TextAnswer, OptionAnswer | None)


def timed(work: Callable[[], A]) -> A:
    """What ``work`` gives, with the seconds that it took; a stream is over when its last piece was read."""
    started = time.perf_counter()
    answer = work()
    if answer is None:
        return answer
    call = answer.call.model_copy(update={"latency_s": time.perf_counter() - started})
    return answer.model_copy(update={"call": call})
