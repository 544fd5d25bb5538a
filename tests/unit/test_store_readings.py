"""Readings that the store keeps ready: always what making them anew from all rows would give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.store import RunFolder, Store
from core.store.files.compact import compact
from core.store.index.readings import ALL, MOST_RUNS, SHIPPED, ReadingFilter
from core.store.index.scopes import UNTUNED, every_run_of
from tests.unit.store_rows import START, info, row

RUNS = ("run-a", "run-b")
CODES = ((1, 2), (2, 1))


def reading_row(run_id, place, question, order, mass, minutes, **changes):
    """A row of one of two printed orders; ``mass`` of the options in the order of their codes."""
    codes = CODES[order]
    values = {
        "question_id": question,
        "model_id": "m",
        "country": None,
        "sex": None,
        "language": "en",
        "codes": codes,
        "mass": tuple(mass[code - 1] for code in codes),
        "created": START + timedelta(minutes=minutes),
    }
    return row(place, run_id, **{**values, **changes})


def readings(store, **chosen):
    frame = store.readings(ReadingFilter(**chosen))
    lists = {
        name: frame[name].map(lambda v: tuple(round(float(x), 9) for x in v))
        for name in ("codes", "probabilities", "probabilities_log")
    }
    found = frame.assign(**lists).astype(object)
    return found.where(found.notna(), None).to_dict("records")


def put(root, run_id, rows):
    path = root / run_id
    with RunFolder.open(path) if path.exists() else RunFolder.create(root, info(run_id)) as folder:
        folder.append(rows)


STEPS = st.one_of(
    st.tuples(
        st.just("put"),
        st.sampled_from(RUNS),
        st.integers(0, 5),
        st.sampled_from(["Q1", "Q2"]),
        st.integers(0, 1),
        st.sampled_from([(0.5, 0.25), (0.125, 0.125), (0.0, 0.0), (0.25, 0.75)]),
        st.integers(-9, 9),
        st.sampled_from(
            [{}, {"tag": "x"}, {"outcome": "error"}, {"paraphrase": 1}, {"country": "CHN"}, {"survey": None}]
        ),
    ),
    st.tuples(st.just("delete"), st.sampled_from(RUNS)),
    st.tuples(st.just("compact"), st.sampled_from(RUNS)),
    st.tuples(st.just("look"), st.sampled_from([ALL, SHIPPED, *RUNS])),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=14))
def test_they_follow_every_change(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("runs")
    store = Store(root)
    store.prepare_readings()
    for step in steps:
        path = root / step[1]
        if step[0] == "put":
            _, run_id, place, question, order, mass, minutes, changes = step
            put(root, run_id, [reading_row(run_id, place, question, order, mass, minutes, **changes)])
        elif step[0] == "look":
            store.prepare_readings(step[1])
        elif path.exists() and step[0] == "delete":
            store.refresh()
            store.delete(step[1])
        elif path.exists() and step[0] == "compact":
            with RunFolder.open(path) as folder:
                folder.update(status="done")
            compact(path)
        store.refresh()
    fresh = Store(root)
    for scope in (ALL, SHIPPED, *RUNS):
        assert readings(store, scope=scope) == readings(fresh, scope=scope)
    store.close()
    fresh.close()


def test_the_latest_answer_of_each_order_counts_and_orders_are_averaged(tmp_path):
    put(
        tmp_path,
        "run-a",
        [reading_row("run-a", 0, "Q1", 0, (0.6, 0.2), 0), reading_row("run-a", 1, "Q1", 1, (0.2, 0.6), 1)],
    )
    store = Store(tmp_path)
    (found,) = readings(store)
    assert found["codes"] == (1, 2)
    assert found["probabilities"] == (0.5, 0.5)
    assert found["valid_mass"] == pytest.approx(0.8)
    assert (found["orders"], found["cell_id"]) == (2, "cell-1")
    put(tmp_path, "run-b", [reading_row("run-b", 0, "Q1", 0, (0.2, 0.2), 2)])
    store.refresh()
    (found,) = readings(store)
    assert found["probabilities"] == (round(0.2 / 0.6, 9), round(0.4 / 0.6, 9))
    assert (found["orders"], found["run_id"]) == (2, "run-b")
    assert [each["orders"] for each in readings(store, scope="run-b")] == [1]


def test_filters(tmp_path):
    more = [
        {},
        {"country": "CHN"},
        {"country": "USA"},
        {"country": "CHN", "age": "18-29"},
        {"language": "zh"},
        {"model_id": "other"},
        {"question_id": "Q2"},
    ]
    base = reading_row("run-a", 0, "Q1", 0, (0.5, 0.5), 0)
    put(tmp_path, "run-a", [base.model_copy(update={"cell_id": f"c{i}", **each}) for i, each in enumerate(more)])
    store = Store(tmp_path)

    def cells(**chosen):
        return sorted(found["cell_id"] for found in readings(store, **chosen))

    assert cells() == ["c0", "c1", "c2", "c3", "c4", "c5", "c6"]
    assert cells(told=("country",)) == ["c1", "c2"]
    assert cells(told=("group",)) == ["c3"]
    assert cells(countries=("CHN",)) == ["c1", "c3"]
    assert cells(countries=("USA", None), languages=("en",), model_ids=("m",)) == ["c0", "c2", "c6"]
    assert cells(question_ids=("Q2",)) == ["c6"]
    assert cells(question_ids=()) == []
    assert cells(countries=()) == []
    assert cells(model_ids=("'; DROP TABLE readings; --",)) == []
    heads = store.reading_heads(ReadingFilter(question_ids=("Q1",), model_ids=("m",), languages=("en",)))
    assert heads[["told", "n"]].to_numpy().tolist() == [["country", 1], ["country", 1], ["group", 1], ["none", 1]]


def test_only_some_runs_are_kept_at_a_time_and_all_stay_right(tmp_path):
    names = [f"run-{i}" for i in range(MOST_RUNS + 3)]
    for i, name in enumerate(names):
        put(tmp_path, name, [reading_row(name, 0, "Q1", 0, (0.5, 0.25), i)])
    store = Store(tmp_path)
    for name in [*names, ALL, *names]:
        found = readings(store, scope=name)
        assert len(found) == 1
        assert found[0]["run_id"] == (names[-1] if name == ALL else name)
    kept = store.frame("SELECT DISTINCT scope FROM readings")["scope"]
    assert set(kept) == {ALL, *names[-MOST_RUNS:]}


def test_shipped_readings_are_those_of_shipped_runs_alone(tmp_path):
    ours, theirs = tmp_path / "shipped", tmp_path / "runs"
    put(ours, "run-a", [reading_row("run-a", 0, "Q1", 0, (0.5, 0.25), 0)])
    put(theirs, "run-b", [reading_row("run-b", 0, "Q1", 0, (0.25, 0.5), 5)])
    store = Store(theirs, [ours])
    assert [found["run_id"] for found in readings(store)] == ["run-b"]
    assert [found["run_id"] for found in readings(store, scope=SHIPPED)] == ["run-a"]


def test_an_answer_dated_in_the_future_hides_nothing(tmp_path):
    """The clock was ahead and was set back: what is measured afterwards counts, and all rows are still there."""
    ahead = datetime.now(UTC) + timedelta(days=400)
    early = reading_row("run-a", 0, "Q1", 0, (0.9, 0.1), 0).model_copy(update={"created": ahead})
    put(tmp_path, "run-a", [early])
    store = Store(tmp_path)
    assert [found["run_id"] for found in readings(store)] == ["run-a"]
    put(tmp_path, "run-b", [reading_row("run-b", 0, "Q1", 0, (0.1, 0.9), 0)])
    store.refresh()
    assert [found["run_id"] for found in readings(store)] == ["run-b"]
    assert len(store.responses()) == 2
    assert store.lookup(["key-0"])["key-0"].run_id == "run-b"


def test_what_is_found_about_makers_rests_on_no_tuned_model_and_no_run_made_for_one(tmp_path) -> None:
    put(tmp_path, "alignment-m", [reading_row("alignment-m", place, "Q1", place, (0.5, 0.5), 1) for place in (0, 1)])
    rows = [reading_row("tuned-quadrants-m", place, "Q1", place, (0.2, 0.8), 9) for place in (0, 1)]
    put(tmp_path, "tuned-quadrants-m", rows)
    put(tmp_path, "probe-1", [reading_row("probe-1", 0, "Q1", 0, (0.1, 0.9), 9, model_id="tuned-m")])
    store = Store(tmp_path)
    found = readings(store, scope=UNTUNED)
    assert [(one["model_id"], one["run_id"], one["probabilities"]) for one in found] == [
        ("m", "alignment-m", (0.5, 0.5))
    ]
    assert {one["model_id"] for one in readings(store, scope=ALL)} == {"m", "tuned-m"}
    assert readings(store, scope=every_run_of("m")) == found
    assert [one["model_id"] for one in readings(store, scope=every_run_of("tuned-m"), model_ids=("tuned-m",))] == [
        "tuned-m"
    ]
    store.close()
