"""Ask in the background: make the model ready, run the cells, hand out results as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from core.audits.base import Stage
from core.errors import DataError
from core.providers.base import Provider
from core.providers.local.builtin import BUILTIN, builtin_state, ensure_builtin
from core.runs.jobs import Job, Jobs
from core.runs.runner import Keeper, Result, Runner
from core.runs.stages import StageKeeper, StageRunner, computations, models_of
from core.types import Cell, Model, Response


def needs_fetch(models: Iterable[Model]) -> bool:
    """True where the built-in model is asked and its weights are not on this computer yet."""
    return any(model.remote_id == BUILTIN for model in models) and builtin_state() == "absent"


def fetch_for(models: Iterable[Model], job: Job) -> None:
    """Fetch the weights of the built-in model for ``job`` where they are needed and absent."""
    if needs_fetch(models):
        ensure_builtin(lambda stage, part: job.advance(round(part * 1000), 1000, stage), cancel=job)


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

    Stages: those of the fetch of the built-in model where it is needed, then ``ask``.
    """

    def work(job: Job) -> None:
        fetch_for((cell.model for cell in cells), job)
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

    Its results are the rows of the cells (:class:`core.types.Response`), those that the day's run held already among
    them; its live texts are keyed by cell. ``fresh`` asks everything again. What could not be written is handed out all
    the same, and the job's notice says so.
    """

    def work(job: Job) -> None:
        fetch_for(models_of(stages).values(), job)
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
                on_held=lambda held: take(held.values()),
            )
        finally:
            if runner.storage_error is not None:
                job.warn(runner.storage_error)

    return jobs.submit(title, work)
