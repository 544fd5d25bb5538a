"""Twenty losses of each kind during runs on Ray, on two nodes of this computer: is an answer lost or doubled?

``python -m tests.bench.ray_kills`` runs the faults of ``tests/unit/test_scale_ray.py`` again and again, each in a run
of its own and at another moment, and counts. ``--times 2`` is a quick look. On a shared machine it is done in pieces:
``--only node_lost --times 5 --tallies FILE`` adds five runs to ``FILE``, and ``--write --tallies FILE`` counts all runs
of the file and writes them to RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import ray
from ray.cluster_utils import Cluster

from core.providers import get_provider
from core.runs import run_audit
from core.scale import crew
from core.scale.worker import Worker
from core.settings import settings
from core.store import Store
from tests.bench.results import machine, table, versions, write_section
from tests.unit import scale_support as support

TITLE = "Ray: what is lost when something is lost"
ROOT = Path(__file__).resolve().parents[2]
TIMES, QUESTIONS = 20, 24


class Tally(NamedTuple):
    """What became of one run."""

    cells: int
    at_loss: int
    lost: int
    doubled: int
    left: int
    seconds: float


class Bench:
    """A cluster of two nodes with a core each, and one of no core for the driver."""

    def __init__(self) -> None:
        self.cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        self.nodes = [self.cluster.add_node(num_cpus=1) for _ in range(2)]
        ray.init(address=self.cluster.address, log_to_driver=False, logging_level="ERROR")
        # Pieces that are added up must not all lose the same thing at the same moment.
        self.chance = random.Random(f"{date.today()} {os.getpid()}")

    def close(self) -> None:
        """End the cluster."""
        ray.shutdown()
        self.cluster.shutdown()

    def while_running(self, path: Path, made: Any, act: Callable[[], None]) -> int:
        """Run, and ``act`` once a share of the answers, drawn by chance, has come; how many had come then."""
        share, acted = self.chance.uniform(0.1, 0.8), []

        def tell(progress: Any) -> None:
            if not acted and progress.done >= share * progress.total:
                acted.append(progress.done)
                act()

        support.go(path, made, on_progress=tell)
        if not acted:
            raise SystemExit("nothing was lost")
        return int(acted[0])

    def worker_killed(self, path: Path, made: Any) -> int:
        """SIGKILL for one of the two workers."""
        return self.while_running(path, made, lambda: os.kill(self.chance.choice(support.pids(path)), signal.SIGKILL))

    def node_lost(self, path: Path, made: Any) -> int:
        """One of the two nodes with all its processes; a new one comes for the next run."""
        came = self.while_running(
            path, made, lambda: self.cluster.remove_node(self.nodes.pop(self.chance.randrange(2)), allow_graceful=False)
        )
        self.nodes.append(self.cluster.add_node(num_cpus=1))
        return came

    def driver_killed(self, path: Path, made: Any) -> int:
        """SIGKILL for the driver; half of the runs go on with Ray, half without."""
        code = (
            "import ray\nfrom pathlib import Path\nfrom tests.unit import scale_support as support\n"
            f"ray.init(address={self.cluster.address!r}, log_to_driver=False, logging_level='ERROR')\n"
            f"support.go(Path({str(path)!r}), support.bank({QUESTIONS}))\n"
        )
        driver = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
        support.until(lambda: Store(path.parent).info(path.name).shards)
        time.sleep(self.chance.uniform(0, 0.5))
        driver.kill()
        driver.wait()
        before = len(support.stored(path))
        support.until(lambda: not support.pids(path))
        if self.chance.random() < 0.5:
            support.go(path, made)
        else:
            run_audit(Store(path.parent), path.name, made, get_provider)
        return before

    def disk_full(self, path: Path, made: Any) -> int:
        """The first worker cannot write a file."""
        return self._with(support.Cramped, path, made)

    def out_of_memory(self, path: Path, made: Any) -> int:
        """The first worker asks for more memory than it may have."""
        return self._with(support.Forgetful, path, made)

    def _with(self, worker: type[Worker], path: Path, made: Any) -> int:
        crew.Worker = worker  # type: ignore[misc]
        try:
            support.go(path, made)
        finally:
            crew.Worker = Worker  # type: ignore[misc]
        return 0


KINDS: dict[str, tuple[str, Callable[[Bench, Path, Any], int]]] = {
    "worker_killed": ("worker killed", Bench.worker_killed),
    "node_lost": ("node lost", Bench.node_lost),
    "driver_killed": ("driver killed, then resumed", Bench.driver_killed),
    "disk_full": ("disk of a worker full", Bench.disk_full),
    "out_of_memory": ("worker out of memory", Bench.out_of_memory),
}
"""The faults by name, with their words in the table."""


def main() -> None:
    """Lose, count, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=TIMES, help="runs of each kind")
    parser.add_argument("--only", nargs="+", choices=tuple(KINDS), default=tuple(KINDS), help="kinds of losses")
    parser.add_argument("--tallies", type=Path, help="a file to which each run is added, a line of JSON")
    parser.add_argument("--write", action="store_true", help="lose nothing, count the runs of the file and write")
    chosen = parser.parse_args()
    if chosen.write and chosen.tallies is None:
        parser.error("--write counts the runs of a file: name it with --tallies FILE")
    found: dict[str, list[Tally]] = read(chosen.tallies) if chosen.write else {}
    if not chosen.write:
        lose(chosen.only, chosen.times, found, chosen.tallies)
    body = report(found)
    sys.stdout.write(body + "\n")
    if chosen.write or (not chosen.tallies and all(len(found.get(name, [])) >= TIMES for name in KINDS)):
        write_section(TITLE, body)


