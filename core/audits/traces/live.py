"""Make traces in the background and hand out each step as it is taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.audits.traces.asking import Asker
from core.audits.traces.audit import trace
from core.audits.traces.store import TraceBook
from core.audits.traces.types import Step, Trace, Unit
from core.errors import DataError
from core.providers.base import Provider
from core.runs.fetch import fetch_in
from core.runs.jobs import Job, Jobs
from core.types import Frozen

STEPS = 14
"""Steps of a usual trace, for the progress bar alone."""


class LiveStep(Frozen):
    """A step that was just taken, of the trace ``unit_id``."""

    unit_id: str
    step: Step


def trace_in_background(
    jobs: Jobs,
    book_of: Callable[[], TraceBook],
    provider_of: Callable[[str], Provider],
    units: Sequence[Unit],
    title: str,
    *,
    fresh: bool = False,
) -> Job:
    """Start a job that makes the traces of ``units``; its results are :class:`LiveStep`, then each finished ``Trace``.

    Live texts are keyed by the unit's id and the tag of their step. A trace that cannot be stored is handed out all
    the same, and the job's notice says so.
    """

    def work(job: Job) -> None:
        fetch_in(job, [unit.model for unit in units])
        book = book_of()
        taken = 0
        total = STEPS * len(units)
        job.advance(0, total, "ask")
        for unit in units:

            def keep(step: Step, unit_id: str = unit.id) -> None:
                nonlocal taken
                taken += 1
                job.add([LiveStep(unit_id=unit_id, step=step)])
                job.advance(min(taken, total), total, "ask")

            def grow(name: str, text: str, unit_id: str = unit.id) -> None:
                job.show((unit_id, name), text)

            asker = Asker(book, provider_of, fresh=fresh, cancel=job, on_text=grow)
            made = trace(unit, asker, keep)
            job.add([made])
            _store(book, made, asker, job)

    return jobs.submit(title, work)


def _store(book: TraceBook, made: Trace, asker: Asker, job: Job) -> None:
    try:
        book.keep(made)
        book.settle()
    except DataError as error:
        job.warn(error)
    if asker.storage_error is not None:
        job.warn(asker.storage_error)
