"""An audit that is killed, and audits side by side: nothing that was finished is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.providers.mock import MockProvider
from core.runs import DayRun, run_audit
from core.store import Store
from core.store.files.status import status_now
from core.store.index.readings import ReadingFilter
from core.types import cell_id
from tests.unit.audit_child import bank, go_on, new_run
from tests.unit.planned import cells_of
from tests.unit.store_rows import row

HERE = Path(__file__).resolve().parents[2]
QUESTIONS = 160
SECONDS = float(os.environ.get("PARALLAX_TEST_SECONDS", "10"))
CELLS_OF_TRUST = 148
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way")


@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.slow)])
def test_kills_lose_no_finished_chunk_and_resume_ends_with_the_plan(tmp_path: Path, kills: int) -> None:
    made = bank(QUESTIONS)
    run_id = new_run(Store(tmp_path), made)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.unit.audit_child"])
    chance = random.Random(7)
    kept, interrupted = 0, 0
    for kill in range(kills):
        hear, tell = processes.Pipe(duplex=False)
        child = processes.Process(target=go_on, args=(tmp_path, run_id, QUESTIONS, 0.004, tell))
        child.start()
        tell.close()
        # Every fourth is killed while it is still getting up.
        if kill % 4:
            assert hear.poll(180)
        time.sleep(chance.uniform(0, 0.3))
        interrupted += child.is_alive()
        child.kill()
        child.join()
        heard = kept
        while True:
            try:
                heard = hear.recv()
            except EOFError:
                break
        store = Store(tmp_path)
        assert store.problems() == []
        rows = store.responses([run_id])
        store.close()
        assert len(rows) == len(rows.drop_duplicates(["cell_id", "sample"])) >= heard >= kept
        kept = len(rows)
    assert interrupted >= kills * 3 // 4
    store = Store(tmp_path)
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert info.status == "done"
    assert sorted(store.responses([run_id]).cell_id) == sorted(cell_id(cell) for cell in cells_of(info, made))
    assert Store(tmp_path).problems() == []
    assert [path.name for path in (tmp_path / run_id).iterdir() if path.name.startswith(".tmp")] == []


def command(root: Path, *arguments: str, delay: float = 0.0) -> subprocess.Popen[str]:
    settings = {"PARALLAX_MOCK": "1", "PARALLAX_RUNS_DIR": str(root), "PARALLAX_MOCK_DELAY_S": str(delay)}
    return subprocess.Popen(
        [sys.executable, "-m", "core", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HERE,
        env=os.environ | settings,
    )


def wait_for_rows(run: Path) -> None:
    deadline = time.monotonic() + 180
    while not list(run.glob("responses-*.parquet")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow  # kills and resumes are tried below, readers beside a writer in test_store_processes
def test_two_audits_and_the_app_write_and_read_at_once(tmp_path: Path) -> None:
    """The app asks, renames, looks at statuses and reads, as its pages do, while two commands write.

    ``PARALLAX_TEST_SECONDS=60`` makes it the minute that was asked for; it is shorter in every run of the tests.
    """
    # The two copies of each answer would otherwise be copied from one another.
    asked = ["--model", "mock", "--topic", "trust", "--persona", "CHN", "--set", "text_check=false", "--fresh"]
    delay = SECONDS / CELLS_OF_TRUST
    both = [command(tmp_path, "run", *asked, "--id", name, "--json", delay=delay) for name in ("one", "two")]
    store, seen, mine = Store(tmp_path), 0, 0
    day = DayRun(store)
    statuses: dict[str, set[str]] = {"one": set(), "two": set()}
    began, deadline = time.monotonic(), time.monotonic() + 240 + 2 * SECONDS
    while any(process.poll() is None for process in both) and time.monotonic() < deadline:
        store.refresh()
        rows = len(store.responses())
        assert rows >= seen
        assert store.problems() == []
        seen = rows
        day.append([row(mine, "app")])
        mine += 1
        assert set(day.lookup([f"key-{i}" for i in range(mine)])) == {f"key-{i}" for i in range(mine)}
        assert store.readings(ReadingFilter(model_ids=("model-0", "model-1")))["samples"].isna().all()
        for run in store.runs().itertuples():
            if run.run_id in statuses:
                statuses[run.run_id].add(status_now(run.kind, run.status, tmp_path / run.run_id))
                store.update(run.run_id, title=f"{run.run_id} seen {mine} times")
        time.sleep(0.05)
    took = time.monotonic() - began
    infos = []
    for process in both:
        out, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
        infos.append(json.loads(out))
    day.close()
    assert took > SECONDS
    for opened in (store, Store(tmp_path)):
        opened.refresh()
        assert opened.problems() == []
        counts = opened.cells().groupby("run_id").size().to_dict()
        assert {name: counts.pop(name) for name in ("one", "two")} == {
            info["run_id"]: info["counts"]["planned"] for info in infos
        }
        assert sum(counts.values()) == mine
        titles = opened.runs().set_index("run_id")["title"]
        assert all(titles[name].startswith(f"{name} seen ") for name in statuses)
    assert all("running" in found and "interrupted" not in found for found in statuses.values())
    numbers = store.responses(["one", "two"]).pivot(index="cell_id", columns="run_id", values="valid_mass")
    assert (numbers["one"] == numbers["two"]).all()


@pytest.mark.slow  # kills and resumes are tried above
def test_a_killed_command_is_resumed_by_another(tmp_path: Path) -> None:
    asked = ["--model", "mock", "--topic", "politics", "--persona", "CHN", "--id", "mine"]
    first = command(tmp_path, "run", *asked, delay=0.1)
    wait_for_rows(tmp_path / "mine")
    first.kill()
    first.communicate(timeout=180)
    before = len(Store(tmp_path).responses(["mine"]))
    assert before > 0
    second = command(tmp_path, "resume", "mine", "--json")
    out, errors = second.communicate(timeout=180)
    assert second.returncode == 0, errors
    info = json.loads(out)
    assert info["status"] == "done"
    assert len(Store(tmp_path).responses(["mine"])) == info["counts"]["planned"] > before


def test_ctrl_c_stops_after_the_batch_in_hand_and_says_how_to_go_on(tmp_path: Path) -> None:
    asked = ["--model", "mock", "--topic", "politics", "--persona", "CHN", "--id", "mine"]
    process = command(tmp_path, "run", *asked, delay=0.1)
    wait_for_rows(tmp_path / "mine")
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=180)
    assert process.returncode == 130
    assert "python -m core resume mine" in errors
    assert "Traceback" not in errors
    assert Store(tmp_path).info("mine").status == "cancelled"
