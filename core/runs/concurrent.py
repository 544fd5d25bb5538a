"""A few pieces of work side by side, no more begun than there are workers, results as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def run_concurrently(
    items: Iterator[A], work: Callable[[A], B], workers: int, last: Callable[[B], bool]
) -> Generator[B, None, None]:
    """What ``work`` makes of ``items``, in order of completion, ``workers`` at a time, each with a copy of the context.

    After a result that is the ``last`` no further item is taken. Closing waits for what is under way. Raises what
    ``work`` raises.
    """
    ended = False
    with ThreadPoolExecutor(workers, thread_name_prefix="parallax-worker") as pool:
        under_way: set[Future[B]] = set()
        while True:
            while not ended and len(under_way) < workers:
                try:
                    item = next(items)
                except StopIteration:
                    break
                under_way.add(pool.submit(copy_context().run, work, item))
            if not under_way:
                return
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                ended = ended or last(result)
                yield result
