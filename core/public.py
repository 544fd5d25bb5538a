"""Limits of a public demonstration (``PARALLAX_PUBLIC=1``): how much it does for one visitor.

What it does not do at all is refused elsewhere: models that may cost money in :mod:`core.providers.permitted`,
addresses in :mod:`core.providers.hosted.endpoints`, the rest on the pages.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from core.errors import InputError, said
from core.settings import settings

LONGEST_QUEUE = 12
"""Most jobs of all visitors that may wait at once."""


class Bucket:
    """A token bucket, which limits how often something is done. Safe to use from several threads.

    It begins full with ``size`` tokens and gains ``per_minute`` tokens a minute until it is full again.
    """

    def __init__(self, size: int, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        if size < 1 or per_minute <= 0:
            raise ValueError("a bucket holds at least one token and fills again")
        self._size, self._per_second, self._clock = size, per_minute / 60, clock
        self._tokens, self._since = float(size), clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token and return 0; where there is none, return the seconds until there is one."""
        with self._lock:
            now = self._clock()
            # Where the clock was set back, nothing is gained and nothing lost.
            self._tokens = min(float(self._size), self._tokens + max(0.0, now - self._since) * self._per_second)
            self._since = now
            if self._tokens >= 1 - 1e-9:
                self._tokens = max(0.0, self._tokens - 1)
                return 0.0
            return (1 - self._tokens) / self._per_second


def new_bucket() -> Bucket:
    """A bucket for the asks of one visitor, with the size and rate of the settings."""
    return Bucket(settings().public_asks, settings().public_asks_per_minute)


def check_ask(bucket: Bucket, prompts: int, waiting: int) -> None:
    """Count one ask of ``prompts`` prompts while ``waiting`` jobs wait. Does nothing outside a public demonstration.

    Raises :class:`InputError` where the ask is too large, where too many jobs wait, or where this visitor has asked too
    often. An ask that is refused is not counted.
    """
    most = settings().public_prompts
    if not settings().public:
        return
    if prompts > most:
        raise InputError(said("public_large", prompts=prompts, most=most))
    if waiting >= LONGEST_QUEUE:
        raise InputError(said("public_busy"))
    seconds = bucket.take()
    if seconds:
        raise InputError(said("public_often", seconds=math.ceil(seconds)))
