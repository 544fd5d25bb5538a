"""Background jobs end as they should and can be found again."""

import threading
import time

import pytest

from core.cancel import check_cancel
from core.errors import InputError
from core.runs.jobs import Job, Jobs


@pytest.fixture
def jobs():
    pool = Jobs(workers=2, keep=3)
    yield pool
    pool.close()


def wait(job: Job, seconds: float = 5) -> Job:
    end = time.monotonic() + seconds
    while not job.finished and time.monotonic() < end:
        time.sleep(0.005)
    assert job.finished
    return job


def test_a_job_hands_out_results_while_it_runs(jobs):
    go = threading.Event()

    def work(job: Job) -> None:
        job.add([1, 2])
        job.advance(2, 4, "ask")
        go.wait(60)
        job.add([3])

    job = jobs.submit("count", work)
    end = time.monotonic() + 60
    while job.results() != [1, 2] and time.monotonic() < end:
        time.sleep(0.005)
    assert job.results() == [1, 2]
    assert job.progress == (2, 4)
    assert not job.finished
    assert jobs.get(job.id) is job
    go.set()
    assert wait(job).state == "done"
    assert job.results() == [1, 2, 3]


def test_a_cancelled_job_keeps_what_it_had(jobs):
    started = threading.Event()

    def work(job: Job) -> None:
        job.add(["kept"])
        started.set()
        while True:
            check_cancel(job)
            time.sleep(0.005)

    job = jobs.submit("endless", work)
    assert started.wait(60)
    job.cancel()
    assert wait(job).state == "cancelled"
    assert job.results() == ["kept"]


def test_an_expected_error_is_kept_as_it_is(jobs):
    def work(job: Job) -> None:
        raise InputError("Nothing to ask.", "Type something.")

    job = wait(jobs.submit("bad", work))
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.hint == "Type something."


def test_an_unexpected_error_becomes_a_sentence_without_its_details(jobs, caplog):
    def work(job: Job) -> None:
        raise RuntimeError("secret detail")

    job = wait(jobs.submit("broken", work))
    assert job.state == "failed"
    assert "secret detail" not in f"{job.error.message}{job.error.hint}"
    assert "secret detail" in caplog.text


def test_old_finished_jobs_are_forgotten_and_unknown_ones_are_none(jobs):
    done = [wait(jobs.submit(str(i), lambda job: None)) for i in range(6)]
    assert jobs.get(done[0].id) is None
    assert jobs.get(done[-1].id) is done[-1]
    assert jobs.get(None) is None


def test_closing_cancels_what_runs():
    pool = Jobs(workers=1)

    def work(job: Job) -> None:
        while not job.is_set():
            time.sleep(0.005)

    job = pool.submit("endless", work)
    pool.close()
    assert job.state == "cancelled"
