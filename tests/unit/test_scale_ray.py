"""Runs on Ray, on two nodes of this computer: what plain runs give, whatever is lost meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.providers import get_provider
from core.runs import create_run, run_audit
from core.scale import crew, ledger, office
from core.settings import settings
from core.store import RunFolder, Store
from tests.chat_server import ChatServer, served_model
from tests.unit import scale_support as support
from tests.unit.audit_child import bank, mock_model, spec_of

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'parallax[ray]'")
pytestmark = pytest.mark.enable_socket  # Ray asks the system for the address of this computer
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes with a core each, and one of no core for the driver and what all workers share."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = [made.add_node(num_cpus=1) for _ in range(2)]
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    try:
        yield made, nodes
    finally:
        ray.shutdown()
        made.shutdown()


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The mock model takes its time, so that something can be lost in the middle."""
    monkeypatch.setenv("PARALLAX_MOCK_DELAY_S", "0.02")
    monkeypatch.setenv("PARALLAX_RAY_CORES", "1")
    settings.cache_clear()
    yield
    settings.cache_clear()


def rows_of(path: Path) -> dict[tuple[str, int], tuple[Any, ...]]:
    store = Store(path.parent)
    ids = list(store.responses([path.name]).cell_id)
    return {(r.cell_id, r.sample): (r.cache_key, r.codes, r.mass, r.model_revision) for r in store.rows(path.name, ids)}


def while_running(path: Path, made: Any, act: Callable[[], None], **more: Any) -> Any:
    """Run on the cluster, and ``act`` once a first part is in run.json."""
    acted = threading.Event()

    def tell(progress: Any) -> None:
        if progress.done >= progress.total // 4 and not acted.is_set():
            acted.set()
            act()

    info = support.go(path, made, on_progress=tell, **more)
    assert acted.is_set()
    return info


def test_the_same_cells_and_numbers_as_without_ray(cluster: Any, slowly: None, tmp_path: Path) -> None:
    one, made, cells = support.planned(tmp_path / "one", 8)
    other, _, _ = support.planned(tmp_path / "other", 8, fresh=False)
    run_audit(Store(one.parent), one.name, made, get_provider)
    info = support.go(other, made)
    assert (info.status, info.counts["answers"], info.counts["errors"]) == ("done", cells, 0)
    assert rows_of(other) == rows_of(one)
    support.whole(other, cells)


def test_a_killed_worker_loses_and_doubles_nothing(cluster: Any, slowly: None, tmp_path: Path) -> None:
    path, made, cells = support.planned(tmp_path, 30)
    info = while_running(path, made, lambda: os.kill(support.pids(path)[0], signal.SIGKILL))
    assert (info.status, info.counts["answers"], info.counts["errors"]) == ("done", cells, 0)
    support.whole(path, cells)


@pytest.mark.slow  # a killed worker is told above
def test_a_lost_node_loses_and_doubles_nothing(cluster: Any, slowly: None, tmp_path: Path) -> None:
    made_cluster, nodes = cluster
    path, made, cells = support.planned(tmp_path, 30)
    info = while_running(path, made, lambda: made_cluster.remove_node(nodes.pop(), allow_graceful=False))
    nodes.append(made_cluster.add_node(num_cpus=1))
    assert (info.status, info.counts["answers"], info.counts["errors"]) == ("done", cells, 0)
    support.whole(path, cells)


@pytest.mark.slow  # two nodes are started
def test_what_workers_share_lives_where_the_driver_is(cluster: Any, tmp_path: Path) -> None:
    path, _, _ = support.planned(tmp_path, 2)
    here = ray.get_runtime_context().get_node_id()
    with RunFolder.open(path) as folder:
        for shared in [office.Office(ray, folder, None) for _ in range(2)]:
            place = lambda _: (ray.get_runtime_context().get_node_id(), os.getpid())  # noqa: E731 - it travels by value
            node, pid = ray.get(shared._shelf.__ray_call__.remote(place))
            assert node == here
            os.kill(pid, signal.SIGKILL)
            assert shared.answers(["none"]) == {}  # begun again
            shared.end()


@pytest.mark.parametrize(
    "worker",
    [support.Cramped, pytest.param(support.Forgetful, marks=pytest.mark.slow)],
    ids=["its disk is full", "it is out of memory"],
)
def test_what_a_worker_cannot_do_is_done_without_it(
    cluster: Any, slowly: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: type[Any]
) -> None:
    failed: list[Any] = []
    replace, take = crew.Crew.replace, ledger.Ledger.take
    monkeypatch.setattr(crew.Crew, "replace", lambda self, lost: (failed.append(lost), replace(self, lost))[1])
    monkeypatch.setattr(
        ledger.Ledger, "take", lambda self, report: (failed.extend(report.unwritten), take(self, report))[1]
    )
    monkeypatch.setattr(crew, "Worker", worker)
    path, made, cells = support.planned(tmp_path, 10)
    info = support.go(path, made)
    assert (info.status, info.counts["answers"]) == ("done", cells)
    support.whole(path, cells)
    assert failed, "nothing failed, so nothing was shown"


