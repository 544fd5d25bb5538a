"""Counts of outcomes, and how the making of two runs differs."""

from __future__ import annotations

from core.store import Store
from core.store.index.outcomes import differences, outcomes
from tests.unit.store_rows import info, row, rows


def test_outcomes_are_counted_by_kind_of_error(tmp_path):
    store = Store(tmp_path)
    with store.create(info()) as run:
        store.append(run, rows(3))
        failed = [row(i, outcome="error", error_kind="refused", mass=(), codes=()) for i in (7, 8)]
        store.append(run, [*failed, row(9, outcome="refusal")])
    found = outcomes(store, "run-1")
    assert found.values.tolist() == [["option", "", 3], ["error", "refused", 2], ["refusal", "", 1]]
    assert outcomes(store, "no-such-run").empty
    store.close()


def test_only_what_differs_is_listed():
    before = info("a", models={"m": None, "n": "1"}, libraries={"torch": "2.8"}, spec={"seed": 0, "models": ["m"]})
    after = info("b", models={"m": "rev", "n": "1"}, libraries={}, spec={"seed": 1, "models": ["m"]})
    assert differences(before, after).values.tolist() == [
        ["models", "m", "null", "rev"],
        ["libraries", "torch", "2.8", ""],
        ["spec", "seed", "0", "1"],
    ]
    assert differences(before, before).empty
    assert differences(info("a", spec=None), info("b", spec="text")).empty
