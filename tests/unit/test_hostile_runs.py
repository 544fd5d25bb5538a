"""Runs from elsewhere: what is called, what is written in run.json, in shards and in a zip."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import DataError, InputError
from core.runs import create_run
from core.store import RunFolder, RunInfo, Store
from core.store.files.imports import Limits, import_run
from core.store.files.run_info import parse_info
from core.store.files.schema import SCHEMAS, to_table
from core.store.files.shards import read_shard, write_shard
from core.store.files.value_checks import check_values
from core.store.index.export import export_zip
from tests.unit.audit_child import bank, spec_of
from tests.unit.hostile import ANY, CLEAN, MANY, NASTY, VALUES, in_words
from tests.unit.store_rows import info, row, rows

FOLDER = settings(MANY, suppress_health_check=[HealthCheck.function_scoped_fixture])
GOOD = json.loads(info().model_dump_json())


@MANY
@given(ANY, ANY, ANY)
def test_names_titles_and_notes_are_refused_in_words_or_come_back_as_they_were(
    name: str, title: str, note: str
) -> None:
    try:
        made = info(name, title=title, note=note)
    except ValidationError:
        return
    assert "/" not in made.run_id
    assert made.run_id != ".."
    assert parse_info(made.model_dump_json().encode()) == made


@MANY
@given(st.sampled_from(sorted(RunInfo.model_fields)), VALUES)
def test_a_changed_run_file_is_read_or_refused(field: str, value: object) -> None:
    data = json.dumps({**GOOD, field: value}).encode()
    found = in_words(lambda: parse_info(data))
    if found is None:
        return
    # What was let in can be written again.
    assert parse_info(found.model_dump_json().encode())


@MANY
@given(
    st.binary(max_size=200)
    | ANY.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | VALUES.map(json.dumps).map(str.encode)
)
def test_a_run_file_of_anything_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(DataError):
        parse_info(data)


COLUMNS = sorted(SCHEMAS["responses"].names)
TABLE = to_table(rows(2))


@MANY
@given(
    st.sampled_from(COLUMNS),
    CLEAN | st.none() | st.integers(-(2**40), 2**40) | st.floats() | st.lists(st.floats(), max_size=3),
)
def test_a_changed_value_of_a_row_is_one_that_readers_know_or_is_refused(column: str, value: object) -> None:
    place = TABLE.schema.get_field_index(column)
    kind = TABLE.schema.field(place).type
    with suppress(pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, TypeError, ValueError):
        changed = TABLE.set_column(place, TABLE.schema.field(place), pa.array([value, value], kind))
        in_words(lambda: check_values("responses", changed), DataError)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("language", "xx"),
        ("kind", "other"),
        ("outcome", "?"),
        ("method", ""),
        ("age", "all"),
        ("country", "chn"),
        ("country", "<b>"),
        ("model_id", None),
        ("model_id", "x" * 1_000),
        ("mass", [2.0, -1.0, 0.0]),
        ("mass", [0.5]),
        ("mass", []),
        ("question_json", "{"),
        ("question_json", '{"id": 1}'),
        ("top_tokens", '[["a"]]'),
        ("sample", -1),
    ],
)
def test_a_shard_with_a_value_that_no_reader_knows_is_left_out_and_named(tmp_path: Path, column: str, value) -> None:
    with RunFolder.create(tmp_path, info()) as folder:
        folder.append(rows(2))
    place = TABLE.schema.get_field_index(column)
    field = TABLE.schema.field(place)
    name, _ = write_shard(
        folder.path, "responses", 7, TABLE.set_column(place, field, pa.array([value] * 2, field.type))
    )
    with pytest.raises(DataError, match=column):
        read_shard(folder.path / name)
    with RunFolder.open(folder.path):
        pass
    store = Store(tmp_path)
    assert len(store.responses(["run-1"])) == 2
    store.close()


def test_text_that_is_no_text_is_refused() -> None:
    bad = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.array([0, 2, 4], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe\xff\xfe")]
    )
    place = TABLE.schema.get_field_index("text")
    with pytest.raises(DataError, match="damaged"):
        check_values("responses", TABLE.set_column(place, TABLE.schema.field(place), bad))


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> bytes:
    root = tmp_path_factory.mktemp("archive")
    with RunFolder.create(root, info()) as folder:
        folder.append([row(i, text=text.encode("utf-8", "ignore").decode()) for i, text in enumerate(NASTY)])
    store = Store(root)
    export_zip(store, "run-1", root / "run.zip")
    store.close()
    return (root / "run.zip").read_bytes()


@FOLDER
@given(data=st.data())
def test_a_damaged_zip_is_taken_whole_or_refused_in_words(archive: bytes, tmp_path: Path, data) -> None:
    at = data.draw(st.integers(0, len(archive) - 1))
    how = data.draw(st.sampled_from(["cut", "flip", "insert"]))
    changed = {"cut": archive[:at], "flip": archive[:at] + bytes([archive[at] ^ 0xFF]) + archive[at + 1 :]}
    (tmp_path / "run.zip").write_bytes(changed.get(how, archive[:at] + b"\x00" * 7 + archive[at:]))
    _take(tmp_path)


@FOLDER
@given(
    st.lists(
        st.tuples(
            ANY | st.sampled_from(["run.json", "run-1/run.json", "../run.json", "/run.json", "run-1/../../x"]),
            st.binary(max_size=40),
        ),
        max_size=4,
    )
)
def test_a_zip_of_anything_is_refused_in_words_and_writes_nothing_outside(tmp_path: Path, members) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, suppress(UnicodeEncodeError, ValueError, IndexError):
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name[:200]), content)
    (tmp_path / "run.zip").write_bytes(out.getvalue())
    _take(tmp_path)


def _take(folder: Path) -> None:
    root = folder / "runs"
    found = in_words(lambda: import_run(folder / "run.zip", root, Limits(files=20, bytes=2**20)))
    if found is not None:
        assert found.run_id == "run-1"
        shutil.rmtree(root / "run-1")
    assert {path.name for path in folder.iterdir()} <= {"run.zip", "runs"}
    assert not list(root.iterdir())


@pytest.mark.parametrize(
    ("field", "value"), [("title", "x" * 1_000_000), ("note", "x" * 1_000_000), ("title", "\ud800")]
)
def test_a_title_or_note_that_cannot_be_kept_is_refused_in_words(tmp_path: Path, field: str, value: str) -> None:
    made, store = bank(1), Store(tmp_path)
    with pytest.raises(InputError, match=f"The {field} of a run"):
        create_run(store, "alignment", spec_of(made), made, **{field: value})
    store.close()
