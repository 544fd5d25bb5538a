from __future__ import annotations

import csv
import subprocess
import sys
import zipfile
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from core.errors import DataError, InputError, ParallaxError
from core.store import RunFolder, Selection, Store, TraceStep
from core.store.files.compact import compact
from core.store.files.imports import Limits, import_run
from core.store.files.schema import SCHEMA_VERSION, SCHEMAS, to_responses
from core.store.index.export import export_csv, export_duckdb, export_parquet, export_zip
from core.text import safe_cell
from tests.unit.store_rows import START, info, row, rows

STEP = TraceStep(run_id="run-1", cell_id="cell-1", created=START, stage="1", step="age", text="=1+1", prompt="p")


def filled(root: Path, run_id: str = "run-1", chunks: int = 5) -> Path:
    with RunFolder.create(root, info(run_id)) as folder:
        for start in range(0, 2 * chunks, 2):
            folder.append(rows(2, run_id, start))
        folder.append([STEP.model_copy(update={"run_id": run_id})])
        folder.update(status="done")
    return folder.path


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_formulas_are_made_harmless(text: str) -> None:
    assert safe_cell(text) == "'" + text


def test_csv(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "runs", info()) as folder:
        folder.append(
            [row(0, text='=HYPERLINK("x")'), row(1, text='a "b",\n上帝', valid_mass=-0.5), row(2, model_id="x")]
        )
    path = tmp_path / "out.csv"
    assert export_csv(Store(tmp_path / "runs"), path, Selection(model_ids=("model-0", "model-1"))) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as source:
        first, second = csv.DictReader(source)
    assert list(first) == SCHEMAS["responses"].names
    assert first["text"] == '\'=HYPERLINK("x")'
    assert (second["text"], second["valid_mass"]) == ('a "b",\n上帝', "-0.5")
    assert (first["codes"], first["created"]) == ("[2, 1, -5]", "2026-11-23T09:30:00.123456+00:00")
    assert (first["age"], first["rendered_prompt"]) == ("", "<user>上帝？")


def test_parquet(tmp_path: Path) -> None:
    filled(tmp_path / "runs")
    store, path = Store(tmp_path / "runs"), tmp_path / "out.parquet"
    assert export_parquet(store, path, Selection(question_id="Q1")) == 3
    assert to_responses(pq.read_table(path)) == [row(1), row(4), row(7)]
    assert export_parquet(store, path, Selection(run_ids=())) == 0
    assert pq.read_table(path).schema.names == SCHEMAS["responses"].names
    assert export_parquet(store, path, grain="trace_steps") == 1
    assert export_parquet(store, path, Selection(question_id="Q2"), grain="trace_steps") == 0
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["out.parquet"]


def test_one_duckdb_file(tmp_path: Path) -> None:
    filled(tmp_path / "runs")
    filled(tmp_path / "runs", "run-2")
    path = tmp_path / "out.duckdb"
    assert export_duckdb(Store(tmp_path / "runs"), path, Selection(run_ids=("run-2",))) == 10
    with duckdb.connect(str(path), read_only=True) as found:
        assert found.execute("SELECT run_id, rows FROM runs").fetchall() == [("run-2", 10)]
        assert found.execute("SELECT count(DISTINCT rendered_prompt), min(created) FROM responses").fetchone() == (
            1,
            START.replace(tzinfo=None),
        )
        assert found.execute("SELECT text FROM trace_steps").fetchall() == [("=1+1",)]


def test_an_export_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    filled(tmp_path / "runs")
    for export in (export_csv, export_parquet):
        with pytest.raises(DataError):
            export(Store(tmp_path / "runs"), tmp_path / "none" / "out")


