"""Ask in the background: make the model ready, run the cells, hand out results as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from core.audits.base import Stage
from core.errors import DataError
from core.providers.base import Provider
from core.runs.fetch import fetch_in
from core.runs.jobs import Job, Jobs
from core.runs.runner import Keeper, Result, Runner
from core.runs.stages import StageKeeper, StageRunner, computations, models_of
from core.types import Cell, Response


def ask_in_background(
    jobs: Jobs,
    keeper_of: Callable[[], Keeper],
    provider_of: Callable[[str], Provider],
    cells: Sequence[Cell],
    title: str,
    *,
    fresh: bool = False,
) -> Job:
    """Start a job that asks ``cells``; its results are :class:`core.runs.runner.Result`, its live texts are keyed by
    cell.

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

        keeper = keeper_of()
        runner = Runner(keeper, provider_of)
        begun = time.monotonic()
        try:
            runner.run(cells, fresh=fresh, cancel=job, on_results=keep, on_text=job.show)
        finally:
            problem = runner.storage_error
            try:
                if isinstance(keeper, StageKeeper):
                    keeper.note(computations((cell.model for cell in cells), provider_of), time.monotonic() - begun)
            except DataError as error:
                problem = problem or error
            if problem is not None:
                job.warn(problem)

    return jobs.submit(title, work)


def ask_stages_in_background(
    jobs: Jobs,
    keeper_of: Callable[[], StageKeeper],
    provider_of: Callable[[str], Provider],
    stages: Sequence[Stage],
    title: str,
    *,
    fresh: bool = False,
) -> Job:
    """Start a job that asks ``stages`` one after the other, as single asks of the day.

    Its results are the rows of the cells (:class:`core.types.Response`), those that the day's run had already among
    them; its live texts are keyed by cell. ``fresh`` asks everything again. What could not be written is handed out all
    the same, and the job's notice says so.
    """

    def work(job: Job) -> None:
        fetch_in(job, models_of(stages).values())
        done, total = 0, sum(stage.most_cells for stage in stages)
        job.advance(0, total, "ask")

        def plan(cells: int) -> None:
            nonlocal total
            total = cells
            job.advance(done, total, "ask")

        def keep(results: list[Result]) -> None:
            take([result.response for result in results])

        def take(rows: Iterable[Response]) -> None:
            nonlocal done
            rows = list(rows)
            done += len(rows)
            job.add(rows)
            job.advance(done, total, "ask")

        runner = StageRunner(keeper_of(), provider_of)
        try:
            runner.run(
                stages,
                fresh=fresh,
                again=fresh,
                cancel=job,
                on_planned=plan,
                on_results=keep,
                on_text=job.show,
                on_stored=lambda stored: take(stored.values()),
            )
        finally:
            if runner.storage_error is not None:
                job.warn(runner.storage_error)

    return jobs.submit(title, work)
