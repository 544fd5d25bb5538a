"""What a reader is told about a run whose writer has gone."""

import pytest

from core.store import RunFolder
from core.store.files.compact import compact
from core.store.files.status import status_now
from tests.unit.store_rows import info, row


@pytest.mark.parametrize(("kind", "after"), [("probe", "done"), ("alignment", "interrupted")])
def test_a_run_that_nobody_writes_any_more(tmp_path, kind, after):
    with RunFolder.create(tmp_path, info("r1", kind=kind, status="running")) as folder:
        assert status_now(kind, "running", folder.path) == "running"
    assert status_now(kind, "running", tmp_path / "r1") == after


@pytest.mark.parametrize("stored", ["done", "cancelled", "failed", "planned"])
def test_what_has_ended_stays_as_it_ended(tmp_path, stored):
    assert status_now("alignment", stored, tmp_path / "none") == stored


def test_a_run_that_ended_after_its_status_was_read_was_not_interrupted(tmp_path):
    with RunFolder.create(tmp_path, info("r1", status="running")) as folder:
        stored = folder.info.status
        folder.update(status="done")
    assert status_now("alignment", stored, folder.path) == "done"


def test_single_asks_can_be_compacted_though_nobody_closed_their_run(tmp_path):
    with RunFolder.create(tmp_path, info("r1", kind="probe", status="running")) as folder:
        for place in range(3):
            folder.append([row(place, "r1")])
    assert compact(tmp_path / "r1") == 2
