"""Ask in the background: make the model ready, run the cells, hand out results as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.runs.fetch import fetch_in
from core.runs.jobs import Job, Jobs
from core.providers.base import Provider
from core.runs.runner import Keeper, Result, Runner
from core.types import Cell


def ask_in_background(
    jobs: Jobs,
    keeper_of: Callable[[], Keeper],
    provider_of: Callable[[str], Provider],
    cells: Sequence[Cell],
    title: str,
    *,
    fresh: bool = False,
) -> Job:
    """Start a job that asks ``cells``; its results are :class:`core.runs.runner.Result`, its live texts are keyed by cell.

    Stages: those of fetching weights where it is needed, then ``ask``.
    """

    def work(job: Job) -> None:
        fetch_in(job, [cell.model for cell in cells])
        total = len(cells)
        job.advance(0, total, "ask")
        seen = 0

        def keep(results: list[Result]) -> None:
            nonlocal seen
            seen += len(results)
            job.add(list(results))
            job.advance(seen, total, "ask")

        runner = Runner(keeper_of(), provider_of)
        try:
            runner.run(cells, fresh=fresh, cancel=job, on_results=keep, on_text=job.show)
        finally:
            if runner.storage_error is not None:
                job.warn(runner.storage_error)

    return jobs.submit(title, work)
