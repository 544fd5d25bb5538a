"""An audit in the background: it goes on when the page is closed, and is found again by its run."""

from __future__ import annotations

from collections.abc import Callable

from core.audits.base import Bank
from core.errors import ProviderError, said
from core.providers.base import Provider
from core.runs.ask import fetch_for
from core.runs.create import stages_of
from core.runs.execute import run_audit
from core.runs.jobs import Job, Jobs
from core.runs.progress import RunProgress
from core.runs.stages import models_of
from core.store import Store


def start_in_background(
    jobs: Jobs, store: Store, run_id: str, bank: Bank, provider_of: Callable[[str], Provider]
) -> Job:
    """Run or resume ``run_id`` in the background; where this process is at it already, that job comes back.

    ``job.reported`` is the last :class:`RunProgress`; stages are those of the fetch of the built-in model where it is
    needed, then ``ask``. The job fails where nothing at all could be answered. Raises :class:`InputError` where there
    is no such run.
    """
    info = store.info(run_id)

    def work(job: Job) -> None:
        fetch_for(models_of(stages_of(info, bank)).values(), job)

        def tell(progress: RunProgress) -> None:
            job.report(progress)
            job.advance(progress.done, progress.total, "ask")

        ended = run_audit(store, run_id, bank, provider_of, cancel=job, on_progress=tell)
        if ended.status == "failed":
            raise ProviderError(said("run_failed"), said("hint_first_error", words=first_error(store, run_id)))

    return jobs.submit(info.title, work, key=run_id, long=True)


def job_of(jobs: Jobs, run_id: str) -> Job | None:
    """The latest job of this process that runs or ran ``run_id``."""
    return jobs.find(run_id)


def first_error(store: Store, run_id: str) -> str:
    """What the most frequent error of a run said; empty where it has none."""
    found = store.frame(
        """
        SELECT error_text FROM responses WHERE run_id = ? AND outcome = 'error'
        GROUP BY error_text ORDER BY count(*) DESC, error_text LIMIT 1
        """,
        [run_id],
    )
    return str(found.error_text.iloc[0]) if len(found) else ""
