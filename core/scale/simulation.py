"""What a bulk run would take, computed from measured rates: a simulation of how portions are handed out.

The simulated driver does what :mod:`core.scale.office` does: portions of :func:`core.scale.portions.portion_size` in
the order of the plan, to the free worker with the fewest, two a worker at most. A worker that gets a portion of another
model loads that first.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from core.scale.portions import portion_size
from core.types import Frozen

_AT_ONCE = 2


class Work(Frozen):
    """``prompts`` prompts for one model, of which a worker answers ``rate`` a second once it is loaded."""

    prompts: int
    rate: float


class Outcome(Frozen):
    """``seconds`` from the first portion to the last answer, and the share of all workers' time in which they computed
    answers (0 to 1).
    """

    seconds: float
    use: float


def simulate(
    work: Sequence[Work], workers: int, *, batch: int, load_s: float, begin_s: float = 0.0, handing_s: float = 0.0
) -> Outcome:
    """Hand out ``work``, model by model, to ``workers``.

    ``batch`` is the batch of the provider, ``load_s`` what it takes to load a model, ``begin_s`` what it takes a worker
    to begin (it counts as unused time), and ``handing_s`` what the driver needs for one portion: it hands out one after
    the other.

    >>> simulate([Work(prompts=800, rate=10)], 1, batch=100, load_s=20).seconds
    100.0
    """
    total = sum(one.prompts for one in work)
    size = portion_size(batch, total, workers)
    free = [(begin_s, worker) for worker in range(workers) for _ in range(_AT_ONCE)]
    heapq.heapify(free)
    until = [begin_s] * workers
    loaded = [-1] * workers
    driver = busy = 0.0
    for model, one in enumerate(work):
        left = one.prompts
        while left:
            portion = min(size, left)
            left -= portion
            asked, worker = heapq.heappop(free)
            driver = max(driver, asked) + handing_s
            start = max(driver, until[worker])
            if loaded[worker] != model:
                start += load_s
                loaded[worker] = model
            took = portion / one.rate
            busy += took
            until[worker] = start + took
            heapq.heappush(free, (until[worker], worker))
    seconds = max(until, default=0.0)
    return Outcome(seconds=seconds, use=busy / (seconds * workers) if seconds else 0.0)
