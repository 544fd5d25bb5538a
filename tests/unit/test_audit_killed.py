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

from core.audit_runs import plan_of, run_audit
from core.providers.mock import MockProvider
from core.runner import cell_id
from core.store import Store
from tests.unit.audit_child import bank, go_on, new_run

HERE = Path(__file__).resolve().parents[2]
QUESTIONS = 160
KILLS = 20
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way")


def test_twenty_kills_lose_no_finished_chunk_and_resume_ends_with_the_plan(tmp_path: Path) -> None:
    made = bank(QUESTIONS)
    run_id = new_run(Store(tmp_path), made)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.unit.audit_child"])
    chance = random.Random(7)
    kept, interrupted = 0, 0
    for kill in range(KILLS):
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
    assert interrupted >= KILLS * 3 // 4
    store = Store(tmp_path)
    info = run_audit(store, run_id, made, lambda name: MockProvider())
    assert info.status == "done"
    assert sorted(store.responses([run_id]).cell_id) == sorted(cell_id(cell) for cell in plan_of(info, made))
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


def test_two_audits_and_a_reader_at_once(tmp_path: Path) -> None:
    asked = ["--model", "mock", "--topic", "trust", "--persona", "CHN", "--set", "text_check=false"]
    both = [command(tmp_path, "run", *asked, "--id", name, "--json", delay=0.01) for name in ("one", "two")]
    store, seen = Store(tmp_path), 0
    deadline = time.monotonic() + 240
    while any(process.poll() is None for process in both) and time.monotonic() < deadline:
        store.refresh()
        rows = len(store.responses())
        assert rows >= seen
        assert store.problems() == []
        seen = rows
        time.sleep(0.05)
    infos = []
    for process in both:
        out, errors = process.communicate(timeout=180)
        assert process.returncode == 0, errors
        infos.append(json.loads(out))
    store.refresh()
    counts = store.cells().groupby("run_id").size().to_dict()
    assert counts == {info["run_id"]: info["counts"]["planned"] for info in infos}
    numbers = store.responses().pivot(index="cell_id", columns="run_id", values="valid_mass")
    assert (numbers["one"] == numbers["two"]).all()


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