@pytest.mark.slow
def test_cells_that_take_every_worker_with_them_fail_alone(
    cluster: Any, slowly: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew, "Worker", support.Cursed)
    monkeypatch.setattr(office, "_MOST_LOST", 1)
    made = bank(3)
    spec = spec_of(made, personas=[], orders="scale")  # one cell a thing
    path = tmp_path / create_run(Store(tmp_path), "alignment", spec, made, "Test")
    info = support.go(path, made)
    assert (info.status, info.counts["answers"], info.counts["errors"]) == ("done", 2, 1)
    monkeypatch.undo()
    again = run_audit(Store(tmp_path), path.name, made, get_provider)
    assert (again.counts["answers"], again.counts["errors"]) == (3, 0)


@pytest.mark.slow  # a stopped run goes on with Ray and without it below
def test_after_a_killed_driver_a_plain_resume_goes_on(cluster: Any, slowly: None, tmp_path: Path) -> None:
    path, made, cells = support.planned(tmp_path, 30)
    code = f"""
import ray
from pathlib import Path
from tests.unit import scale_support as support
ray.init(address={cluster[0].address!r}, log_to_driver=False, logging_level="ERROR")
support.go(Path({str(path)!r}), support.bank(30))
"""
    driver = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        support.until(lambda: len(Store(tmp_path).info(path.name).shards) >= 2)
    finally:
        driver.kill()
        driver.wait()
    before = support.stored(path)
    assert 0 < len(before) < cells
    support.until(lambda: not support.pids(path))
    info = run_audit(Store(tmp_path), path.name, made, get_provider)
    assert (info.status, info.counts["answers"]) == ("done", cells)
    assert before.keys() <= support.stored(path).keys()
    support.whole(path, cells)


def test_a_stopped_run_goes_on_with_ray(cluster: Any, slowly: None, tmp_path: Path) -> None:
    path, made, cells = support.planned(tmp_path, 20)
    stop = threading.Event()
    info = while_running(path, made, stop.set, cancel=stop)
    assert info.status == "cancelled"
    assert 0 < info.counts["answers"] < cells
    assert support.go(path, made).counts["answers"] == cells
    support.whole(path, cells)


@pytest.mark.slow  # limits are told without a cluster in test_scale_limits.py
def test_workers_keep_one_limit_of_an_endpoint(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARALLAX_MAX_IN_FLIGHT", "4")
    monkeypatch.setenv("PARALLAX_RAY_WORKERS", "3")
    settings.cache_clear()
    with ChatServer(lambda prompt, body: {"A": 0.6, "B": 0.3, "C": 0.05}, delay_s=0.02) as server:
        model = served_model(server.url)
        made = bank(20, model)
        for name in ("one", "other"):
            create_run(Store(tmp_path / name), "alignment", spec_of(made), made, "Test", run_id="made", fresh=True)
        run_audit(Store(tmp_path / "one"), "made", made, get_provider)
        server.most_busy = 0
        info = support.go(tmp_path / "other" / "made", made)
    assert info.counts["answers"] == info.counts["planned"]
    assert 1 < server.most_busy <= 4
    one, other = rows_of(tmp_path / "one" / "made"), rows_of(tmp_path / "other" / "made")
    assert one == other
    settings.cache_clear()


@pytest.mark.slow
def test_a_local_model_gives_the_same_numbers(
    cluster: Any, tmp_path: Path, builtin_model_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARALLAX_RAY_CORES", "1")
    monkeypatch.setenv("PARALLAX_PRECISION", "float32")
    settings.cache_clear()
    model = mock_model("small", provider="local", remote_id=str(builtin_model_dir), revision=None)
    made = bank(2, model)
    for name in ("one", "other"):
        create_run(Store(tmp_path / name), "alignment", spec_of(made), made, "Test", run_id="made", fresh=True)
    run_audit(Store(tmp_path / "one"), "made", made, get_provider)
    info = support.go(tmp_path / "other" / "made", made)
    assert info.counts["answers"] == info.counts["planned"]
    one, other = rows_of(tmp_path / "one" / "made"), rows_of(tmp_path / "other" / "made")
    assert {key: row[0] for key, row in one.items()} == {key: row[0] for key, row in other.items()}
    for key, (_, codes, mass, _) in one.items():
        assert other[key][1] == codes
        np.testing.assert_allclose(other[key][2], mass, rtol=0, atol=2e-6)
    settings.cache_clear()


def test_one_writer(cluster: Any, slowly: None, tmp_path: Path) -> None:
    from core.errors import InputError

    path, made, _ = support.planned(tmp_path, 2)
    with RunFolder.open(path), pytest.raises(InputError, match="being written"):
        support.go(path, made)
