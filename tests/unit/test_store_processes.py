"""Real processes: killed in the middle, side by side, without the right to write, on a full disk."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import RunFolder, Store
from tests.unit.store_rows import info, row

HERE = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills and limits processes the POSIX way")

WRITE = """
import sys
from pathlib import Path
from core.store.files.run_folder import RunFolder
from tests.unit.store_rows import info, rows
root, run_id, chunks = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
path = root / run_id
with (RunFolder.open(path) if path.exists() else RunFolder.create(root, info(run_id))) as folder:
    start = sum(s.rows for s in folder.info.shards.values())
    for i in range(chunks):
        folder.append(rows(4, run_id, start + 4 * i))
        print(start + 4 * (i + 1), flush=True)
"""


def python(script: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )


@pytest.fixture
def open_tmp() -> Iterator[Path]:
    """A folder that other users can reach, which pytest's own is not."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


def test_kill_in_the_middle_loses_no_finished_chunk(tmp_path: Path) -> None:
    chance = random.Random(5)
    for _ in range(3):
        writer = python(WRITE, tmp_path, "run-1", 10_000)
        assert writer.stdout is not None
        confirmed = int(writer.stdout.readline())
        time.sleep(chance.random() * 0.15)
        writer.kill()
        rest = writer.stdout.read().split("\n")
        confirmed = int(rest[-2]) if len(rest) > 1 else confirmed
        writer.wait(10)
        store = Store(tmp_path)
        assert store.problems() == []
        found = store.responses()
        assert len(found) in (confirmed, confirmed + 4)
        assert set(found.cell_id) == {f"cell-{i}" for i in range(len(found))}
        last = f"cell-{len(found) - 1}"
        assert store.rows("run-1", [last]) == [row(len(found) - 1)]
        store.close()
    with RunFolder.open(tmp_path / "run-1") as folder:
        assert sum(shard.rows for shard in folder.info.shards.values()) == len(found)
    names = {path.name.split("-")[0] for path in (tmp_path / "run-1").iterdir()}
    assert names <= {"responses", "run.json", ".lock", ".held"}


def test_two_processes_write_while_a_third_reads(tmp_path: Path) -> None:
    writers = [python(WRITE, tmp_path, name, 200) for name in ("run-a", "run-b")]
    store, seen = Store(tmp_path), [0]
    while any(writer.poll() is None for writer in writers):
        store.refresh()
        found = store.responses()
        assert store.problems() == []
        assert len(found) % 4 == 0
        assert len(found) >= seen[-1]
        seen.append(len(found))
        time.sleep(0.01)
    for writer in writers:
        assert writer.communicate(timeout=10)[1] == ""
    store.refresh()
    assert store.responses().groupby("run_id").cell_id.nunique().to_dict() == {"run-a": 800, "run-b": 800}
    assert len(set(seen)) > 3


def test_a_run_that_another_process_writes_is_refused(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        second = python(WRITE, tmp_path, "run-1", 1)
        assert "being written by another process" in second.communicate(timeout=20)[1]
    assert list(folder.path.glob("*.parquet")) == []
    third = python(WRITE, tmp_path, "run-1", 1)
    assert third.communicate(timeout=20)[1] == ""


NO_RIGHTS = """
import os, sys
from pathlib import Path
from core.errors import DataError, InputError
from core.runs import DayRun
from core.store import Store
from tests.unit.store_rows import row
store = Store(Path(sys.argv[1]))
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
assert len(store.responses()) == 1
for call in (lambda: DayRun(store).append([row(5)]), lambda: store.update("run-1", title="x"),
             lambda: store.delete("run-1")):
    try:
        call()
    except DataError as error:
        assert "PARALLAX_RUNS_DIR" in error.hint
        print("refused")
assert len(store.responses()) == 2, store.responses()
assert set(store.lookup(["key-5"])) == {"key-5"}
"""


def test_a_folder_that_may_only_be_read(open_tmp: Path) -> None:
    with RunFolder.create(open_tmp, info()) as folder:
        folder.append([row(0)])
    (folder.path / ".lock").unlink()
    folder.path.chmod(0o555)
    open_tmp.chmod(0o555)
    before = sorted(open_tmp.rglob("*"))
    out, errors = python(NO_RIGHTS, open_tmp).communicate(timeout=20)
    folder.path.chmod(0o755)
    assert errors == ""
    assert out.split() == ["refused"] * 3
    assert sorted(open_tmp.rglob("*")) == before


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from core.errors import DataError
from core.store import Store
from tests.unit.store_rows import info, rows
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(Path(sys.argv[1]))
folder = store.create(info())
store.append(folder, rows(4))
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
try:
    store.append(folder, rows(4, start=4))
except DataError as error:
    print(error.message)
assert len(store.responses()) == 8 and folder.unsaved == 4
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.append(folder, rows(4, start=8))
assert len(store.responses()) == 12 and folder.unsaved == 0
"""


def test_a_full_disk(tmp_path: Path) -> None:
    out, errors = python(FULL_DISK, tmp_path).communicate(timeout=20)
    assert errors == ""
    assert "disk is full" in out
    assert sorted(Store(tmp_path).responses().cell_id) == sorted(f"cell-{i}" for i in range(12))
