"""A demonstration that strangers may open (``PARALLAX_PUBLIC=1``): how much it does for one visitor.

What it does not do at all stands where it would be done: models that may cost money in
:mod:`core.providers.permitted`, addresses in :mod:`core.providers.hosted.endpoints`, the rest on the pages.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from core.errors import InputError, said
from core.settings import settings

LONGEST_QUEUE = 12
"""Jobs of all visitors that may wait at once."""


class Bucket:
    """A bucket of ``size`` tokens that fills again at ``per_minute``. Safe to use from several threads."""

    def __init__(self, size: int, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        if size < 1 or per_minute <= 0:
            raise ValueError("a bucket holds at least one token and fills again")
        self._size, self._per_second, self._clock = size, per_minute / 60, clock
        self._tokens, self._since = float(size), clock()
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token and return 0, or take none and return the seconds until there is one."""
        with self._lock:
            now = self._clock()
            # A clock that goes back fills nothing and takes nothing away.
            self._tokens = min(float(self._size), self._tokens + max(0.0, now - self._since) * self._per_second)
            self._since = now
            if self._tokens >= 1 - 1e-9:
                self._tokens = max(0.0, self._tokens - 1)
                return 0.0
            return (1 - self._tokens) / self._per_second


def new_bucket() -> Bucket:
    """The asks of one visitor, as the settings have them."""
    return Bucket(settings().public_asks, settings().public_asks_per_minute)


def check_ask(bucket: Bucket, prompts: int, waiting: int) -> None:
    """Count one ask of ``prompts`` prompts while ``waiting`` jobs wait; outside of a public demonstration none is.

    Raises :class:`InputError` where it is too large, where too many others wait, or where this visitor has asked too
    often; only what is let through counts.
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
