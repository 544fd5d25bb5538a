"""One damaged folder never disables the store: it is set aside with its reason, and an import refuses it as well."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError
from core.store import RunFolder, Store
from core.store.files.imports import import_run
from core.store.files.shards import read_shard
from core.store.index import tables
from tests.unit.store_rows import info, rows


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two runs, one of which is to be damaged."""
    for name in ("good", "bad"):
        with RunFolder.create(tmp_path / "runs", info(name)) as folder:
            folder.append(rows(5, name))
    return tmp_path / "runs"


def shard_of(folder: Path) -> Path:
    return next(folder.glob("*.parquet"))


def give(folder: Path, data: bytes) -> None:
    """Let the one shard of ``folder`` hold ``data``, with a name and an entry whose hash match it."""
    doc = json.loads((folder / "run.json").read_text("utf-8"))
    ((old, entry),) = doc["shards"].items()
    sha256 = hashlib.sha256(data).hexdigest()
    name = f"{old.rsplit('-', 1)[0]}-{sha256[:16]}.parquet"
    (folder / old).unlink()
    (folder / name).write_bytes(data)
    (folder / "run.json").write_text(json.dumps({**doc, "shards": {name: {**entry, "sha256": sha256}}}), "utf-8")


def check_set_aside(root: Path, into: Path) -> None:
    """The good run answers, the bad one is named with a reason, and an import refuses it."""
    store = Store(root)
    try:
        assert len(store.responses(["good"])) == 5
        assert store.runs()["run_id"].isin(["good", "bad"]).all()
        assert {path.name for path, _ in store.problems()} == {"bad"}
        assert all(reason.strip() for _, reason in store.problems())
    finally:
        store.close()
    with pytest.raises(DataError):
        import_run(root / "bad", into)
    assert not into.exists() or not list(into.iterdir())


def test_a_damaged_footer_whose_hash_matches_is_set_aside(root: Path, tmp_path: Path) -> None:
    whole = shard_of(root / "bad").read_bytes()
    start = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    chance, base, harmless = random.Random(7), tmp_path / "base", 0
    shutil.copytree(root / "bad", base)
    for trial in range(24):
        data = bytearray(whole)
        for _ in range(3):
            data[chance.randrange(start, len(data))] = chance.randrange(256)
        shutil.rmtree(root / "bad")
        shutil.copytree(base, root / "bad")
        give(root / "bad", bytes(data))
        try:
            import_run(root / "bad", tmp_path / f"try-{trial}")
            harmless += 1  # it fell on what no reader looks at
        except DataError:
            with pytest.raises(DataError):  # what the store reads it with
                read_shard(shard_of(root / "bad"))
            if trial < 3:
                check_set_aside(root, tmp_path / f"into-{trial}")
    assert harmless < 12


@pytest.mark.parametrize("moment", [2**62, -(2**62), -62_135_596_800_000_005, 253_402_300_799_000_005])
def test_a_row_whose_date_no_calendar_has_is_set_aside(root: Path, tmp_path: Path, moment: int) -> None:
    table = pq.read_table(shard_of(root / "bad"))
    dates = pa.array([moment] * 5, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    table = table.set_column(table.schema.get_field_index("created"), "created", dates)
    out = io.BytesIO()
    pq.write_table(table, out)
    give(root / "bad", out.getvalue())
    check_set_aside(root, tmp_path / "into")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1600-01-01T00:00:00Z"])
def test_a_run_dated_beyond_every_calendar_is_set_aside(root: Path, tmp_path: Path, moment: str) -> None:
    file = root / "bad" / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), "created": moment}), "utf-8")
    check_set_aside(root, tmp_path / "into")


def test_what_no_check_foresaw_sets_that_run_alone_aside_and_it_is_tried_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = tables.insert

    def fail(cursor, grain, parts):  # the database refuses the rows of one run
        if any("bad" in part["run_id"].to_pylist() for part in parts):
            raise OverflowError("a number of the database is too small")
        insert(cursor, grain, parts)

    monkeypatch.setattr(tables, "insert", fail)
    store = Store(root)
    assert len(store.responses(["good"])) == 5
    ((path, reason),) = store.problems()
    assert path.name == "bad"
    assert "OverflowError" in reason
    monkeypatch.setattr(tables, "insert", insert)
    store.refresh()
    assert store.problems() == []
    assert len(store.responses(["bad"])) == 5
    store.close()
