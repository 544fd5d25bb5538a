"""The runs that ship with Parallax: whole, small, as their specs say, and measured again to the same numbers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from core.audits import AUDITS
from core.cli.specs import read_order
from core.providers import get_provider
from core.providers.local.hub import is_here
from core.runs.bank import load_bank
from core.runs.runner import Runner
from core.settings import DATA
from core.store import Store
from core.types import Response, cell_id
from tests.unit.planned import cells_of

RUNS = DATA / "runs"
SAMPLE = 6
SPECS = [path for path in sorted((DATA / "specs").glob("*.toml")) if not path.stem.startswith("tune-")]
MADE = [path for path in SPECS if (RUNS / str(read_order(path).id)).is_dir()]
MADE_BY_CODE = "mark-1"
"""The template of the votes of traces, which no model was asked for; an edition of the wording may follow it."""
LARGEST_DATA = 40 * 10**6


@pytest.fixture(scope="module")
def shipped() -> Store:
    return Store(RUNS)


class Nowhere:
    """Keeps nothing, so that everything is asked."""

    def lookup(self, keys):
        return {}

    def append(self, rows):
        return list(rows)


def test_what_ships_is_sound_and_small(shipped: Store) -> None:
    assert shipped.problems() == []
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) < LARGEST_DATA


def test_no_spec_says_of_a_run_that_it_ships_where_it_does_not() -> None:
    says = [path.stem for path in SPECS if "ships with Parallax" in path.read_text("utf-8").split("\n", 1)[0]]
    assert set(says) <= {path.stem for path in MADE}
    assert says


@pytest.mark.slow  # test_golden.py pins the cells that each shipped run holds and those that its spec asks today
@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
def test_a_run_holds_exactly_the_cells_of_its_spec(shipped: Store, path: Path) -> None:
    info, bank = shipped.info(str(read_order(path).id)), load_bank()
    rows = shipped.responses([info.run_id])
    asked = rows[rows.prompt_version.str.split("/").str[0] != MADE_BY_CODE]
    assert sorted(asked.cell_id) == sorted({cell_id(cell) for cell in cells_of(info, bank, shipped)})


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.stem)
def test_a_run_is_done_and_is_that_of_its_spec(shipped: Store, path: Path) -> None:
    order = read_order(path)
    info = shipped.info(order.id)
    assert (info.status, info.kind, info.title, info.note) == ("done", order.audit, order.title, order.note)
    spec = AUDITS[order.audit]().Spec
    assert spec.model_validate(order.spec) == spec.model_validate(info.spec)
    rows = shipped.responses([info.run_id])
    assert "error" not in set(rows.outcome)
    assert len(info.shards) <= 3
    # Traces were made before they were runs like any other.
    assert {"torch", "transformers", "numpy"} <= info.libraries.keys() or info.kind == "traces"
    assert all(info.models.values())


def test_countries_and_languages_are_those_that_were_promised(shipped: Store) -> None:
    english = shipped.responses(["demo-countries-en"])
    assert english.question_id.nunique() >= 60
    assert english.country.nunique() == 8
    assert english.country.isna().any()
    chinese = shipped.responses(["demo-countries-zh"])
    assert set(chinese.country.dropna()) == {"CHN", "USA"}
    assert set(chinese.language) == {"zh"}
    assert set(chinese.question_id) == set(english.question_id)


def test_groups_are_those_that_were_promised(shipped: Store) -> None:
    rows = shipped.responses(["demo-groups-en"])
    assert rows.question_id.nunique() >= 30
    for country in ("CHN", "USA", "DEU", "JPN"):
        own = rows[rows.country == country]
        assert (own.age.nunique(), own.sex.nunique(), own.education.nunique()) == (3, 2, 3)


MEASURED_AGAIN = ("alignment-smollm2", "edc-wave-1")
"""Specs of which cells are measured again in every run of the tests; the others are slow ones."""


def measured_again() -> list[ParameterSet]:
    """Every spec that was made, all but a few marked as slow."""
    slow = {path: () if path.stem in MEASURED_AGAIN else (pytest.mark.slow,) for path in MADE}
    return [pytest.param(path, marks=marks, id=path.stem) for path, marks in slow.items()]


@pytest.mark.model
@pytest.mark.parametrize("path", measured_again())
def test_a_sample_of_cells_measured_again_gives_the_same_numbers(
    shipped: Store, path: Path, builtin_model_dir: Path
) -> None:
    info, bank = shipped.info(str(read_order(path).id)), load_bank()
    missing = [name for name in info.models if not is_here(bank.models[name])]
    if missing:
        pytest.skip(f"the weights of {missing} are not on this computer: python -m core models fetch")
    cells = [cell for cell in cells_of(info, bank, shipped) if cell.kind == "options"]
    chosen = random.Random(info.run_id).sample(cells, SAMPLE)
    kept = {row.cell_id: row for row in shipped.rows(info.run_id, [cell_id(cell) for cell in chosen])}
    again: list[Response] = [r.response for r in Runner(Nowhere(), get_provider).run(chosen, fresh=True)]
    assert len(again) == SAMPLE
    for row in again:
        assert row.codes == kept[row.cell_id].codes
        assert row.mass == pytest.approx(kept[row.cell_id].mass, abs=1e-4)
        assert row.cache_key == kept[row.cell_id].cache_key
