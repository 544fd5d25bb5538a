from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from core.errors import DataError, InputError
from core.store import RunFolder, Store, is_being_written
from core.store.files.run_folder import delete_run
from core.store.files.schema import SCHEMA_VERSION
from core.store.files.shards import ShardName, read_shard
from tests.unit.store_rows import info, row, rows


def shards(path: Path) -> list[Path]:
    return sorted(path.glob("*.parquet"))


def test_a_run_is_a_folder_with_run_json_and_hashed_shards(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info(spec={"seed": 7})) as folder:
        name = folder.append(rows(3))
    doc = json.loads((tmp_path / "run-1" / "run.json").read_text())
    sha256 = hashlib.sha256((tmp_path / "run-1" / name).read_bytes()).hexdigest()
    assert doc["shards"] == {name: {"sha256": sha256, "rows": 3, "grain": "responses"}}
    assert name == f"responses-000001-{sha256[:16]}.parquet"
    assert doc["spec"] == {"seed": 7}
    assert doc["schema_version"] == SCHEMA_VERSION


def test_numbers_go_on_where_a_closed_run_stopped(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append(rows(1))
    with RunFolder.open(tmp_path / "run-1") as folder:
        second = ShardName.parse(folder.append(rows(1, start=1)))
    assert second is not None
    assert second.number == 2


def test_a_second_writer_is_told_that_the_run_is_being_written(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        assert is_being_written(folder.path)
        with pytest.raises(InputError, match="another process"):
            RunFolder.open(folder.path)
        with pytest.raises(InputError, match="another process"):
            delete_run(folder.path)
    assert not is_being_written(folder.path)
    RunFolder.open(folder.path).close()


def test_a_run_id_is_given_once(tmp_path: Path) -> None:
    RunFolder.create(tmp_path, info()).close()
    with pytest.raises(InputError, match="already"):
        RunFolder.create(tmp_path, info())
    assert [p.name for p in tmp_path.iterdir()] == ["run-1"]


@pytest.mark.parametrize("bad", ["../out", "a/b", "", ".hidden", "a" * 200, "a\nb", "run-1\n"])
def test_a_run_id_cannot_leave_the_folder(bad: str) -> None:
    with pytest.raises(ValueError, match="run_id"):
        info(bad)


def test_rows_of_another_run_are_refused(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        with pytest.raises(InputError):
            folder.append(rows(1, "run-2"))
        with pytest.raises(InputError):
            folder.append([])
    assert shards(tmp_path / "run-1") == []


def test_update_changes_what_may_change_and_nothing_else(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append(rows(1))
        folder.update(status="done", title="Two publics", note="n", counts={"planned": 1})
        with pytest.raises(InputError):
            folder.update(shards={})
        with pytest.raises(ValueError, match="status"):
            folder.update(status="asleep")
    with RunFolder.open(folder.path) as again:
        assert (again.info.status, again.info.title, len(again.info.shards)) == ("done", "Two publics", 1)


def test_a_writer_lists_what_a_killed_one_left_and_clears_its_leavings(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        before = (folder.path / "run.json").read_bytes()
        name = folder.append(rows(2))
    (folder.path / "run.json").write_bytes(before)  # killed between the shard and run.json
    (folder.path / ".tmp-1234-responses-000002-aa.parquet").write_bytes(b"half")
    with RunFolder.open(folder.path) as again:
        assert list(again.info.shards) == [name]
        assert not list(folder.path.glob(".tmp-*"))


def test_a_damaged_leaving_is_never_listed(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        before = (folder.path / "run.json").read_bytes()
        name = folder.append(rows(2))
    (folder.path / "run.json").write_bytes(before)
    whole = (folder.path / name).read_bytes()
    (folder.path / name).write_bytes(whole[:-9])
    with RunFolder.open(folder.path) as again:
        assert again.info.shards == {}
    assert (folder.path / name).stat().st_size == len(whole) - 9


@pytest.mark.parametrize("keep", [0, 1, 4, 100, 0.5, 0.99])
def test_a_truncated_shard_is_never_read(tmp_path: Path, keep: float) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        path = folder.path / folder.append(rows(50))
        entry = folder.info.shards[path.name]
    assert read_shard(path, entry)[0].num_rows == 50
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data)) if isinstance(keep, float) else keep])
    for listed in (entry, None):
        with pytest.raises(DataError, match="damaged"):
            read_shard(path, listed)


def test_one_flipped_bit_is_found(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        path = folder.path / folder.append(rows(5))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError):
        read_shard(path)


def test_rows_wait_in_memory_until_the_disk_takes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    folder = store.create(info())

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DataError, match="full") as caught:
            store.append(folder, rows(2))
    assert "space" in caught.value.hint
    assert folder.unsaved == 2
    assert len(store.responses()) == 2
    assert store.rows("run-1", ["cell-1"]) == [row(1)]
    assert store.runs().saved.tolist() == [False]
    store.refresh()
    assert len(store.responses()) == 2
    store.append(folder, rows(1, start=2))
    assert folder.unsaved == 0
    assert len(store.responses()) == 3
    assert store.runs().saved.tolist() == [True]
    assert len(Store(tmp_path).responses()) == 3
    assert sorted(p.name for p in folder.path.iterdir() if p.suffix != ".parquet") == [".held", ".lock", "run.json"]


def test_delete_leaves_nothing(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append(rows(1))
    delete_run(folder.path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError):
        RunFolder.open(folder.path)
