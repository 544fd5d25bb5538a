"""From which runs readings come: single asks and made-up answers stay out where they are left out."""

import pytest

from core.store import RunFolder, Store
from core.store.index.readings import ReadingFilter
from core.store.index.scopes import ALL, OWN, SHIPPED, condition, is_run, scope_of
from tests.unit.store_rows import info
from tests.unit.test_store_readings import reading_row


def put(root, run_id, kind, provider):
    made = reading_row(run_id, 0, "Q1", 0, (0.5, 0.25), 0)
    row = made.model_copy(update={"provider": provider, "model_id": f"model of {run_id}"})
    with RunFolder.create(root, info(run_id, kind=kind)) as folder:
        folder.append([row])


@pytest.fixture
def store(tmp_path):
    put(tmp_path / "shipped", "run-shipped", "alignment", "local")
    put(tmp_path / "runs", "run-own", "alignment", "local")
    put(tmp_path / "runs", "run-single", "probe", "local")
    put(tmp_path / "runs", "run-mock", "alignment", "mock")
    opened = Store(tmp_path / "runs", [tmp_path / "shipped"])
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("scope", "runs"),
    [
        (scope_of(ALL), {"run-shipped", "run-own", "run-single", "run-mock"}),
        (scope_of(ALL, single=False, mock=False), {"run-shipped", "run-own"}),
        (scope_of(ALL, single=False), {"run-shipped", "run-own", "run-mock"}),
        (scope_of(OWN, mock=False), {"run-own", "run-single"}),
        (scope_of(SHIPPED), {"run-shipped"}),
        ("run-mock", {"run-mock"}),
    ],
)
def test_a_scope_holds_just_the_readings_of_its_runs(store, scope, runs):
    chosen = ReadingFilter(scope=scope)
    assert set(store.readings(chosen)["run_id"]) == runs
    assert set(store.printed(chosen)["model_id"]) == {f"model of {run}" for run in runs}


def test_the_store_says_what_there_is_beside_audits(store, tmp_path):
    assert store.reading_extras() == ["single", "mock"]
    assert Store(tmp_path / "shipped").reading_extras() == []


def test_what_is_no_scope_is_refused():
    assert is_run("run-1")
    assert not is_run("*sm")
    with pytest.raises(ValueError, match="no scope"):
        condition("*x")
