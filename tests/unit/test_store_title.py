"""Renaming a run and noting on it, also while it is written."""

from __future__ import annotations

import json
import os
import threading
import zipfile

import pytest

from core.errors import DataError, InputError
from core.store import RunFolder, Store, is_being_written
from core.store.files.imports import import_run
from core.store.files.run_title import LONGEST_TITLE_FILE, TITLE_FILE
from core.store.index.export import export_zip
from tests.unit.store_rows import info, rows


def test_a_run_is_renamed_while_another_store_writes_it(tmp_path):
    writer, reader = Store(tmp_path), Store(tmp_path)
    with writer.create(info(title="old", note="first", status="running")) as folder:
        writer.append(folder, rows(2))
        reader.refresh()
        assert is_being_written(folder.path)
        assert reader.update("run-1", title="new").title == "new"
        assert reader.info("run-1").note == "first"
        writer.append(folder, rows(2, start=2))
        folder.update(status="done", counts={"planned": 4})
        reader.refresh()
        writer.refresh()
        for store in (reader, writer, Store(tmp_path)):
            assert (store.info("run-1").title, store.info("run-1").status) == ("new", "done")
            assert store.runs()["title"].tolist() == ["new"]
            assert len(store.responses()) == 4
    with pytest.raises(InputError):
        reader.update("none", title="x")


def test_other_fields_still_need_the_right_to_write(tmp_path):
    store = Store(tmp_path)
    with store.create(info()), pytest.raises(InputError, match="another process"):
        store.update("run-1", title="new", status="done")
    assert store.update("run-1", title="new", status="done").title == "new"
    store.refresh()
    assert (store.info("run-1").title, store.info("run-1").status) == ("new", "done")
    with RunFolder.open(tmp_path / "run-1") as folder:
        assert folder.update(title="by its writer").title == "by its writer"
    store.refresh()
    assert store.info("run-1").title == "by its writer"


def test_of_many_who_rename_at_once_one_is_heard_whole(tmp_path):
    store = Store(tmp_path)
    store.create(info()).close()
    names = [f"name {i}" for i in range(8)]
    threads = [threading.Thread(target=Store(tmp_path).update, args=("run-1",), kwargs={"title": n}) for n in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.refresh()
    assert store.info("run-1").title in names
    assert store.problems() == []


def test_a_run_is_renamed_while_others_take_it_up_and_tidy_it(tmp_path):
    store = Store(tmp_path)
    store.create(info()).close()
    stop = threading.Event()

    def take_up() -> None:
        while not stop.is_set():
            RunFolder.open(tmp_path / "run-1").close()

    tidying = threading.Thread(target=take_up)
    tidying.start()
    try:
        for i in range(200):
            assert store.update("run-1", title=f"name {i}").title == f"name {i}"
    finally:
        stop.set()
        tidying.join()


def test_a_title_that_a_killed_reader_left_half_written_is_deleted_later(tmp_path):
    with RunFolder.create(tmp_path, info()) as folder:
        left = folder.path / f".tmp-1234-{TITLE_FILE}"
        left.write_bytes(b"{")
    RunFolder.open(folder.path).close()
    assert left.exists()  # whoever writes it may still be at it
    os.utime(left, (0, 0))
    RunFolder.open(folder.path).close()
    assert not left.exists()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"title": 3, "note": ""}', b"\xff", b" " * (LONGEST_TITLE_FILE + 9)]
)
def test_a_damaged_title_hides_no_run_and_says_so(tmp_path, content):
    with RunFolder.create(tmp_path, info(title="as made")) as folder:
        folder.append(rows(2))
    (folder.path / TITLE_FILE).write_bytes(content)
    store = Store(tmp_path)
    assert len(store.responses()) == 2
    assert store.info("run-1").title == "as made"
    assert [path.name for path, reason in store.problems() if "Rename it" in reason] == ["run-1"]
    store.update("run-1", title="new")
    assert store.info("run-1").title == "new"
    assert store.problems() == []


def test_a_renamed_run_travels_under_its_new_name(tmp_path):
    store = Store(tmp_path / "a")
    with store.create(info(title="old")) as folder:
        store.append(folder, rows(2))
    store.update("run-1", title="new", note="why")
    export_zip(store, "run-1", tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        assert json.loads(archive.read("run-1/run.json"))["title"] == "new"
        assert TITLE_FILE not in {name.split("/")[1] for name in archive.namelist()}
    for place, source in enumerate((tmp_path / "run.zip", folder.path)):
        taken = import_run(source, tmp_path / f"to-{place}")
        assert (taken.title, taken.note) == ("new", "why")
        assert not (tmp_path / f"to-{place}" / "run-1" / TITLE_FILE).exists()
        assert len(Store(tmp_path / f"to-{place}").responses()) == 2


def test_an_import_with_a_damaged_title_is_refused(tmp_path):
    with RunFolder.create(tmp_path / "a", info()) as folder:
        folder.append(rows(2))
    (folder.path / TITLE_FILE).write_bytes(b"{")
    with pytest.raises(DataError, match="cannot be read"):
        import_run(folder.path, tmp_path / "b")
    assert not list((tmp_path / "b").iterdir())
