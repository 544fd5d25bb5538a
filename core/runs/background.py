"""Runs of audits in the background. A job goes on when its page is closed, and is found again by the id of its run."""

from __future__ import annotations

from collections.abc import Callable

from core.audits.base import Bank
from core.errors import ProviderError, said
from core.providers.base import Provider
from core.runs.create import stages_of
from core.runs.execute import run_audit
from core.runs.fetch import fetch_in
from core.runs.jobs import Job, Jobs
from core.runs.progress import RunProgress
from core.runs.stages import models_of
from core.store import Store


def start_in_background(
    jobs: Jobs, store: Store, run_id: str, bank: Bank, provider_of: Callable[[str], Provider]
) -> Job:
    """Run or resume ``run_id`` in the background. Where a job of this process is running it already, that job is
    returned.

    ``job.reported`` is the last :class:`RunProgress`. The job's stages are those of fetching weights where that is
    needed, then ``ask``. It fails where not a single cell could be answered. Raises :class:`InputError` where there is
    no such run.
    """
    info = store.info(run_id)

    def work(job: Job) -> None:
        fetch_in(job, models_of(stages_of(info, bank)).values())

        def tell(progress: RunProgress) -> None:
            job.report(progress)
            job.advance(progress.done, progress.total, "ask")

        ended = run_audit(store, run_id, bank, provider_of, cancel=job, on_progress=tell)
        if ended.status == "failed":
            raise ProviderError(said("run_failed"), said("hint_first_error", words=first_error(store, run_id)))

    return jobs.submit(info.title, work, key=run_id, long=True)


def job_of(jobs: Jobs, run_id: str) -> Job | None:
    """The latest job of this process for the run ``run_id``."""
    return jobs.find(run_id)


def first_error(store: Store, run_id: str) -> str:
    """The text of the most frequent error of a run; empty where it has no errors."""
    found = store.frame(
        """
        SELECT error_text FROM responses WHERE run_id = ? AND outcome = 'error'
        GROUP BY error_text ORDER BY count(*) DESC, error_text LIMIT 1
        """,
        [run_id],
        rows_of=[run_id],
    )
    return str(found.error_text.iloc[0]) if len(found) else ""