def lose(kinds: Sequence[str], times: int, found: dict[str, list[Tally]], tallies: Path | None) -> None:
    """Run each of ``kinds`` so many times, one of each in turn, and add what became of the runs to ``found``."""
    os.environ |= {"PARALLAX_MOCK_DELAY_S": "0.01", "PARALLAX_RAY_CORES": "1", "RAY_USAGE_STATS_ENABLED": "0"}
    settings.cache_clear()
    bench = Bench()
    try:
        for name in list(kinds) * times:
            tally = one(bench, KINDS[name][1])
            found.setdefault(name, []).append(tally)
            line = json.dumps({"kind": name} | tally._asdict())
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
            if tallies is not None:
                with tallies.open("a", encoding="utf-8") as file:
                    file.write(line + "\n")
    finally:
        bench.close()


def read(tallies: Path) -> dict[str, list[Tally]]:
    """The runs of a file, by kind."""
    found: dict[str, list[Tally]] = {}
    for line in tallies.read_text("utf-8").splitlines():
        told = json.loads(line)
        found.setdefault(told.pop("kind"), []).append(Tally(**told))
    return found


def report(found: Mapping[str, Sequence[Tally]]) -> str:
    """The section of RESULTS.md."""
    rows = []
    for name, (words, _) in KINDS.items():
        runs = found.get(name, ())
        if not runs:
            continue
        came = [tally.at_loss for tally in runs if tally.at_loss]
        rows.append(
            (
                words,
                str(len(runs)),
                f"{sum(tally.cells for tally in runs):,}",
                f"{min(came)} to {max(came)}" if came else "–",
                str(sum(tally.lost for tally in runs)),
                str(sum(tally.doubled for tally in runs)),
                str(sum(tally.left for tally in runs)),
                f"{sum(tally.seconds for tally in runs) / len(runs):.1f}",
            )
        )
    head = ("what is lost", "runs", "cells", "answers by then", "lost", "doubled", "files left over", "s a run")
    return (
        f"{machine()}. {versions('ray', 'pyarrow')}.\n\n"
        f"Runs of the mock model on two nodes of this computer, one worker each; in each run one thing is lost, at a"
        f" moment drawn by chance. Counted in the run's listed shards when it says that it is done.\n\n"
        f"{table(head, rows)}"
    )


def one(bench: Bench, fault: Callable[[Bench, Path, Any], int]) -> Tally:
    """One run with one loss."""
    with tempfile.TemporaryDirectory() as folder:
        path, made, cells = support.planned(Path(folder), QUESTIONS)
        begun = time.monotonic()
        came = fault(bench, path, made)
        took = time.monotonic() - begun
        info, stored = Store(path.parent).info(path.name), support.stored(path)
        if info.status != "done" or info.counts["errors"]:
            raise SystemExit(f"{fault.__name__}: {info.status}, {info.counts}")
        doubled = sum(count - 1 for count in stored.values())
        return Tally(cells, came, cells - len(stored), doubled, len(support.leftovers(path)), took)


if __name__ == "__main__":
    main()
