"""Ask in the background: make the model ready, run the cells, hand out results as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.runs.jobs import Job, Jobs
from core.providers.base import Provider
from core.providers.local.builtin import BUILTIN, builtin_state, ensure_builtin
from core.runs.runner import Keeper, Result, Runner
from core.types import Cell


def needs_fetch(cells: Sequence[Cell]) -> bool:
    """True where the built-in model is asked and its weights are not on this computer yet."""
    return any(cell.model.remote_id == BUILTIN for cell in cells) and builtin_state() == "absent"


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
        if needs_fetch(cells):
            ensure_builtin(lambda stage, part: job.advance(round(part * 1000), 1000, stage), cancel=job)
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