def test_a_zip_goes_from_one_machine_to_another(tmp_path: Path) -> None:
    filled(tmp_path / "here")
    export_zip(Store(tmp_path / "here"), "run-1", tmp_path / "run.zip")
    assert import_run(tmp_path / "run.zip", tmp_path / "there").run_id == "run-1"
    there = Store(tmp_path / "there")
    assert there.problems() == []
    assert there.rows("run-1", ["cell-3"]) == [row(3)]
    with pytest.raises(InputError, match="already"):
        import_run(tmp_path / "run.zip", tmp_path / "there")


def test_a_renamed_folder_can_be_imported_and_keeps_its_id(tmp_path: Path) -> None:
    path = filled(tmp_path / "here")
    moved = path.rename(tmp_path / "from Ana")
    assert import_run(moved, tmp_path / "there").run_id == "run-1"
    assert len(Store(tmp_path / "there").responses()) == 10


def stored(store: Store) -> int:
    """Rows in memory, history included."""
    return int(store.frame("SELECT count(*) AS n FROM all_responses").n[0])


def zipped(path: Path, members: dict[str, bytes], link: str | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            if name == link:
                entry.external_attr = 0o120777 << 16
            out.writestr(entry, data)
    return path


BAD_ZIPS = ["up", "absolute", "drive", "backslash", "link", "stranger", "two", "deep", "twice", "bomb", "no run", "cut"]


@pytest.mark.parametrize("how", BAD_ZIPS)
def test_a_dangerous_or_damaged_zip_is_refused(tmp_path: Path, how: str) -> None:
    source = filled(tmp_path / "here")
    good = {f"run-1/{p.name}": p.read_bytes() for p in source.iterdir() if p.name != ".lock"}
    path, limits, link = tmp_path / "bad.zip", Limits(), None
    shard = next(name for name in good if name.endswith(".parquet"))
    extra = {
        "up": {"run-1/../../evil": b"x"},
        "absolute": {"/run.json": b"x"},
        "drive": {"C:run.json": b"x"},
        "backslash": {"..\\run.json": b"x"},
        "link": {"run-1/responses-000009-0123456789abcdef.parquet": b"/etc/passwd"},
        "stranger": {"run-1/run.py": b"x"},
        "two": {"run-2/run.json": b"{}"},
        "deep": {"run-1/a/run.json": b"{}"},
        "bomb": {"run-1/responses-000009-0123456789abcdef.parquet": bytes(5_000_000)},
    }.get(how, {})
    if how == "link":
        link = next(iter(extra))
    if how == "bomb":
        limits = Limits(bytes=1_000_000)
    if how == "no run":
        del good["run-1/run.json"]
    zipped(path, good | extra, link)
    if how == "twice":
        with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as out:
            out.writestr(shard, b"other")
    if how == "cut":
        data = bytearray(path.read_bytes())
        data[200:260] = bytes(60)
        path.write_bytes(data)
    with pytest.raises(ParallaxError) as caught:
        import_run(path, tmp_path / "there", limits)
    assert caught.value.message
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "evil").exists()


def test_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "b").mkdir()
    for name in ("a.txt", "b", "nothing"):
        with pytest.raises(InputError):
            import_run(tmp_path / name, tmp_path / "there")


