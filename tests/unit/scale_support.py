"""What the tests of runs on Ray share: a cluster of two nodes on this computer, and checks of a run folder."""

from __future__ import annotations

import os
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.audits.base import Bank
from core.runs import create_run
from core.scale import run_on_ray
from core.scale.worker import Worker
from core.store import RunInfo, Store
from core.store.files.shards import ShardName, read_shard
from tests.unit.audit_child import bank, spec_of


class Cramped(Worker):
    """The first worker of a crew cannot write files of more than a few hundred bytes, as where its disk is full."""

    def __init__(self, name: str, *more: Any) -> None:
        super().__init__(name, *more)
        if "-1-" in name:
            resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))


class Forgetful(Worker):
    """The first worker of a crew asks for more memory than it may have."""

    def ask(self, attempt: int, cells: Any, *more: Any) -> Any:
        if "-1-" in self._name:
            _, most = resource.getrlimit(resource.RLIMIT_AS)
            resource.setrlimit(resource.RLIMIT_AS, (2**20, most))
            bytearray(2**31)
        return super().ask(attempt, cells, *more)


class Cursed(Worker):
    """Whoever asks about thing 1 dies."""

    def ask(self, attempt: int, cells: Any, *more: Any) -> Any:
        if any(cell.question.id == "T1" for cell in cells):
            os._exit(1)
        return super().ask(attempt, cells, *more)


def stored(path: Path) -> Counter[tuple[str, int]]:
    """How often each cell is answered in the listed shards of a run, errors left out."""
    found: Counter[tuple[str, int]] = Counter()
    for name, entry in Store(path.parent).info(path.name).shards.items():
        parsed = ShardName.parse(name)
        if parsed and parsed.grain == "responses":
            table, _ = read_shard(path / name, entry)
            rows = zip(table["cell_id"], table["sample"], table["outcome"], strict=True)
            found.update((c.as_py(), s.as_py()) for c, s, o in rows if o.as_py() != "error")
    return found


def leftovers(path: Path) -> list[str]:
    """Files of a run that are neither listed nor its own: halves of shards, shards of lost workers."""
    listed = Store(path.parent).info(path.name).shards
    known = {"run.json", ".lock", ".held", "title.json"}
    return sorted(file.name for file in path.iterdir() if file.name not in listed and file.name not in known)


def whole(path: Path, cells: int) -> None:
    """Fail unless each of ``cells`` cells is answered once, and nothing else lies in the folder."""
    found = stored(path)
    assert len(found) == cells
    assert set(found.values()) == {1}
    assert leftovers(path) == []


def planned(root: Path, questions: int, run_id: str = "made", fresh: bool = True) -> tuple[Path, Bank, int]:
    """A planned run over ``questions`` questions of the mock model: its folder, its bank, and its number of cells.

    Without ``fresh`` its workers look for answers in other runs, the shipped ones among them, which takes seconds.
    """
    made = bank(questions)
    create_run(Store(root), "alignment", spec_of(made), made, "Test", run_id=run_id, fresh=fresh)
    return root / run_id, made, Store(root).info(run_id).counts["planned"]


def go(path: Path, made: Bank, **more: Any) -> RunInfo:
    """Run or resume on the cluster that is connected."""
    return run_on_ray(path, made, **more)


def pids(path: Path) -> list[int]:
    """The processes on this computer that are workers of the cluster, by their title."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            title = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and title.startswith("ray::") and ("Worker" in title or "Cramped" in title):
            found.append(int(entry.name))
    return found


def until(check: Callable[[], Any], seconds: float = 150) -> Any:
    """The first value of ``check`` that is true; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {seconds} s")
