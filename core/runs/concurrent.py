"""Runs pieces of work side by side and gives their results as they come."""

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
    """The results of ``work`` on each of ``items``, in order of completion, ``workers`` at a time.

    An item is taken only when a worker is free. Each piece of work runs in a copy of the caller's context. After a
    result for which ``last`` is true no further item is taken. Closing the generator waits for the work that has begun.
    Raises what ``work`` raises.
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
