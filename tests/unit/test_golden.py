"""What must not move while rooms, names and the schema do: ids, keys, versions, and every figure that a page shows.

The pinned values lie in ``tests/unit/golden/pinned``; ``golden/make.py`` says when they may be written anew.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from core.settings import DATA
from core.store import Store
from core.store.files.imports import import_run
from core.store.index.export import export_csv, export_parquet, export_zip
from tests.unit.golden import pins
from tests.unit.golden.figures import FIGURES, World, open_world
from tests.unit.golden.identities import (
    KINDS,
    PROBE,
    TODAY,
    Silent,
    asked,
    identities,
    resume,
    stored,
    stored_rows_of,
    verified,
)

OLD = Path(__file__).parent.parent / "data" / "runs_v1"
OLD_RUNS = sorted(path.name for path in OLD.iterdir() if path.is_dir())
STOPPED = "v1-stopped"


def kind_on_disk(run_id: str) -> str:
    return str(json.loads((OLD / run_id / "run.json").read_text(encoding="utf-8"))["kind"])


PLANNED = [run_id for run_id in OLD_RUNS if kind_on_disk(run_id) != PROBE]


@pytest.fixture(scope="module")
def world() -> World:
    return open_world()


@pytest.fixture(scope="module")
def old() -> Store:
    return Store(OLD)


@pytest.mark.parametrize("page", FIGURES)
def test_the_figures_of_a_page_are_those_that_were_pinned(world: World, page: str) -> None:
    changed = pins.changes(page, pins.read(page), pins.pinned(FIGURES[page](world)))
    assert not changed, "\n" + "\n".join(changed)


FEW = ("alignment-gemma-270m", "demo-citizens", "demo-edc-escalation", "demo-groups-en", "traces-qwen-1.5b")
"""The smallest run of each audit. Planning all 25 anew takes minutes and is marked as slow."""


@pytest.mark.parametrize("planned", [FEW, pytest.param(None, marks=pytest.mark.slow)], ids=["few", "all"])
def test_ids_keys_and_versions_are_those_that_were_pinned(world: World, planned: tuple[str, ...] | None) -> None:
    found = pins.pinned(identities(world.store, world.bank, planned))
    expected = pins.read("identities")
    if planned is not None:
        rows = expected["digests"]["rows"]
        expected["digests"]["rows"] = [row for row in rows if row[0] in planned or not row[1].endswith(TODAY)]
    changed = pins.changes("identities", expected, found)
    assert not changed, "\n" + "\n".join(changed)
    digests = {(run, what): (n, digest) for run, what, n, digest in found["digests"]["rows"]}
    for run in planned or {run for run, _ in digests}:
        assert digests[run, "stored cells"] == digests[run, "cells of today"], run
        assert digests[run, "stored keys"] == digests[run, "keys of today"], run


def test_every_shipped_run_is_sound(world: World) -> None:
    assert world.store.problems() == []
    for run_id in world.store.runs()["run_id"]:
        assert sum(verified(DATA / "runs" / run_id).values()) > 0


def test_old_runs_of_every_kind_are_kept() -> None:
    assert {kind_on_disk(run_id) for run_id in OLD_RUNS} == set(KINDS)


@pytest.mark.parametrize("run_id", OLD_RUNS)
def test_a_run_of_version_1_opens_and_verifies(old: Store, run_id: str) -> None:
    assert json.loads((OLD / run_id / "run.json").read_text(encoding="utf-8"))["schema_version"] == 1
    assert old.problems() == []
    info = old.info(run_id)
    assert info.kind == KINDS[kind_on_disk(run_id)]
    shards = verified(OLD / run_id)
    assert shards == {name: entry.rows for name, entry in info.shards.items()}
    rows = stored_rows_of(old, run_id)
    steps = old.steps_of(run_id, [row.cell_id for row in rows])
    assert len(rows) + sum(map(len, steps.values())) == sum(shards.values())


@pytest.mark.parametrize("run_id", [run_id for run_id in PLANNED if run_id != STOPPED])
def test_nothing_is_left_to_ask_of_a_run_of_version_1(old: Store, world: World, tmp_path: Path, run_id: str) -> None:
    before = stored(old, run_id)
    assert asked(old, run_id, world.bank) == before
    shutil.copytree(OLD / run_id, tmp_path / run_id)
    store = Store(tmp_path)
    silent = Silent(old.info(run_id).models)
    info = resume(store, run_id, world.bank, lambda _: silent)
    assert (info.status, info.kind) == ("done", KINDS[kind_on_disk(run_id)])
    assert stored(store, run_id) == before
    assert stored_rows_of(Store(tmp_path), run_id) == stored_rows_of(old, run_id)


def test_a_stopped_run_of_version_1_takes_what_is_missing_from_the_shipped_runs(
    old: Store, world: World, tmp_path: Path
) -> None:
    before, whole = stored(old, STOPPED), stored(old, "v1-countries")
    assert before.items() < whole.items()
    shutil.copytree(OLD / STOPPED, tmp_path / STOPPED)
    store = Store(tmp_path, [DATA / "runs"])
    silent = Silent(old.info(STOPPED).models)
    assert resume(store, STOPPED, world.bank, lambda _: silent).status == "done"
    assert stored(store, STOPPED) == whole
    assert {row.copied_from for row in stored_rows_of(store, STOPPED)} <= set(world.store.runs()["run_id"])


@pytest.mark.parametrize("run_id", OLD_RUNS)
def test_a_run_of_version_1_is_passed_on_whole(old: Store, tmp_path: Path, run_id: str) -> None:
    export_zip(old, run_id, tmp_path / "run.zip")
    taken = import_run(tmp_path / "run.zip", tmp_path / "there")
    from_folder = import_run(OLD / run_id, tmp_path / "elsewhere")
    assert taken.kind == from_folder.kind == KINDS[kind_on_disk(run_id)]
    rows = stored_rows_of(old, run_id)
    for place in ("there", "elsewhere"):
        store = Store(tmp_path / place)
        assert store.problems() == []
        assert stored_rows_of(store, run_id) == rows
    assert export_parquet(store, tmp_path / "rows.parquet") == len(rows)
    assert pq.read_metadata(tmp_path / "rows.parquet").num_rows == len(rows)
    assert export_csv(store, tmp_path / "rows.csv") == len(rows)


def test_a_difference_is_told_so_that_it_can_be_found() -> None:
    before = {"matrix": {"columns": ["who", "skill"], "rows": [["CHN", 0.123456789], ["USA", 1]]}}
    after = {"matrix": {"columns": ["who", "skill"], "rows": [["CHN", 0.123456788], ["USA", 1.0]]}}
    assert pins.changes("alignment", before, before) == []
    assert pins.changes("alignment", before, after) == [
        "alignment · matrix: row 0 (CHN), skill: 0.123456789 before, 0.123456788 after"
    ]
    assert pins.changes("alignment", before, {}) == ["alignment · matrix: the frame is gone"]
    assert not pins.same(None, 0.0)
    assert pins.same(0.0, 1e-17)
    assert not pins.same(1, True)
