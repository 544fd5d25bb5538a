from __future__ import annotations

import json
import os
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InputError
from core.store import RunFolder, Store, TraceStep
from core.store.files import schema as store_schema
from core.store.files.scan import fingerprint
from core.store.files.schema import Migration, to_responses, to_table
from core.types import Response
from tests.unit.store_rows import START, info, row, rows


def filled(root: Path, run_id: str = "run-1", n: int = 6, per_shard: int = 2) -> Path:
    with RunFolder.create(root, info(run_id)) as folder:
        for start in range(0, n, per_shard):
            folder.append(rows(per_shard, run_id, start))
    return folder.path


@settings(max_examples=40, deadline=None)
@given(
    text=st.none() | st.text(),
    mass=st.lists(st.floats(allow_nan=False), max_size=10),
    number=st.none() | st.integers(-(2**62), 2**62),
    # Fixed offsets: Python calls times in the hour that a clock is put back unequal to themselves elsewhere.
    when=st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-9.5))])),
)
def test_a_row_comes_back_as_it_was(text: str | None, mass: list[float], number: int | None, when: object) -> None:
    # Surrogates cannot be UTF-8 and no provider returns them.
    if text is not None:
        text = text.encode("utf-8", "ignore").decode()
    before = row(text=text, mass=mass, codes=range(len(mass)), parsed_code=number, tokens_in=number, created=when)
    assert to_responses(to_table([before])) == [before]


def test_every_field_of_a_response_has_a_column() -> None:
    assert store_schema.SCHEMAS["responses"].names == list(Response.model_fields)
    assert store_schema.SCHEMAS["trace_steps"].names == list(TraceStep.model_fields)


def test_frames_of_every_grain(tmp_path: Path) -> None:
    filled(tmp_path)
    store = Store(tmp_path)
    runs, responses, cells = store.runs(), store.responses(), store.cells()
    assert runs[["run_id", "rows", "errors", "shipped", "saved"]].to_numpy().tolist() == [["run-1", 6, 0, False, True]]
    assert str(responses.created.dtype.tz) == "UTC"
    assert responses.created.min() == pd.Timestamp(START)
    assert list(responses.mass.iloc[0]) == [0.5, 0.25, 0.125]
    assert "rendered_prompt" not in responses
    assert len(cells) == 6
    assert set(cells.samples) == {1}


def test_selections(tmp_path: Path) -> None:
    filled(tmp_path)
    filled(tmp_path, "run-2", 4)
    store = Store(tmp_path)
    assert len(store.responses(["run-2"])) == 4
    assert len(store.responses([])) == 0
    assert set(store.responses(question_id="Q1").cell_id) == {"cell-1", "cell-4"}
    assert set(store.responses(["run-1"], "Q1", ["model-1"]).cell_id) == {"cell-1"}
    assert len(store.responses(["'; DROP TABLE all_runs; --"])) == 0


def test_rows_bring_the_heavy_columns(tmp_path: Path) -> None:
    filled(tmp_path)
    assert Store(tmp_path).rows("run-1", ["cell-5", "cell-0"]) == [row(0), row(5)]
    assert Store(tmp_path).rows("run-1", ["none"]) == []


def test_trace_steps(tmp_path: Path) -> None:
    def step(name: str, decision: str) -> TraceStep:
        return TraceStep(
            run_id="run-1",
            cell_id="cell-0",
            created=START,
            stage="1",
            step=name,
            decision=decision,
            options=("low", "high"),
            probabilities=(0.25, 0.75),
            prompt="p",
        )

    with RunFolder.create(tmp_path, info()) as folder:
        folder.append(rows(1))
        folder.append([step("age", "low"), step("sex", "high")])
        folder.append([step("age", "high")])
    store = Store(tmp_path)
    assert store.steps("run-1", "cell-0") == [step("sex", "high"), step("age", "high")]
    assert len(store.frame("FROM trace_steps")) == 2


