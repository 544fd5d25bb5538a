"""Who writes a run, as other processes see it: readers block nobody, and the lock of a killed writer is free."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import InputError
from core.store import RunFolder, Store, is_being_written
from core.store.files.status import status_now
from core.store.files.writer_lock import LOCK_FILE, SHOWN_FILE, WriterLock
from tests.unit.store_rows import info, rows

HERE = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes the POSIX way")

LOCKING = """
import sys
from pathlib import Path
from core.store.files.writer_lock import WriterLock
lock = WriterLock(Path(sys.argv[1]))
print("locked", flush=True)
sys.stdin.read()
"""
RACE = """
import sys, time
from pathlib import Path
from core.errors import InputError
from core.store import RunFolder
from tests.unit.store_rows import rows
path, start, me = Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
time.sleep(max(0.0, start - time.time()))
try:
    with RunFolder.open(path) as folder:
        folder.append(rows(2, path.name, 100 * me))
        print("mine", flush=True)
        sys.stdin.read()
except InputError as error:
    print("theirs", flush=True)
"""


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], text=True, cwd=HERE, **pipes)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    with RunFolder.create(tmp_path, info("run-1", status="running")) as folder:
        return folder.path


def test_a_writer_that_is_killed_lets_go_whoever_has_its_number_now(run):
    """Nothing of the process is remembered, so a reused process id can neither keep a run nor free one."""
    for _ in range(3):
        writer = python(LOCKING, run)
        assert writer.stdout.readline() == "locked\n"
        assert is_being_written(run)
        assert status_now("alignment", "running", run) == "running"
        with pytest.raises(InputError, match="another process"):
            WriterLock(run)
        writer.kill()
        writer.wait(20)
        assert not is_being_written(run)
        assert status_now("alignment", "running", run) == "interrupted"
        WriterLock(run).release()


def test_of_two_processes_that_start_at_once_one_writes(run):
    start = time.time() + 3
    both = [python(RACE, run, start, me) for me in (1, 2)]
    said = sorted(process.stdout.readline().strip() for process in both)
    assert said == ["mine", "theirs"]
    assert is_being_written(run)
    for process in both:
        process.communicate(timeout=20)
    assert not is_being_written(run)
    store = Store(run.parent)
    assert len(store.responses()) == 2
    assert store.problems() == []


def test_looking_all_the_time_keeps_no_writer_out(run):
    """Lookers in several threads, without a pause, while a writer comes and goes: it is never refused."""
    stop, seen = threading.Event(), set()

    def look() -> None:
        while not stop.is_set():
            seen.add(is_being_written(run))

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for thread in lookers:
        thread.start()
    try:
        for i in range(150):
            with RunFolder.open(run) as folder:
                if i % 50 == 0:
                    folder.append(rows(1, "run-1", i))
    finally:
        stop.set()
        for thread in lookers:
            thread.join()
    assert seen == {True, False}
    assert not is_being_written(run)


def test_lookers_never_take_one_another_for_a_writer(run):
    wrong = []

    def look() -> None:
        wrong.extend(1 for _ in range(2_000) if is_being_written(run))

    lookers = [threading.Thread(target=look) for _ in range(4)]
    for thread in lookers:
        thread.start()
    for thread in lookers:
        thread.join()
    assert not wrong


def test_looking_writes_nothing(run):
    for name in (LOCK_FILE, SHOWN_FILE):
        (run / name).unlink(missing_ok=True)
    before = sorted(run.iterdir()), run.stat().st_mtime_ns
    assert not is_being_written(run)
    assert not is_being_written(run.parent / "none")
    assert (sorted(run.iterdir()), run.stat().st_mtime_ns) == before
