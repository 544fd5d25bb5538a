"""Audit runs: estimate, make, run, stop, resume, copy what is known, in the background and beside each other."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from core.audits import AUDITS
from core.errors import InputError, Unreachable
from core.providers import get_provider
from core.providers.mock import MockProvider
from core.runs import create_run, estimate, job_of, run_audit, start_in_background
from core.runs.bank import load_bank
from core.runs.jobs import Job, Jobs
from core.runs.progress import Meter
from core.runs.single_flight import SingleFlight
from core.store import Store
from core.types import cell_id
from tests.unit.audit_child import bank, mock_model, new_run, spec_of
from tests.unit.planned import cells_of


class Counting(MockProvider):
    """Counts what it is asked."""

    def __init__(self, **script: object) -> None:
        super().__init__(**script)
        self.asked = 0

    def option_distribution(self, requests, cancel=None):
        self.asked += len(requests)
        return super().option_distribution(requests, cancel)


def wait_for(job: Job) -> None:
    deadline = time.monotonic() + 60
    while not job.finished and time.monotonic() < deadline:
        time.sleep(0.01)


def numbers(store: Store, run_id: str) -> dict[str, list[float]]:
    rows = store.responses([run_id])
    return {cell: list(mass) for cell, mass in zip(rows.cell_id, rows.mass, strict=True)}


def test_a_run_ends_with_exactly_the_cells_of_its_plan_and_says_how_it_was_made(tmp_path: Path) -> None:
    made, store = bank(), Store(tmp_path)
    run_id = new_run(store, made, seed=3)
    planned = store.info(run_id)
    assert (planned.status, planned.counts) == ("planned", {"planned": 18})
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert (info.status, info.counts["answers"], info.counts["errors"]) == ("done", 18, 0)
    assert info.finished is not None
    assert info.spec["seed"] == 3
    assert info.models == {"mock": "1"}
    assert info.prompts == {"options-2": "options-2"}
    assert {"python", "numpy"} <= info.libraries.keys()
    assert sorted(store.responses([run_id]).cell_id) == sorted(cell_id(cell) for cell in cells_of(info, made))


def test_the_same_spec_gives_the_same_numbers(tmp_path: Path) -> None:
    made = bank()
    stores = [Store(tmp_path / name) for name in ("a", "b")]
    runs = [new_run(store, made) for store in stores]
    for store, run_id in zip(stores, runs, strict=True):
        run_audit(store, run_id, made, lambda name: MockProvider())
    assert numbers(stores[0], runs[0]) == numbers(stores[1], runs[1])


def test_what_another_run_knows_is_copied_with_its_time_and_marked(tmp_path: Path) -> None:
    made, store, provider = bank(), Store(tmp_path), Counting()
    first, second = new_run(store, made, "first"), new_run(store, made, "second")
    run_audit(store, first, made, lambda name: provider)
    info = run_audit(store, second, made, lambda name: provider)
    assert provider.asked == 18
    assert (info.counts["answers"], info.counts["copied"]) == (18, 18)
    rows = store.responses().pivot(index="cell_id", columns="run_id", values=["created", "copied_from", "valid_mass"])
    assert (rows["created"]["first"] == rows["created"]["second"]).all()
    assert set(rows["copied_from"]["second"]) == {"first"}
    assert rows["copied_from"]["first"].isna().all()
    store.delete("first")
    third = new_run(store, made, "third")
    run_audit(store, third, made, lambda name: provider)
    assert set(store.responses(["third"]).copied_from) == {"first"}


def test_a_fresh_run_asks_everything_again(tmp_path: Path) -> None:
    made, store, provider = bank(), Store(tmp_path), Counting()
    run_audit(store, new_run(store, made), made, lambda name: provider)
    wave = create_run(store, "alignment", spec_of(made), made, fresh=True)
    assert run_audit(store, wave, made, lambda name: provider).counts["copied"] == 0
    assert provider.asked == 36


def test_stopping_keeps_what_was_measured_and_resuming_asks_only_the_rest(tmp_path: Path) -> None:
    made, store, provider, stop = bank(20), Store(tmp_path), Counting(), threading.Event()
    run_id = new_run(store, made)
    seen = []

    def tell(progress):
        seen.append(progress)
        if progress.done >= 40:
            stop.set()

    info = run_audit(store, run_id, made, lambda name: provider, cancel=stop, on_progress=tell)
    assert info.status == "cancelled"
    asked = provider.asked
    assert len(store.responses([run_id])) == asked == seen[-1].done < 120
    again = run_audit(store, run_id, made, lambda name: provider, on_progress=seen.append)
    assert (again.status, again.counts["answers"]) == ("done", 120)
    assert provider.asked == 120
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert seen[-1].seconds_left == 0


def test_cells_that_failed_are_counted_by_kind_and_asked_again_when_resumed(tmp_path: Path) -> None:
    made, store = bank(), Store(tmp_path)
    run_id = new_run(store, made)
    flaky = MockProvider(options=lambda r: Unreachable("Cut.", "Again.") if r.codes[0] == 1 else [0.3, 0.3, 0.3])
    info = run_audit(store, run_id, made, lambda name: flaky)
    assert info.status == "done"
    assert info.counts == {"planned": 18, "answers": 12, "copied": 0, "errors": 6, "errors_unreachable": 6}
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert info.counts == {"planned": 18, "answers": 18, "copied": 0, "errors": 0}


def test_a_run_in_which_nothing_could_be_answered_has_failed(tmp_path: Path) -> None:
    made, store, jobs = bank(), Store(tmp_path), Jobs()
    run_id = new_run(store, made)
    dead = MockProvider(options=lambda request: Unreachable("Nobody is there.", "Start it."))
    job = start_in_background(jobs, store, run_id, made, lambda name: dead)
    wait_for(job)
    jobs.close()
    assert store.info(run_id).status == "failed"
    assert job.state == "failed"
    assert "Nobody is there." in job.error.hint


def test_one_run_never_mixes_two_versions_of_a_model(tmp_path: Path) -> None:
    made, store = bank(), Store(tmp_path)
    run_id = new_run(store, made)
    run_audit(store, run_id, made, lambda name: MockProvider())
    newer = bank(3, mock_model(revision="2"))
    with pytest.raises(InputError, match="version 1"):
        run_audit(store, run_id, newer, lambda name: MockProvider())
    assert store.info(run_id).models == {"mock": "1"}


def test_the_lock_is_let_go_whatever_happens(tmp_path: Path) -> None:
    made, store = bank(), Store(tmp_path)
    run_id = new_run(store, made)

    def broken(request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_audit(store, run_id, made, lambda name: MockProvider(options=broken))
    assert store.info(run_id).status == "failed"
    assert run_audit(store, run_id, made, lambda name: MockProvider()).status == "done"


def test_a_full_disk_fails_the_run_and_leaves_it_to_be_resumed(tmp_path: Path, monkeypatch) -> None:
    from core.errors import DataError
    from core.store import RunFolder

    made, store = bank(), Store(tmp_path)
    run_id = new_run(store, made)
    append, calls = RunFolder.append, []

    def full(folder, rows):
        calls.append(1)
        if len(calls) == 2:
            raise DataError("The disk is full.", "Free some room.")
        return append(folder, rows)

    monkeypatch.setattr(RunFolder, "append", full)
    with pytest.raises(DataError, match="disk is full"):
        run_audit(store, run_id, made, lambda name: MockProvider())
    assert store.info(run_id).status == "failed"
    assert run_audit(store, run_id, made, lambda name: MockProvider()).counts["answers"] == 18


def test_an_estimate_counts_what_is_known_and_knows_the_pace_once_something_was_measured(tmp_path: Path) -> None:
    made, store = bank(3), Store(tmp_path)
    before = estimate(store, "alignment", spec_of(made), made, lambda name: MockProvider())
    assert (before.cells, before.cached, before.prompts) == (18, 0, 18)
    assert (before.seconds, before.cost_usd) == (None, None)
    half = bank(2)
    run_audit(store, new_run(store, half), half, lambda name: MockProvider())
    after = estimate(store, "alignment", spec_of(made), made, lambda name: MockProvider())
    assert (after.cells, after.cached, after.prompts, after.seconds) == (18, 12, 6, 0.0)


class Slow(MockProvider):
    """Says that a direct reading took 0.1 s, and each sample 1 s and a cent."""

    def option_distribution(self, requests, cancel=None):
        return [
            answer.model_copy(
                update={"call": answer.call.model_copy(update={"latency_s": float(answer.distribution.n or 0.1)})}
            )
            for answer in super().option_distribution(requests, cancel)
        ]


def test_an_estimate_of_samples_does_not_take_the_pace_of_direct_readings(tmp_path: Path) -> None:
    """A model whose endpoint stopped telling probabilities was promised in a tenth of the time that it took."""
    store, direct = Store(tmp_path), bank(2)
    run_audit(store, new_run(store, direct), direct, lambda name: Slow())
    told = estimate(store, "alignment", spec_of(bank(3)), bank(3), lambda name: Slow())
    assert told.seconds == pytest.approx(6 * 0.1)
    counted = bank(3, mock_model(capabilities={"logprobs": "none"}))
    spec = spec_of(counted, samples=30)
    assert estimate(store, "alignment", spec, counted, lambda name: Slow()).seconds is None
    few = spec_of(counted, samples=3)
    run_audit(store, create_run(store, "alignment", few, counted), counted, lambda name: Slow())
    told = estimate(store, "alignment", spec, counted, lambda name: Slow())
    assert told.seconds == pytest.approx(told.prompts), "one second a sample, however many a cell had before"
    assert estimate(store, "alignment", spec_of(bank(4)), bank(4), lambda name: Slow()).seconds == pytest.approx(1.2)


def test_samples_count_as_prompts(tmp_path: Path) -> None:
    made = bank(1, mock_model(capabilities={"logprobs": "none"}))
    told = estimate(Store(tmp_path), "alignment", spec_of(made, samples=30), made, lambda name: MockProvider())
    assert (told.cells, told.prompts) == (6, 60)


@pytest.mark.parametrize("run_id", ["../x", "a/b", "", ".hidden"])
def test_a_run_needs_a_plain_name_and_something_to_ask(tmp_path: Path, run_id: str) -> None:
    made, store = bank(), Store(tmp_path)
    with pytest.raises(InputError):
        create_run(store, "alignment", spec_of(made, questions=[]), made)
    if run_id:
        with pytest.raises(InputError):
            new_run(store, made, run_id)
    assert list(tmp_path.iterdir()) == []


def test_an_audit_in_the_background_is_found_again_and_started_once(tmp_path: Path) -> None:
    made, store, jobs = bank(20), Store(tmp_path), Jobs()
    run_id = new_run(store, made)
    provider = Counting(delay_s=0.002)
    job = start_in_background(jobs, store, run_id, made, lambda name: provider)
    assert start_in_background(jobs, store, run_id, made, lambda name: provider) is job
    assert job_of(jobs, run_id) is job
    jobs.submit("wait", lambda own: None)
    wait_for(job)
    assert (job.state, job.progress, job.reported.done) == ("done", (120, 120), 120)
    assert provider.asked == 120
    assert job_of(jobs, "other") is None
    jobs.close()


def test_cancelling_in_the_background_stops_within_a_batch(tmp_path: Path) -> None:
    made, store, jobs = bank(100), Store(tmp_path), Jobs()
    run_id = new_run(store, made)
    provider = Counting(delay_s=0.005)
    job = start_in_background(jobs, store, run_id, made, lambda name: provider)
    deadline = time.monotonic() + 60
    while provider.asked < 24 and time.monotonic() < deadline:
        time.sleep(0.005)
    asked = provider.asked
    job.cancel()
    jobs.close()
    assert job.state == "cancelled"
    assert store.info(run_id).status == "cancelled"
    assert provider.asked <= asked + 16


def test_a_long_job_never_holds_up_a_short_one_and_a_queued_one_can_be_cancelled() -> None:
    jobs, gate = Jobs(workers=1, long_workers=1), threading.Event()
    long = jobs.submit("long", lambda job: gate.wait(20) and None, long=True)
    waiting = jobs.submit("longer", lambda job: None, key="k", long=True)
    short = jobs.submit("short", lambda job: None)
    wait_for(short)
    assert short.state == "done"
    assert not long.finished
    assert jobs.queued() == [waiting]
    waiting.cancel()
    gate.set()
    jobs.close()
    assert (long.state, waiting.state) == ("cancelled", "cancelled")


def test_two_runs_at_once_never_ask_the_same_thing_twice(tmp_path: Path) -> None:
    made, store, provider = bank(10), Store(tmp_path), Counting(delay_s=0.002)
    runs = [new_run(store, made) for _ in range(2)]
    threads = [threading.Thread(target=run_audit, args=(store, run_id, made, lambda name: provider)) for run_id in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert provider.asked == 60
    assert numbers(store, runs[0]) == numbers(store, runs[1])


def test_a_claim_waits_for_the_one_before_it() -> None:
    asking, order = SingleFlight(), []

    def second() -> None:
        with asking.claim(["a"]) as mine:
            order.append(("second", mine))

    with asking.claim(["a", "b"]) as mine:
        thread = threading.Thread(target=second)
        thread.start()
        with asking.claim(["c", "a"]) as other:
            assert other == {"c"}
        time.sleep(0.05)
        order.append(("first", mine))
    thread.join(10)
    assert order == [("first", {"a", "b"}), ("second", {"a"})]


def test_the_rate_leaves_out_what_was_copied() -> None:
    now = [0.0]
    meter = Meter(100, clock=lambda: now[0])
    assert meter.add(0, 50, 0).rate is None
    now[0] = 5.0
    progress = meter.add(10, 0, 1)
    assert (progress.done, progress.cached, progress.errors) == (60, 50, 1)
    assert progress.rate == pytest.approx(2.0)
    assert progress.seconds_left == pytest.approx(20.0)


@pytest.mark.parametrize("name", list(AUDITS))
def test_every_audit_of_the_registry_plans_from_its_own_spec(name: str) -> None:
    audit = AUDITS[name]()
    assert audit.name == name
    assert audit.Spec.model_json_schema()["properties"]


@pytest.mark.model
def test_the_same_spec_on_the_local_model_gives_the_same_numbers(tmp_path: Path, builtin_model_dir: Path) -> None:
    made = load_bank()
    found = []
    for name in ("a", "b"):
        store = Store(tmp_path / name)
        spec = spec_of(made, models=["smollm2-135m-instruct"], questions=["Q165", "Q57"])
        run_id = create_run(store, "alignment", spec, made)
        run_audit(store, run_id, made, get_provider)
        found.append(numbers(store, run_id))
    assert found[0].keys() == found[1].keys()
    for cell, mass in found[0].items():
        # Which cells share a batch depends on when they arrive, and so does the last rounding of float32.
        assert found[1][cell] == pytest.approx(mass, abs=1e-5)
