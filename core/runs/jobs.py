"""Background jobs: long work that runs in a pool of threads of this process.

The work is a function of its own :class:`Job`, which it fills with results. A page finds a job again by its id, so a
page that was closed and opened again goes on showing it.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Literal

from core.errors import Cancelled, ParallaxError, said
from core.runs.fair_queue import FairQueue

log = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "cancelled", "failed"]


class Job:
    """One piece of background work. All methods are safe to call from any thread."""

    def __init__(self, title: str, key: str | None = None) -> None:
        self.id = uuid.uuid4().hex[:12]
        self.title = title
        self.key = key
        self.cancel_event = threading.Event()
        self.created = time.time()
        self._lock = threading.Lock()
        self._state: State = "queued"
        self._error: ParallaxError | None = None
        self._notice: ParallaxError | None = None
        self._results: list[Any] = []
        self._live: dict[Any, str] = {}
        self._done = 0
        self._total = 0
        self._stage = ""
        self._reported: Any = None

    @property
    def state(self) -> State:
        """Whether the job is queued, running, or how it ended."""
        return self._state

    @property
    def finished(self) -> bool:
        """Whether the job has ended."""
        return self._state in ("done", "cancelled", "failed")

    @property
    def error(self) -> ParallaxError | None:
        """Why the job failed; ``None`` where it did not."""
        return self._error

    @property
    def notice(self) -> ParallaxError | None:
        """A problem that the reader should know of although the work went on; ``None`` where there is none."""
        return self._notice

    def warn(self, problem: ParallaxError) -> None:
        """Set :attr:`notice` to ``problem``."""
        self._notice = problem

    @property
    def progress(self) -> tuple[int, int]:
        """Steps done and steps in all; the second is 0 while it is unknown."""
        with self._lock:
            return self._done, self._total

    @property
    def stage(self) -> str:
        """What the job is doing now; a word that the caller chose."""
        return self._stage

    def cancel(self) -> None:
        """Ask the job to stop. It stops after the batch that it is working on."""
        self.cancel_event.set()

    def is_set(self) -> bool:
        """Whether the job was asked to stop. A job is its own cancel token."""
        return self.cancel_event.is_set()

    def advance(self, done: int, total: int, stage: str = "") -> None:
        """Set :attr:`progress` and :attr:`stage`."""
        with self._lock:
            self._done, self._total, self._stage = done, total, stage

    @property
    def reported(self) -> Any:
        """The last value given to :meth:`report`; ``None`` before the first."""
        return self._reported

    def report(self, what: Any) -> None:
        """Set :attr:`reported`."""
        self._reported = what

    def add(self, results: list[Any]) -> None:
        """Add results to those that :meth:`results` returns."""
        with self._lock:
            self._results.extend(results)

    def results(self) -> list[Any]:
        """All results so far."""
        with self._lock:
            return list(self._results)

    def show(self, key: Any, text: str) -> None:
        """Set the growing text called ``key``."""
        with self._lock:
            self._live[key] = text

    def live(self) -> dict[Any, str]:
        """The growing texts by key."""
        with self._lock:
            return dict(self._live)

    def run(self, work: Callable[[Job], None]) -> None:
        """Run ``work`` in this thread and note how it ended. A job that was cancelled while queued does not start."""
        if self.is_set():
            self._state = "cancelled"
            return
        self._state = "running"
        try:
            work(self)
        except Cancelled:
            self._state = "cancelled"
        except ParallaxError as error:
            self._error, self._state = error, "failed"
        except Exception as error:
            # Nothing above this thread would catch it. The reader gets a sentence, the log gets the traceback.
            log.exception("job %s failed", self.title)
            self._error = ParallaxError(said("unexpected", kind=type(error).__name__))
            self._state = "failed"
        else:
            self._state = "cancelled" if self.is_set() else "done"


class _Workers:
    """Threads that do queued work, in an order that is fair to its owners (:class:`FairQueue`).

    They do not keep the process from ending, so what they are writing then may be cut off.
    """

    def __init__(self, count: int, name: str) -> None:
        self._queue: FairQueue[Callable[[], None] | None] = FairQueue()
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{i}", daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[], None], owner: str, cost: float) -> None:
        self._queue.put(work, owner, cost)

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put_last(None)
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while self._take():
            pass

    def _take(self) -> bool:
        # In a call of its own, so that an idle worker keeps no reference to its last work.
        work = self._queue.get()
        if work is not None:
            work()
        return work is not None


class Jobs:
    """The pool of workers with its jobs. The last ``keep`` finished jobs can be found; older ones are forgotten.

    Long jobs, which may take hours, have ``long_workers`` of their own, so that a single ask never waits for them.
    """

    def __init__(self, workers: int = 2, keep: int = 200, long_workers: int = 2) -> None:
        self._short = _Workers(workers, "parallax-job")
        self._long = _Workers(long_workers, "parallax-long-job")
        self._keep = keep
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def submit(
        self,
        title: str,
        work: Callable[[Job], None],
        *,
        key: str | None = None,
        long: bool = False,
        owner: str = "",
        cost: float = 1.0,
    ) -> Job:
        """Queue ``work`` and return its job at once.

        Where an unfinished job has the same ``key``, that job is returned and nothing is queued. Work of several
        owners that waits is shared between them by its ``cost``, in any unit; work of one owner keeps its order.
        """
        with self._lock:
            if key is not None and (same := self._find(key)) is not None and not same.finished:
                return same
            job = self._known(Job(title, key))
        context = copy_context()  # the context has the session's keys
        (self._long if long else self._short).submit(lambda: context.run(job.run, work), owner, cost)
        return job

    def refuse(self, title: str, error: ParallaxError) -> Job:
        """A finished job that failed with ``error`` before it began; it can be found like any other."""

        def work(job: Job) -> None:
            raise error

        job = Job(title)
        job.run(work)
        with self._lock:
            return self._known(job)

    def get(self, job_id: str | None) -> Job | None:
        """The job with this id; ``None`` where it is unknown or forgotten."""
        with self._lock:
            return self._jobs.get(job_id or "")

    def find(self, key: str) -> Job | None:
        """The latest job that was submitted with ``key``."""
        with self._lock:
            return self._find(key)

    def all(self) -> list[Job]:
        """All known jobs, newest first."""
        with self._lock:
            return sorted(self._jobs.values(), key=lambda job: -job.created)

    def queued(self) -> list[Job]:
        """The jobs that wait for a worker, the next one first."""
        return [job for job in reversed(self.all()) if job.state == "queued"]

    def close(self) -> None:
        """Cancel all jobs and wait for the workers to end."""
        for job in self.all():
            job.cancel()
        self._short.close()
        self._long.close()

    def _known(self, job: Job) -> Job:
        self._jobs[job.id] = job
        finished = [known for known in self._jobs.values() if known.finished]
        for old in finished[: max(0, len(self._jobs) - self._keep)]:
            del self._jobs[old.id]
        return job

    def _find(self, key: str) -> Job | None:
        return next((job for job in reversed(self._jobs.values()) if job.key == key), None)
