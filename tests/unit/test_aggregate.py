"""A large run opened through its aggregate shows what it shows with all its answers in memory, or says why not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.cli import main
from core.errors import DataError, InputError
from core.findings.card import measured, models_measured
from core.findings.compare import known_sides
from core.findings.unanswered import unanswered, unanswered_by_government
from core.runs.bank import load_bank
from core.store import RunFolder, Selection, Store
from core.store.files.aggregate import AGGREGATE_FILE, sha256_of
from core.store.files.imports import import_run
from core.store.index import reader
from core.store.index.aggregates import NEVER
from core.store.index.export import export_csv, export_parquet, export_zip
from core.store.index.make_aggregate import make_aggregate
from core.store.index.outcomes import error_texts, outcomes
from core.store.index.reader import AnswerFilter, answer_places, answers, choices, printed_beside, runs_in, under_half
from core.store.index.readings import ALL, ReadingFilter
from core.store.index.scopes import OWN, UNTUNED, scope_of
from core.store.index.served import served_names
from tests.unit.store_rows import START, info, row

LARGE, SMALL = "large", "small"
ORDERS = (((1, 2, 3), (0.5, 0.2, 0.1)), ((3, 2, 1), (0.3, 0.25, 0.2)))


def grid(run_id: str, questions=("Q1", "Q57", "Q71"), models=("m-a", "m-b", "mock-1"), minutes=0, step=1):
    """Readings of every kind of persona, in two orders, with a refusal, an invalid one, errors and rows asked again."""
    found, place = [], 0
    people = [(None, None), ("CHN", None), ("USA", None), ("CHN", "female")]
    for model in models:
        for question in questions:
            for country, sex in people:
                for language in ("en", "zh"):
                    for codes, mass in ORDERS[::step]:
                        shift = (place % 7) / 20
                        shares = (mass[0] - shift / 2, mass[1] + shift / 2, mass[2])
                        found.append(
                            row(
                                place,
                                run_id,
                                model_id=model,
                                provider="mock" if model.startswith("mock") else "local",
                                question_id=question,
                                country=country,
                                sex=sex,
                                language=language,
                                codes=codes,
                                mass=shares,
                                valid_mass=sum(shares) - (0.5 if place % 11 == 0 else 0),
                                served_model="served" if place % 5 == 0 else None,
                                created=START + timedelta(minutes=minutes, seconds=place),
                                **_oddity(place),
                            )
                        )
                        place += 1
    return found


def _oddity(place: int) -> dict[str, object]:
    """What becomes of some answers."""
    if place % 13 == 5:
        return {
            "outcome": "error",
            "error_kind": "timeout",
            "error_text": f"waited {place % 2}",
            "cell_id": f"c{place}",
        }
    if place % 17 == 3:
        return {"outcome": "refusal", "parsed_code": None}
    if place % 19 == 4:
        return {"tag": "other"}
    return {}


def put(root: Path, run_id: str, rows, shards: int = 4, **changes) -> Path:
    """A run of ``rows`` in some shards, the last of which answers some cells of the first again."""
    with RunFolder.create(root, info(run_id, status="done", **changes)) as folder:
        for part in range(shards):
            folder.append(rows[part::shards])
        again = rows[0].model_copy(
            update={"mass": (0.1, 0.2, 0.6), "created": rows[0].created + timedelta(hours=5), "text": "second"}
        )
        failed = next(one for one in rows if one.outcome == "error")
        good = failed.model_copy(update={"outcome": "option", "error_kind": None, "error_text": None})
        worse = rows[1].model_copy(update={"outcome": "error", "error_kind": "timeout", "error_text": "late"})
        folder.append([again, good, worse])
    return folder.path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One large run with its aggregate, and one small run that answers some of the same questions later."""
    place = tmp_path_factory.mktemp("made")
    make_aggregate(put(place, LARGE, grid(LARGE)))
    put(place, SMALL, grid(SMALL, ("Q57",), ("m-a",), minutes=300, step=2), shards=1)
    return place


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy of these runs that a test may change."""
    return shutil.copytree(made, tmp_path / "runs")


def both(root: Path) -> tuple[Store, Store]:
    """The runs opened through the aggregate of the large one, and with all answers in memory."""
    through = Store(root, aggregate_above=50)
    assert through.is_aggregated(LARGE)
    assert not through.is_aggregated(SMALL)
    return through, Store(root, aggregate_above=NEVER)


def plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    """A frame as rows that can be compared: lists are rounded, and what is missing is None."""

    def value(found: object) -> object:
        if hasattr(found, "__len__") and not isinstance(found, str):
            return [value(one) for one in found]
        if isinstance(found, float):
            return None if pd.isna(found) else round(found, 9)
        return None if pd.isna(found) else found

    return [{name: value(found) for name, found in line.items()} for line in frame.to_dict("records")]


def in_any_order(frame: pd.DataFrame) -> list[dict[str, object]]:
    return sorted(plain(frame), key=repr)


SCOPES = (ALL, OWN, UNTUNED, scope_of(ALL, mock=False), scope_of(OWN, single=False, mock=False), LARGE, SMALL)


def test_readings_are_equal(made: Path) -> None:
    through, usual = both(made)
    for scope in SCOPES:
        for chosen in ({}, {"told": ("none", "country"), "languages": ("en",)}, {"countries": ("CHN", None)}):
            wanted = ReadingFilter(scope=scope, **chosen)
            assert plain(through.readings(wanted)) == plain(usual.readings(wanted))
            assert plain(through.reading_heads(wanted)) == plain(usual.reading_heads(wanted))
        assert len(through.readings(ReadingFilter(scope=scope)))


def test_counts_are_equal(made: Path) -> None:
    through, usual = both(made)
    questions = load_bank().questions
    for call in (
        Store.runs,
        Store.reading_extras,
        models_measured,
        lambda store: outcomes(store, LARGE),
        lambda store: error_texts(store, LARGE),
        lambda store: under_half(store, LARGE),
        lambda store: runs_in(store, scope_of(ALL, mock=False)),
        lambda store: served_names(store, [LARGE, SMALL]),
        lambda store: unanswered(store, questions, ALL),
        lambda store: unanswered_by_government(store, questions, scope_of(ALL, mock=False)),
        lambda store: measured(store, "m-a", ALL),
        known_sides,
        Store.contents,
    ):
        one, other = call(through), call(usual)
        if isinstance(one, pd.DataFrame):
            one, other = in_any_order(one), in_any_order(other)
        assert one == other
    counts = through.runs().set_index("run_id").loc[LARGE]
    assert counts["rows"] == len(grid(LARGE))
    assert 0 < counts["errors"] < counts["rows"]


def test_single_answers_come_from_the_shards(made: Path, tmp_path: Path) -> None:
    through, usual = both(made)
    some = AnswerFilter(run_ids=(LARGE,), model_ids=("m-a",), languages=("en",))
    cells = list(answer_places(usual, some)["cell_id"])
    assert choices(through, LARGE) == choices(usual, LARGE)
    assert reader.how_many(through, some) == reader.how_many(usual, some) == len(cells)
    for call in (answer_places, answers):
        assert plain(call(through, some)) == plain(call(usual, some))
    assert through.rows(LARGE, cells) == usual.rows(LARGE, cells)
    assert through.rows(LARGE, cells)[0].rendered_prompt
    assert printed_beside(through, LARGE, cells[0]) == printed_beside(usual, LARGE, cells[0])
    for export, name in ((export_csv, "a.csv"), (export_parquet, "a.parquet")):
        found = [tmp_path / f"{n}-{name}" for n in range(2)]
        whole = Selection(run_ids=(LARGE,))
        counts = [export(store, path, whole) for store, path in zip((through, usual), found, strict=True)]
        assert counts == [len(grid(LARGE))] * 2
    assert (tmp_path / "0-a.csv").read_bytes() == (tmp_path / "1-a.csv").read_bytes()
    with pytest.raises(InputError, match="open through its aggregate"):
        through.responses([LARGE])
    with pytest.raises(InputError, match="open through its aggregate"):
        through.kept(LARGE)


def test_who_writes_the_run_has_its_answers_in_memory(root: Path) -> None:
    through, usual = both(root)
    with through.open(LARGE):
        through.refresh()
        assert not through.is_aggregated(LARGE)
    through.refresh()
    assert through.is_aggregated(LARGE)
    with through.open(LARGE) as folder:
        assert through.kept(LARGE) == usual.kept(LARGE)
        through.append(folder, [row(9_000, LARGE, model_id="m-a", created=START + timedelta(days=1))])
    usual.refresh()
    assert plain(through.readings()) == plain(usual.readings())
    assert through.problems() == []


def test_other_runs_come_grow_and_go(root: Path) -> None:
    through, _ = both(root)
    through.prepare_readings()
    put(root, "later", grid("later", ("Q57", "Q1"), ("m-b",), minutes=900), shards=1)
    for change in (lambda: None, lambda: through.delete(SMALL), lambda: through.delete("later")):
        change()
        through.refresh()
        usual = Store(root, aggregate_above=NEVER)
        assert plain(through.readings()) == plain(usual.readings())
    through.delete(LARGE)
    assert through.readings().empty
    assert through.runs().empty


def test_two_aggregates_that_share_readings(root: Path) -> None:
    make_aggregate(put(root, "larger", grid("larger", minutes=400, step=2)))
    through, usual = both(root)
    assert through.is_aggregated("larger")
    for scope in (ALL, scope_of(ALL, mock=False), "larger", LARGE):
        wanted = ReadingFilter(scope=scope)
        assert plain(through.readings(wanted)) == plain(usual.readings(wanted))


def test_a_reading_of_the_mock_model_and_another_is_never_mixed(tmp_path: Path) -> None:
    rows = grid(LARGE)
    mixed = [one.model_copy(update={"provider": "mock"}) if n % 2 else one for n, one in enumerate(rows)]
    make_aggregate(put(tmp_path, LARGE, mixed))
    through, usual = both_of(tmp_path)
    for scope in (ALL, scope_of(ALL, mock=False)):
        assert plain(through.readings(ReadingFilter(scope=scope))) == plain(usual.readings(ReadingFilter(scope=scope)))


def both_of(root: Path) -> tuple[Store, Store]:
    return Store(root, aggregate_above=0), Store(root, aggregate_above=NEVER)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def table_of(root: Path, name: str) -> Path:
    return root / LARGE / json.loads((root / LARGE / AGGREGATE_FILE).read_text())[name]["name"]


@pytest.fixture(scope="module")
def expected(made: Path) -> tuple[object, object]:
    """Readings and runs, with all answers in memory."""
    usual = Store(made, aggregate_above=NEVER)
    return plain(usual.readings()), in_any_order(usual.runs())


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda root: damage(table_of(root, "readings")), "damaged"),
        (lambda root: table_of(root, "replaced").unlink(), "damaged"),
        (lambda root: (root / LARGE / AGGREGATE_FILE).write_text("{"), "damaged"),
        (lambda root: other_version(root), "another version"),
        (lambda root: forge(root, "readings", language="xx"), "language"),
        (lambda root: forge(root, "readings", persona="nowhere"), "persona"),
        (lambda root: forge(root, "readings", probabilities=[2.0]), "probabilities"),
        (lambda root: forge(root, "tallies", outcome="won"), "outcome"),
        (lambda root: forge(root, "tallies", n="many"), "columns of an aggregate"),
        (lambda root: (root / LARGE / AGGREGATE_FILE).unlink(), ""),
    ],
)
def test_an_aggregate_that_does_not_fit_is_not_used_and_said(root: Path, expected, harm, said: str) -> None:
    harm(root)
    store = Store(root, aggregate_above=50)
    assert not store.is_aggregated(LARGE)
    assert (plain(store.readings()), in_any_order(store.runs())) == expected
    assert [said in text for path, text in store.problems() if path.name == LARGE] == ([True] if said else [])


def test_an_open_store_sees_a_run_that_grows_and_an_aggregate_that_goes(root: Path) -> None:
    through, _ = both(root)
    put_more(root)
    through.refresh()
    assert not through.is_aggregated(LARGE)
    assert ["has changed since" in text for _, text in through.problems()] == [True]
    usual = Store(root, aggregate_above=NEVER)
    assert plain(through.readings()) == plain(usual.readings())
    make_aggregate(root / LARGE)
    through.refresh()
    assert through.is_aggregated(LARGE)
    assert plain(through.readings()) == plain(usual.readings())
    table_of(root, "readings").unlink()
    assert plain(through.readings()) == plain(usual.readings())
    assert not through.is_aggregated(LARGE)


def forge(root: Path, name: str, **values: object) -> None:
    """Give a table of the aggregate the same value in every row, and the aggregate the hash of the new table."""
    path, named = table_of(root, name), root / LARGE / AGGREGATE_FILE
    table = pq.read_table(path)
    for column, value in values.items():
        table = table.set_column(table.column_names.index(column), column, pa.array([value] * table.num_rows))
    pq.write_table(table, path)
    sha256 = sha256_of(path)
    assert sha256
    forged = path.rename(path.with_name(f"aggregate-{name}-{sha256[:16]}.parquet"))
    whole = json.loads(named.read_text())
    named.write_text(json.dumps(whole | {name: {**whole[name], "name": forged.name, "sha256": sha256}}))


def put_more(root: Path) -> None:
    with RunFolder.open(root / LARGE) as folder:
        folder.append([row(8_000, LARGE, model_id="m-a", question_id="Q2", created=START + timedelta(days=1))])


def other_version(root: Path) -> None:
    path = root / LARGE / AGGREGATE_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"made_by": "another"}))


def test_a_damaged_shard_is_never_read_for_single_answers(root: Path) -> None:
    through, _ = both(root)
    shard = next((root / LARGE).glob("responses-*.parquet"))
    damage(shard)
    with pytest.raises(DataError, match="does not match its hash"):
        choices(through, LARGE)
    shard.unlink()
    later = Store(root, aggregate_above=50)
    assert not later.is_aggregated(LARGE)
    assert any("missing" in text for _, text in later.problems())


def test_what_has_no_aggregate(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("others")
    with pytest.raises(InputError, match="kind"):
        make_aggregate(put(elsewhere, "other", grid("other"), kind="stability"))
    late = [one.model_copy(update={"created": datetime.now(UTC) + timedelta(days=1)}) for one in grid("clock")]
    with pytest.raises(DataError, match="future"):
        make_aggregate(put(elsewhere, "clock", late))
    with RunFolder.open(root / LARGE), pytest.raises(InputError):
        make_aggregate(root / LARGE)
    damage(next((root / LARGE).glob("responses-*.parquet")))
    with pytest.raises(DataError):
        make_aggregate(root / LARGE)
    assert not list((root / LARGE).glob(".tmp-*"))


def test_too_little_memory_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.index.make_aggregate._MEMORY", "1MB")
    with pytest.raises(DataError, match="could not be made"):
        make_aggregate(root / LARGE)
    assert not list((root / LARGE).glob(".tmp-*"))
    assert Store(root, aggregate_above=50).is_aggregated(LARGE)


def test_a_copy_of_the_run_makes_its_own(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("copies")
    import_run(root / LARGE, elsewhere)
    assert not (elsewhere / LARGE / AGGREGATE_FILE).exists()
    export_zip(Store(root, aggregate_above=0), LARGE, elsewhere / "run.zip")
    assert import_run(elsewhere / "run.zip", elsewhere / "second").run_id == LARGE


@pytest.mark.usefixtures("few_shipped")
def test_a_run_that_ends_makes_its_aggregate_and_is_resumed_with_its_answers(
    tmp_path: Path, configure: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    configure(mock=True, runs_dir=tmp_path, cache_dir=tmp_path / "cache", aggregate_above=1)
    asked = ["--model", "mock", "--question", "Q165", "--persona", "CHN", "--set", "text_check=false"]
    assert main(["run", *asked, "--id", "mine"]) == 0
    store = Store(tmp_path)
    assert store.is_aggregated("mine")
    before = plain(store.readings())
    assert before
    capsys.readouterr()
    assert main(["resume", "mine", "--json"]) == 0
    ended = json.loads(capsys.readouterr().out)
    assert ended["counts"] == {"planned": 4, "answers": 4, "copied": 0, "errors": 0}
    later = Store(tmp_path)
    assert later.is_aggregated("mine")
    assert plain(later.readings()) == before
    (tmp_path / "mine" / AGGREGATE_FILE).unlink()
    assert not Store(tmp_path).is_aggregated("mine")
    assert main(["runs", "aggregate", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"run_id": "mine", "answers": 4, "readings": 2}]
    assert plain(Store(tmp_path).readings()) == before
    assert main(["runs", "aggregate", "nobody"]) == 2


KILLED = """
import sys
from collections.abc import Callable
from pathlib import Path
from core.store.index import make_aggregate as place
step, path = sys.argv[1], Path(sys.argv[2])
def wait(*values, **named):
    print("here", flush=True)
    sys.stdin.read()
setattr(place, step, wait)
place.make_aggregate(path)
"""


@pytest.mark.parametrize("step", ["make_readings", "keep_aggregate"])
def test_a_maker_that_is_killed_leaves_the_run_as_it_was(root: Path, step: str) -> None:
    before = Store(root, aggregate_above=NEVER)
    put_more(root)
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, step, str(root / LARGE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "here\n"
    child.kill()
    child.communicate()
    before.refresh()
    later = Store(root, aggregate_above=50)
    assert not later.is_aggregated(LARGE)
    assert plain(later.readings()) == plain(before.readings())
    make_aggregate(root / LARGE)
    assert not list((root / LARGE).glob(".tmp-*"))
    assert len(list((root / LARGE).glob("aggregate-*.parquet"))) == 3
    assert plain(Store(root, aggregate_above=50).readings()) == plain(before.readings())