def test_refresh_loads_only_what_is_new(tmp_path: Path) -> None:
    store = Store(tmp_path / "not yet there")
    assert len(store.runs()) == 0
    path = filled(tmp_path / "not yet there")
    store.refresh()
    assert len(store.responses()) == 6
    first = sorted(path.glob("*.parquet"))[0]
    first.write_bytes(b"")  # were it read again, it would be missed
    with RunFolder.open(path) as folder:
        folder.append(rows(2, start=6))
        folder.update(title="new title", status="done")
    store.refresh()
    assert len(store.responses()) == 8
    assert store.runs().title.tolist() == ["new title"]
    assert store.problems() == []


def test_runs_are_counted_anew_only_once_something_was_written_or_deleted(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder = store.create(info("run-a"))
    assert store.runs()["rows"].tolist() == [0]
    asked = []
    store.frame = lambda sql, values=(): asked.append(sql) or Store.frame(store, sql, values)
    first = store.runs()
    first["rows"] = 99  # a page that changes its copy changes nobody else's
    assert store.runs()["rows"].tolist() == [0]
    assert asked == []
    store.append(folder, [row(0, "run-a")])
    assert store.runs()["rows"].tolist() == [1]
    assert len(asked) == 1
    folder.close()
    store.update("run-a", title="Another")
    assert store.runs()["title"].tolist() == ["Another"]
    store.delete("run-a")
    assert store.runs().empty


def test_a_folder_is_looked_at_again_until_its_dates_can_be_trusted(tmp_path: Path) -> None:
    path = filled(tmp_path)
    assert fingerprint(path) is None
    for file in (path, path / "run.json"):
        os.utime(file, (1e9, 1e9))
    old = fingerprint(path)
    assert old is not None
    assert fingerprint(path) == old
    os.utime(path, (1e9 - 60, 1e9 - 60))  # the clock went back, and then something was written
    assert fingerprint(path) not in (None, old)


def test_a_shard_that_is_not_listed_yet_is_loaded(tmp_path: Path) -> None:
    path = filled(tmp_path, n=2)
    before = (path / "run.json").read_bytes()
    with RunFolder.open(path) as folder:
        folder.append(rows(2, start=2))
    (path / "run.json").write_bytes(before)
    store = Store(tmp_path)
    assert len(store.responses()) == 4
    assert store.problems() == []
    assert (path / "run.json").read_bytes() == before


def test_the_last_answer_stands_whatever_the_clock_says(tmp_path: Path) -> None:
    early = START - timedelta(days=3)
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append([row(0, parsed_code=1), row(1)])
        folder.append([row(0, parsed_code=2, created=early)])
        folder.append([row(1, outcome="error", error_kind="unreachable")])
        folder.append([row(2, outcome="error", error_kind="unreachable"), row(2, sample=1)])
    store = Store(tmp_path)
    found = store.responses().set_index(["cell_id", "sample"]).sort_index()
    assert len(found) == 4
    assert found.loc[("cell-0", 0), "parsed_code"] == 2
    assert found.loc[("cell-1", 0), "outcome"] == "option"
    assert store.kept("run-1") == {("cell-0", 0), ("cell-1", 0), ("cell-2", 1)}
    with RunFolder.open(folder.path) as again:
        again.append([row(2, parsed_code=1)])
    store.refresh()
    assert ("cell-2", 0) in store.kept("run-1")
    assert store.runs().errors.tolist() == [0]


def test_lookup_finds_the_latest_answer_and_never_an_error(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append([row(0, parsed_code=1), row(1, outcome="error"), row(3, outcome="refusal", kind="text")])
    with RunFolder.create(tmp_path, info("run-2")) as folder:
        folder.append([row(0, "run-2", created=START + timedelta(hours=1)), row(2, "run-2")])
    found = Store(tmp_path).lookup(["key-0", "key-1", "key-2", "key-3", "key-9", "key-0"])
    assert set(found) == {"key-0", "key-2", "key-3"}
    assert (found["key-0"].run_id, found["key-0"].created) == ("run-2", START + timedelta(hours=1))
    assert found["key-2"] == row(2, "run-2")
    assert Store(tmp_path).lookup([]) == {}


def test_recent_asks(tmp_path: Path) -> None:
    filled(tmp_path)
    with RunFolder.create(tmp_path, info("asks", kind="probe")) as folder:
        folder.append([row(10, "asks", question_id="mine", question_json='"Tea?"'), row(11, "asks", country=None)])
    recent = Store(tmp_path).recent(2)
    assert recent.question_id.tolist() == ["Q2", "mine"]
    assert recent.personas.iloc[0].tolist() == ["||female|"]
    assert Store(tmp_path).recent(kind="probe").run_id.tolist() == ["asks", "asks"]


def test_a_deleted_run_goes_and_may_come_back(tmp_path: Path) -> None:
    path, other = filled(tmp_path / "a"), Store(tmp_path / "a")
    shutil.copytree(path, tmp_path / "copy")
    Store(tmp_path / "a").delete("run-1")
    other.refresh()
    assert (len(other.runs()), len(other.responses())) == (0, 0)
    shutil.copytree(tmp_path / "copy", path)
    other.refresh()
    assert len(other.responses()) == 6


def test_shipped_runs_are_never_written(tmp_path: Path) -> None:
    filled(tmp_path / "shipped", "demo")
    filled(tmp_path / "own")
    store = Store(tmp_path / "own", [tmp_path / "shipped"])
    assert dict(zip(store.runs().run_id, store.runs().shipped, strict=True)) == {"demo": True, "run-1": False}
    for change in (lambda: store.delete("demo"), lambda: store.update("demo", title="x"), lambda: store.open("demo")):
        with pytest.raises(InputError, match="came with"):
            change()
    with pytest.raises(InputError, match="already"):
        store.create(info("demo"))
    assert store.update("run-1", note="seen").note == "seen"
    assert store.runs().set_index("run_id").note["run-1"] == "seen"


def damage(path: Path, how: str) -> None:
    doc = json.loads((path / "run.json").read_text())
    if how == "no json":
        (path / "run.json").write_text('{"run_id": ')
    elif how == "a list":
        (path / "run.json").write_text("[]")
    elif how == "nested":
        (path / "run.json").write_text("[" * 200_000)
    elif how == "binary":
        (path / "run.json").write_bytes(b"\xff\x00\xfe")
    elif how == "newer":
        (path / "run.json").write_text(json.dumps({**doc, "schema_version": 99}))
    elif how == "no version":
        (path / "run.json").write_text(json.dumps({k: v for k, v in doc.items() if k != "schema_version"}))
    elif how == "wrong type":
        (path / "run.json").write_text(json.dumps({**doc, "status": 7}))
    elif how == "renamed":
        path.rename(path.with_name("renamed"))
    elif how == "gone":
        (path / "run.json").unlink()
    elif how == "a folder":
        (path / "run.json").unlink()
        (path / "run.json").mkdir()


HOWS = ["no json", "a list", "nested", "binary", "newer", "no version", "wrong type", "renamed", "gone", "a folder"]


@pytest.mark.parametrize("how", HOWS)
def test_a_foreign_folder_is_set_aside(tmp_path: Path, how: str) -> None:
    filled(tmp_path, "good")
    bad = filled(tmp_path, "bad")
    store = Store(tmp_path)
    damage(bad, how)
    (tmp_path / "notes.txt").write_text("not a run")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for each in (store, Store(tmp_path)):
        each.refresh()
        assert each.runs().run_id.tolist() == ["good"]
        assert len(each.responses()) == 6
        [(folder, message)] = each.problems()
        assert folder.name == ("renamed" if how == "renamed" else "bad")
        assert message
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("how", ["truncated", "empty", "missing", "swapped", "other run", "other columns", "newer"])
def test_good_shards_of_a_damaged_run_still_load(tmp_path: Path, how: str) -> None:
    path = filled(tmp_path)
    victim, other, _ = sorted(path.glob("*.parquet"))
    if how == "truncated":
        victim.write_bytes(victim.read_bytes()[:700])
    elif how == "empty":
        victim.write_bytes(b"")
    elif how == "missing":
        victim.unlink()
    elif how == "swapped":
        victim.write_bytes(other.read_bytes())
    else:
        table = pq.read_table(victim)
        if how == "other run":
            table = to_table(rows(2, "run-9"))
        elif how == "other columns":
            table = table.drop_columns(["mass"])
        else:
            table = table.replace_schema_metadata({b"parallax_schema": b"9"})
        replace_shard(path, victim, table)
    store = Store(tmp_path)
    assert sorted(store.responses().cell_id) == ["cell-2", "cell-3", "cell-4", "cell-5"]
    [(folder, message)] = store.problems()
    assert folder == path
    assert "other shards were loaded" in message


def replace_shard(path: Path, victim: Path, table: pa.Table) -> None:
    """Put ``table`` in the place of a shard with all hashes right."""
    import hashlib

    pq.write_table(table, victim)
    sha256 = hashlib.sha256(victim.read_bytes()).hexdigest()
    name = f"{victim.name[:17]}{sha256[:16]}.parquet"
    doc = json.loads((path / "run.json").read_text())
    doc["shards"][name] = {**doc["shards"].pop(victim.name), "sha256": sha256}
    (path / "run.json").write_text(json.dumps(doc))
    victim.rename(path / name)


def test_two_folders_with_one_id(tmp_path: Path) -> None:
    filled(tmp_path / "shipped")
    filled(tmp_path / "own", n=2)
    store = Store(tmp_path / "own", [tmp_path / "shipped"])
    assert len(store.responses()) == 6
    assert "already" in store.problems()[0][1]
    shutil.rmtree(tmp_path / "shipped")
    store.refresh()
    store.refresh()
    assert len(store.responses()) == 2
    assert store.problems() == []


def test_an_older_schema_is_read_as_the_current_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path, n=2)
    [shard] = path.glob("*.parquet")
    old = pq.read_table(shard).rename_columns({"question_id": "item"}).drop_columns(["cost_usd"])
    replace_shard(path, shard, old.replace_schema_metadata({b"parallax_schema": b"0"}))
    doc = json.loads((path / "run.json").read_text())
    doc["name"] = doc.pop("title") or "old"
    (path / "run.json").write_text(json.dumps({**doc, "schema_version": 0}))
    assert "can no longer be read" in Store(tmp_path).problems()[0][1]

    def tables(table: pa.Table) -> pa.Table:
        table = table.rename_columns({"item": "question_id"})
        return table.append_column("cost_usd", pa.nulls(table.num_rows, pa.float64()))

    migration = Migration(
        lambda d: {**{k: v for k, v in d.items() if k != "name"}, "title": d["name"]}, {"responses": tables}
    )
    monkeypatch.setitem(store_schema.MIGRATIONS, 0, migration)
    store = Store(tmp_path)
    assert store.runs().title.tolist() == ["old"]
    assert store.rows("run-1", ["cell-0", "cell-1"]) == rows(2)
    # Going on with an old run writes new shards beside the old ones.
    with store.open("run-1") as folder:
        store.append(folder, rows(1, start=2))
    assert len(Store(tmp_path).responses()) == 3
    assert json.loads((path / "run.json").read_text())["schema_version"] == store_schema.SCHEMA_VERSION


def test_many_threads_read_while_others_write(tmp_path: Path) -> None:
    store, done = Store(tmp_path), threading.Event()

    def write(name: str) -> None:
        with store.create(info(name)) as folder:
            for i in range(8):
                store.append(folder, rows(5, name, 5 * i))

    def read() -> int:
        times = 0
        while not done.is_set():
            store.refresh()
            assert len(store.responses()) % 5 == 0
            store.runs()
            found = store.lookup([f"key-{i}" for i in range(40)])
            assert all(key == r.cache_key for key, r in found.items())
            times += 1
        return times

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        writers = [pool.submit(write, f"run-{i}") for i in range(3)]
        wait(writers, 30)
        done.set()
        assert all(reader.result(30) > 0 for reader in readers)
        for writer in writers:
            writer.result()
    assert len(store.responses()) == 120