@pytest.mark.parametrize("how", ["truncated", "missing", "newer", "link", "other run"])
def test_a_damaged_folder_is_refused(tmp_path: Path, how: str) -> None:
    source = filled(tmp_path / "here")
    shard = min(source.glob("responses*"))
    if how == "truncated":
        shard.write_bytes(shard.read_bytes()[:-1])
    elif how == "missing":
        shard.unlink()
    elif how == "newer":
        doc = (source / "run.json").read_text()
        doc = doc.replace(f'"schema_version": {SCHEMA_VERSION}', f'"schema_version": {SCHEMA_VERSION + 1}')
        (source / "run.json").write_text(doc)
    elif how == "link":
        shard.unlink()
        shard.symlink_to("/etc/hostname")
    else:
        doc = (source / "run.json").read_text().replace('"run-1"', '"run-7"')
        (source / "run.json").write_text(doc)
    with pytest.raises(ParallaxError):
        import_run(source, tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []


def test_a_shard_that_is_huge_in_memory_is_refused(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "here", info()) as folder:
        folder.append(rows(500, rendered_prompt="x" * 100_000))
    assert folder.path.stat().st_size < 10**6
    with pytest.raises(InputError, match="unpacks"):
        import_run(folder.path, tmp_path / "there", Limits(bytes_a_shard=10_000_000))
    with pytest.raises(InputError, match="rows"):
        import_run(folder.path, tmp_path / "there", Limits(rows_a_shard=499))
    assert import_run(folder.path, tmp_path / "there").run_id == "run-1"


def test_compacting_changes_files_and_no_row(tmp_path: Path) -> None:
    path = filled(tmp_path)
    watching = Store(tmp_path)
    before = watching.responses().sort_values("cell_id").reset_index(drop=True)
    assert compact(path) == 4
    assert len(list(path.glob("*.parquet"))) == 2
    assert watching.rows("run-1", ["cell-9"]) == [row(9)]  # looks again where its shard went
    watching.refresh()
    after = watching.responses().sort_values("cell_id").reset_index(drop=True)
    assert stored(watching) == 10
    assert before.astype(str).equals(after.astype(str))
    assert watching.steps("run-1", "cell-1") == [STEP]
    assert watching.problems() == []
    assert compact(path) == 0
    with RunFolder.open(path) as folder:
        folder.append([row(0, parsed_code=1)])
    watching.refresh()
    assert watching.responses(["run-1"], "Q0", ["model-0"]).set_index("cell_id").parsed_code["cell-0"] == 1


def test_a_running_or_damaged_run_is_not_compacted(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with RunFolder.open(path) as folder:
        folder.update(status="running")
    with pytest.raises(InputError, match="not finished"):
        compact(path)
    with RunFolder.open(path) as folder:
        folder.update(status="done")
    shard = max(path.glob("responses*"))
    whole = shard.read_bytes()
    shard.write_bytes(whole[:-1])
    names = sorted(p.name for p in path.iterdir())
    with pytest.raises(DataError):
        compact(path)
    assert sorted(p.name for p in path.iterdir()) == names


DIE = """
import os, sys
from pathlib import Path
from core.store.files import run_folder
from core.store.files.compact import compact
path, stop = Path(sys.argv[1]), sys.argv[2]
write_info, unlink = run_folder.write_info, Path.unlink

def write_then_die(where, info):
    if stop == "before run.json":
        os._exit(9)
    write_info(where, info)
    if stop == "after run.json":
        os._exit(9)

def unlink_then_die(self, missing_ok=False):
    unlink(self, missing_ok)
    if self.suffix == ".parquet" and not self.name.startswith("."):
        os._exit(9)

run_folder.write_info, Path.unlink = write_then_die, unlink_then_die
compact(path)
"""


@pytest.mark.parametrize("stop", ["before run.json", "after run.json", "among the old"])
def test_compacting_may_be_killed_at_any_point(tmp_path: Path, stop: str) -> None:
    path = filled(tmp_path)
    watching = Store(tmp_path)
    root = Path(__file__).resolve().parents[2]
    died = subprocess.run([sys.executable, "-c", DIE, path, stop], cwd=root, timeout=20, check=False)
    assert died.returncode == 9
    files = {"before run.json": 8, "after run.json": 8, "among the old": 7}
    assert len(list(path.glob("*.parquet"))) == files[stop]
    for store in (watching, Store(tmp_path)):
        store.refresh()
        assert sorted(store.responses().cell_id) == sorted(f"cell-{i}" for i in range(10))
        assert stored(store) == 10
        assert store.problems() == []
    RunFolder.open(path).close()
    assert len(list(path.glob("*.parquet"))) == (6 if stop == "before run.json" else 2)
    assert len(Store(tmp_path).responses()) == 10
