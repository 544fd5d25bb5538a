"""Asks cells or stages in the background: makes the models ready, asks, and hands out results as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from core.audits.base import Stage
from core.errors import DataError
from core.providers.base import Provider
from core.runs.fetch import fetch_in
from core.runs.jobs import Job, Jobs
from core.runs.runner import Keeper, Result, Runner
from core.runs.stages import StageKeeper, StageRunner, computations, models_of
from core.types import Cell, Response


class Turn(NamedTuple):
    """Whose turn it is (``owner``), and the ``cost`` of the work: prompts times their length, in characters."""

    owner: str = ""
    cost: float = 1.0


NOBODYS = Turn()
"""The turn of whoever has this process alone."""


def ask_in_background(
    jobs: Jobs,
    keeper_of: Callable[[], Keeper],
    provider_of: Callable[[str], Provider],
    cells: Sequence[Cell],
    title: str,
    *,
    fresh: bool = False,
    turn: Turn = NOBODYS,
) -> Job:
    """Start a job that asks ``cells``. Its results are :class:`core.runs.runner.Result`, its growing texts are keyed by
    cell.

    The job's stages are those of fetching weights where that is needed, then ``ask``. ``fresh`` asks again what is
    known. ``turn`` says whose job it is and what it costs, where several people share this process.
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

    return jobs.submit(title, work, owner=turn.owner, cost=turn.cost)


def ask_stages_in_background(
    jobs: Jobs,
    keeper_of: Callable[[], StageKeeper],
    provider_of: Callable[[str], Provider],
    stages: Sequence[Stage],
    title: str,
    *,
    fresh: bool = False,
    turn: Turn = NOBODYS,
) -> Job:
    """Start a job that asks ``stages`` one after the other, as single asks of the day.

    Its results are the rows of the cells (:class:`core.types.Response`), including rows that the run of the day had
    already. Its growing texts are keyed by cell. ``fresh`` asks again what is known. Rows that could not be written are
    handed out too, and the job's notice says that they were not written. ``turn`` is as for :func:`ask_in_background`.
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

    return jobs.submit(title, work, owner=turn.owner, cost=turn.cost)
