"""What runs on Ray rest on, without Ray: keys, portions, the size of a crew, what lost workers leave."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from core.audits.base import Answers, Stage
from core.errors import InputError
from core.providers.mock import MockProvider
from core.runs import create_run, estimate, parse_spec, run_audit, stages_of
from core.runs.create import planned_stages
from core.scale.address import parse_engine
from core.scale.crew import Size, environment, size_for
from core.scale.portions import Portion, missing, portion_size, portions
from core.scale.simulation import Work, simulate
from core.settings import settings
from core.store import RunFolder, Store
from core.store.files import cell_keys
from core.store.files.cell_keys import KeySet, packed
from core.store.files.worker_shards import write_part
from core.types import Cell, cell_id
from tests.unit import scale_support as support
from tests.unit.audit_child import bank
from tests.unit.store_rows import row


def key(number: int, sample: int = 0) -> tuple[str, int]:
    return f"{number:020x}", sample


def test_a_set_of_keys_is_a_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_keys, "_WAITING", 50)
    monkeypatch.setattr(cell_keys, "_LARGEST", 400)
    drawn = random.Random(0)
    theirs: set[tuple[str, int]] = set()
    mine = KeySet()
    for _ in range(100):
        some = [key(drawn.randrange(700), drawn.choice([0, 1, 255, 256])) for _ in range(30)]
        seen: set[tuple[str, int]] = set()
        expected = [one not in theirs and one not in seen and not seen.add(one) for one in some]  # type: ignore[func-returns-value]
        assert list(mine.take(packed(some))) == expected
        theirs.update(some)
    assert len(mine) == len(theirs)
    assert list(mine.has(packed([key(1_000_000)]))) == [False]


def cells_of(questions: int = 6) -> tuple[list, Stage]:
    made = support.bank(questions)
    (stage,) = planned_stages("alignment", support.spec_of(made), made)
    return list(stage.cells({})), stage  # type: ignore[arg-type]


def test_a_plan_is_made_anew_each_time_and_counted_beforehand() -> None:
    cells, stage = cells_of()
    again = list(stage.cells({}))  # type: ignore[arg-type]
    assert [cell_id(cell) for cell in again] == [cell_id(cell) for cell in cells]
    assert stage.most_cells == len(cells)


def test_a_plan_of_any_length_is_estimated_without_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = bank(40)
    alive, most = 0, 0

    class Counted(Cell):
        def __init__(self, **given: object) -> None:
            nonlocal alive, most
            super().__init__(**given)
            alive += 1
            most = max(most, alive)

        def __copy__(self) -> Counted:
            nonlocal alive, most
            alive += 1
            most = max(most, alive)
            return super().__copy__()

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    monkeypatch.setattr("core.audits.alignment.audit.Cell", Counted)
    monkeypatch.setattr(sys.modules["core.runs.estimate"], "_LOOK_AHEAD", 50)  # the function has its name
    countries = ("CHN", "USA", "DEU", "NGA", "IND", "BRA", "JPN", "GBR")
    spec = parse_spec("representation", {"models": ["mock"], "questions": list(made.questions), "countries": countries})
    store, cells = Store(tmp_path), 40 * 3 * (1 + 8 * 9)

    def told() -> tuple[int, int]:
        found = estimate(store, "representation", spec, made, lambda name: MockProvider())
        assert found.cells == cells
        return found.cached, found.prompts

    assert told() == (0, cells)
    assert most < 40 * 3 + 10  # no answer can be known: the cells are counted, and only those of nobody are made
    one = spec.model_copy(update={"questions": ("test:T0",), "countries": ("CHN",)})
    run_audit(store, create_run(store, "representation", one, made), made, lambda name: MockProvider())
    most = 0
    assert told() == (3 * (1 + 9), cells - 3 * (1 + 9))
    assert 50 < most < 400


def test_portions_have_each_missing_cell_once() -> None:
    cells, _ = cells_of()
    kept = KeySet()
    kept.add(packed([(cell_id(cells[3]), 0)]))
    made = list(portions(missing([*cells, *cells], KeySet(), kept), 7, 4))
    handed = [cell_id(cell) for portion in made for cell in portion.cells]
    assert sorted(handed) == sorted(cell_id(cell) for cell in cells if cell is not cells[3])
    assert max(len(portion.cells) for portion in made) <= 7


def test_a_plan_without_repeats_remembers_nothing_and_loses_nothing() -> None:
    cells, stage = cells_of()
    names = [(cell_id(cell), cell.sample) for cell in cells]
    assert stage.distinct
    assert len(set(names)) == len(names) == stage.most_cells
    kept = KeySet()
    assert list(missing(cells, None, kept)) == cells
    kept.add(packed(names[2:5]))
    assert list(missing(cells, None, kept)) == [*cells[:2], *cells[5:]]


@pytest.mark.parametrize("twice", [{"models": ("mock", "mock")}, {"languages": ("en", "en")}])
def test_a_spec_that_was_not_checked_and_names_a_thing_twice_asks_it_once(twice: dict[str, tuple[str, ...]]) -> None:
    made = support.bank(2)
    spec = support.spec_of(made)
    (once,) = planned_stages("alignment", spec, made)
    (stage,) = planned_stages("alignment", spec.model_copy(update=twice), made)
    assert not stage.distinct
    cells = list(missing(stage.cells(Answers()), KeySet(), KeySet()))
    assert len(cells) == once.most_cells < stage.most_cells


def test_what_is_left_of_a_portion() -> None:
    cells, _ = cells_of(1)
    portion, keys = Portion(cells), [(cell_id(cell), cell.sample) for cell in cells]
    left = portion.without({keys[0]})
    assert left is not None
    assert left.cells == cells[1:]
    assert portion.without(set(keys)) is None
    assert [cell for half in portion.halves() for cell in half.cells] == cells
    assert portion_size(96, 10**6, 8) == 768


def test_how_many_workers_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CORES", "4"), ("WORKERS", "3")):
        monkeypatch.setenv(f"PARALLAX_RAY_{name}", value)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    settings.cache_clear()
    assert size_for(True, [{"CPU": 10.0}, {"CPU": 3.0}]) == Size(2, 4)
    assert size_for(True, [{"CPU": 2.0}]) == Size(1, 2)
    assert size_for(True, [{"CPU": 8.0, "GPU": 2.0}, {"CPU": 8.0, "GPU": 2.0}]) == Size(3, 1, 1)
    assert size_for(False, [{"CPU": 2.0}]).workers == 3
    assert environment()["PARALLAX_RAY_WORKERS"] == "3"
    assert "sk-canary" not in str(environment())
    settings.cache_clear()


def test_an_engine_has_a_name() -> None:
    assert parse_engine("ray").address is None
    assert parse_engine("ray=10.0.0.1:6379").address == "10.0.0.1:6379"
    for wrong in ("dask", "ray=", ""):
        with pytest.raises(InputError, match="no engine"):
            parse_engine(wrong)


def test_what_workers_left_counts_once_and_only_where_it_is_new(tmp_path: Path) -> None:
    path, _, _ = support.planned(tmp_path, 1)
    rows = [row(run_id=path.name, cell_id=f"{n:020x}") for n in range(6)]
    with RunFolder.open(path) as folder:
        folder.append(rows[:2])
        twice = write_part(path, folder.next_number(), rows[:2])
        some = write_part(path, folder.next_number(), rows[1:4])
        new = write_part(path, folder.next_number(), rows[4:])
        read = Store(tmp_path)
        assert len(read.responses([path.name])) == 2, "what run.json does not list does not count"
    with RunFolder.open(path) as folder:
        listed = folder.info.shards
    assert new.keys() <= listed.keys()
    assert not twice.keys() & listed.keys()
    assert not some.keys() & listed.keys()
    assert sorted(support.stored(path).values()) == [1] * 6
    assert support.leftovers(path) == []


def test_a_failure_that_a_lost_worker_wrote_is_asked_again(tmp_path: Path) -> None:
    path, _, _ = support.planned(tmp_path, 1)
    error = row(run_id=path.name, cell_id=f"{7:020x}", outcome="error", error_kind="provider", error_text="x")
    good = row(run_id=path.name, cell_id=f"{8:020x}")
    with RunFolder.open(path) as folder:
        write_part(path, folder.next_number(), [error, good])
    RunFolder.open(path).close()
    assert support.stored(path) == {(good.cell_id, 0): 1}
    assert len(Store(tmp_path).responses([path.name])) == 1


def test_the_simulation_adds_up() -> None:
    one = simulate([Work(prompts=1600, rate=10)], 2, batch=100, load_s=20)
    assert one.seconds == pytest.approx(100)
    assert one.use == pytest.approx(0.8)
    slow = simulate([Work(prompts=1600, rate=10)], 2, batch=100, load_s=20, handing_s=30)
    assert slow.seconds > 400, "a slow driver is what the workers wait for"
    assert simulate([], 2, batch=1, load_s=1).use == 0


def test_stages_of_a_run_are_the_plan_again(tmp_path: Path) -> None:
    path, made, cells = support.planned(tmp_path, 2)
    (stage,) = stages_of(Store(tmp_path).info(path.name), made)
    assert sum(1 for _ in stage.cells({})) == cells  # type: ignore[arg-type]
