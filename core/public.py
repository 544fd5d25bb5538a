"""Limits of a public demonstration (``PARALLAX_PUBLIC=1``): how much it does for one visitor.

What it does not do at all is refused elsewhere: models that may cost money in :mod:`core.providers.permitted`,
addresses in :mod:`core.providers.hosted.endpoints`, the rest on the pages.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Protocol

from core.errors import InputError, said
from core.settings import settings

LONGEST_QUEUE = 12
"""Most jobs of all visitors that may wait at once."""

MOST_ADDRESSES = 10_000
"""Addresses whose asks are remembered."""


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


class Addresses:
    """A bucket for each address that visitors come from, so that new sessions are no new asks.

    An address of the newer kind stands for its network of 64 bits, which is what one customer is given. Of more than
    :data:`MOST_ADDRESSES` the one that asked longest ago is forgotten. Safe to use from several threads. ``made`` makes
    the bucket of an address that is new; without it the settings of a public demonstration do.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, made: Callable[[], Bucket | None] | None = None
    ) -> None:
        self._made = made or partial(_bucket_of_settings, clock)
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, address: str | None) -> Bucket | None:
        """The bucket of ``address``; ``None`` where there is no such limit, or no address is known."""
        made = self._made() if address else None
        if not address or made is None:
            return None
        place = network_of(address)
        with self._lock:
            bucket = self._buckets.pop(place, made)
            self._buckets[place] = bucket
            while len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
            return bucket


def _bucket_of_settings(clock: Callable[[], float]) -> Bucket | None:
    now = settings()
    size = now.public_asks_per_address
    return Bucket(size, now.public_asks_per_minute * size / now.public_asks, clock) if size else None


def network_of(address: str) -> str:
    """The network that ``address`` stands for in limits: itself, or of the newer kind its first 64 bits."""
    try:
        found = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return address[:100]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.IPv6Network((found, 64), strict=False))


class Stoppable(Protocol):
    """A job: whether it has ended, and how it is asked to."""

    @property
    def finished(self) -> bool:
        """True once nothing more will come."""

    def cancel(self) -> None:
        """Ask it to stop."""


class Visitors:
    """Whose jobs are under way, so that those of visitors who left are stopped. Safe to use from several threads.

    A visitor who is away for less than ``grace_s`` seconds, as when a page is loaded anew, is here all the same.
    """

    def __init__(
        self, is_here: Callable[[str], bool], grace_s: float = 45, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._is_here, self._grace, self._clock = is_here, grace_s, clock
        self._jobs: dict[str, list[Stoppable]] = {}
        self._gone_since: dict[str, float] = {}
        self._lock = threading.Lock()

    def began(self, session: str, job: Stoppable) -> None:
        """Remember that ``session`` waits for ``job``."""
        with self._lock:
            self._jobs.setdefault(session, []).append(job)

    def sweep(self) -> int:
        """Stop the jobs of those who left, forget what has ended, and tell how many were stopped."""
        stopped, now = 0, self._clock()
        with self._lock:
            for session in list(self._jobs):
                left = [job for job in self._jobs[session] if not job.finished]
                gone = bool(left) and not self._is_here(session)
                since = self._gone_since.setdefault(session, now) if gone else now
                if gone and now - since >= self._grace:
                    for job in left:
                        job.cancel()
                    stopped, left = stopped + len(left), []
                if left:
                    self._jobs[session] = left
                else:
                    del self._jobs[session]
                if not (gone and left):
                    self._gone_since.pop(session, None)
        return stopped


def check_ask(bucket: Bucket, prompts: int, waiting: int, address: Bucket | None = None) -> None:
    """Count one ask of ``prompts`` prompts while ``waiting`` jobs wait; outside of a public demonstration none is.

    ``bucket`` is the session's, ``address`` that of all who come from its address. Raises :class:`InputError` where the
    ask is too large, where too many others wait, or where this visitor has asked too often; only what the session has
    left counts against its address.
    """
    most = settings().public_prompts
    if not settings().public:
        return
    if prompts > most:
        raise InputError(said("public_large", prompts=prompts, most=most))
    if waiting >= LONGEST_QUEUE:
        raise InputError(said("public_busy"))
    seconds = bucket.take()
    if not seconds and address is not None:
        seconds = address.take()
    if seconds:
        raise InputError(said("public_often", seconds=math.ceil(seconds)))
