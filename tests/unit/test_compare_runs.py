"""Comparing two runs: pairing, distances, and what counts as noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.findings.compare.runs import COLUMNS, SAME, by_question, compare_runs
from core.types import LocalText, Option, Question


def question(name: str, scale: str = "ordinal", k: int = 3) -> Question:
    text = LocalText(en=name, zh=name)
    return Question(
        id=name,
        survey="s",
        topic="t",
        short=text,
        stem=text,
        options=tuple(Option(code=i, text=LocalText(en=str(i), zh=str(i))) for i in range(1, k + 1)),
        scale=scale,
        polarity=1 if scale == "ordinal" else 0,
    )


BANK = {f"Q{i}": question(f"Q{i}", "nominal" if i == 0 else "ordinal") for i in range(30)}


def row(name: str, mass: tuple[float, ...], codes: tuple[int, ...] = (1, 2, 3), **changes: Any) -> dict[str, Any]:
    return {
        "kind": "options",
        "outcome": "option",
        "model_id": "m",
        "model_revision": "r1",
        "question_id": name,
        "question_json": None,
        "country": None,
        "age": None,
        "sex": None,
        "education": None,
        "language": "en",
        "paraphrase": 0,
        "tag": "",
        "method": "full",
        "codes": np.array(codes),
        "mass": np.array(mass),
        "n": None,
    } | changes


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def test_a_run_is_the_same_as_itself():
    run = frame(*(row(name, (0.5, 0.3, 0.1)) for name in BANK))
    found = compare_runs(run, run, BANK)
    assert found.models[0].verdict == "same"
    assert found.models[0].changed == 0
    assert found.pairs["total_variation"].max() == 0
    assert (found.only_before, found.only_after) == (0, 0)
    assert list(found.pairs.columns) == list(COLUMNS)


def test_distances_by_hand_ordinal_and_nominal():
    before = frame(row("Q1", (1, 0, 0)), row("Q0", (1, 0, 0)))
    after = frame(row("Q1", (0, 0, 1)), row("Q0", (0, 0.5, 0.5)))
    pairs = compare_runs(before, after, BANK).pairs.set_index("question_id")
    assert pairs.loc["Q1", ["total_variation", "emd", "shift"]].tolist() == [1, 1, 1]
    assert pairs.loc["Q0", "total_variation"] == 1
    assert np.isnan(pairs.loc["Q0", "emd"])
    assert np.isnan(pairs.loc["Q0", "shift"])


def test_letters_and_numbers_of_one_order_are_two_forms_and_no_samples_of_one():
    """A ladder is asked by letter and by number in the same order; where one form is missing, it counts in no run."""
    letters, numbers = {"prompt_version": "options-2"}, {"prompt_version": "options-2/numbers"}
    both = frame(row("Q1", (0.9, 0.05, 0.05), **letters), row("Q1", (0.1, 0.1, 0.8), **numbers))
    alone = frame(row("Q1", (0.9, 0.05, 0.05), **letters))
    found = compare_runs(both, alone, BANK)
    assert found.models[0].verdict == "same"
    assert found.pairs["orders"].tolist() == [1]
    assert compare_runs(both, both, BANK).pairs["orders"].tolist() == [2]
    # Counted answers of one form are no further samples of the other.
    counted = {"method": "sampled", "n": 20}
    sampled = frame(
        row("Q1", (0.9, 0.05, 0.05), **letters, **counted), row("Q1", (0.1, 0.1, 0.8), **numbers, **counted)
    )
    assert compare_runs(sampled, alone.assign(n=20), BANK).pairs["n_before"].tolist() == [20]


def test_mass_is_compared_by_content_and_after_renormalising():
    before = frame(row("Q1", (0.4, 0.2, 0.2)))
    after = frame(row("Q1", (0.1, 0.2, 0.1), codes=(2, 1, 3)))
    assert compare_runs(before, after, BANK).pairs.empty, "other printed orders are not compared"
    turned = (row("Q1", (0.25, 0.5, 0.25), codes=(2, 1, 3)),)
    both = compare_runs(frame(*turned), frame(row("Q1", (0.1, 0.2, 0.1), codes=(2, 1, 3))), BANK)
    assert both.pairs["total_variation"].iloc[0] == pytest.approx(0)


def test_only_orders_that_both_have_count():
    before = frame(row("Q1", (1, 0, 0)), row("Q1", (1, 0, 0), codes=(2, 3, 1)))
    after = frame(row("Q1", (1, 0, 0)))
    pairs = compare_runs(before, after, BANK).pairs
    assert pairs["total_variation"].tolist() == [0]
    assert pairs["orders"].tolist() == [1]


def test_personas_languages_and_tags_are_not_mixed():
    before = frame(
        row("Q1", (1, 0, 0)),
        row("Q1", (0, 1, 0), country="CHN"),
        row("Q1", (0, 0, 1), language="zh"),
        row("Q1", (0, 1, 0), tag="x"),
        row("Q1", (1, 0, 0), paraphrase=1),
    )
    found = compare_runs(before, before, BANK)
    assert len(found.pairs) == 5
    assert found.pairs["total_variation"].max() == 0
    found = compare_runs(before, before.iloc[:2], BANK)
    assert (len(found.pairs), found.only_before, found.only_after) == (2, 3, 0)
    assert set(found.pairs["persona"]) == {"|||", "CHN|||"}


def test_errors_texts_and_answers_without_mass_do_not_count():
    rows = [
        row("Q1", (), outcome="error"),
        row("Q2", (), kind="text"),
        row("Q3", (0, 0, 0), outcome="invalid"),
    ]
    found = compare_runs(frame(*rows), frame(*rows), BANK)
    assert found.pairs.empty
    assert found.models == ()


def test_a_local_model_that_moved_has_changed_even_by_little():
    before = frame(*(row(name, (0.5, 0.3, 0.2)) for name in BANK))
    after = frame(*(row(name, (0.5 - 3 * SAME, 0.3, 0.2 + 3 * SAME), model_revision="r2") for name in BANK))
    change = compare_runs(before, after, BANK).models[0]
    assert change.verdict == "changed"
    assert change.moved.mean == pytest.approx(3 * SAME)
    assert change.questions == len(BANK)
    assert (change.revision_before, change.revision_after) == ("r1", "r2")


def test_below_the_tolerance_is_the_same_and_a_served_model_is_not_judged():
    before = frame(row("Q1", (0.5, 0.3, 0.2)))
    tiny = frame(row("Q1", (0.5 - SAME / 2, 0.3, 0.2 + SAME / 2)))
    assert compare_runs(before, tiny, BANK).models[0].verdict == "same"
    served = [frame(row("Q1", mass, method="top_k")) for mass in ((0.5, 0.3, 0.2), (0.4, 0.4, 0.2))]
    assert compare_runs(*served, BANK).models[0].verdict == "unknown_noise"


def draws(rng: np.random.Generator, p: tuple[float, ...], n: int) -> pd.DataFrame:
    shares = rng.multinomial(n, p, size=len(BANK)) / n
    return frame(*(row(name, tuple(s), method="sampled", n=n) for name, s in zip(BANK, shares, strict=True)))


def test_two_samples_of_the_same_answer_are_noise_in_nearly_all_cases():
    rng = np.random.default_rng(3)
    verdicts = [
        compare_runs(draws(rng, (0.5, 0.3, 0.2), 20), draws(rng, (0.5, 0.3, 0.2), 20), BANK, seed).models[0].verdict
        for seed in range(40)
    ]
    assert verdicts.count("noise") >= 34


def test_samples_of_different_answers_are_more_than_noise():
    rng = np.random.default_rng(4)
    found = compare_runs(draws(rng, (0.5, 0.3, 0.2), 20), draws(rng, (0.2, 0.2, 0.6), 20), BANK)
    change = found.models[0]
    assert change.verdict == "more_than_noise"
    assert change.excess.low > 0.1
    assert change.moved.mean > change.excess.mean


def test_noise_is_what_two_samples_of_one_coin_show():
    rng = np.random.default_rng(5)
    coin = {"Q": question("Q", "nominal", 2)}
    rows = [frame(row("Q", (0.5, 0.5), codes=(1, 2), method="sampled", n=10)) for _ in range(2)]
    expected = np.abs(np.subtract(*rng.binomial(10, 0.5, (2, 200_000)))).mean() / 10
    assert compare_runs(*rows, coin).pairs["noise"].iloc[0] == pytest.approx(expected, rel=0.12)


def test_two_different_models_are_paired_only_where_each_run_has_one():
    a, b = frame(row("Q1", (1, 0, 0))), frame(row("Q1", (0, 0, 1), model_id="other", model_revision="x"))
    change = compare_runs(a, b, BANK).models[0]
    assert (change.model_id, change.model_after, change.revision_after) == ("m", "other", "x")
    two = pd.concat([b, frame(row("Q1", (1, 0, 0), model_id="third"))])
    assert compare_runs(a, two, BANK).pairs.empty


def test_a_question_of_the_users_own_is_compared_by_its_own_scale():
    own = question("own-1").model_copy(update={"survey": None})
    rows = [
        frame(row("own-1", mass, question_json=own.model_dump_json())) for mass in ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    ]
    assert compare_runs(*rows, {}).pairs["emd"].iloc[0] == 1
    unknown = [item.assign(question_json=None) for item in rows]
    pairs = compare_runs(*unknown, {}).pairs
    assert np.isnan(pairs["emd"].iloc[0])
    assert pairs["total_variation"].iloc[0] == 1


def test_the_most_moved_question_comes_first():
    before = frame(*(row(f"Q{i}", (1, 0, 0), country=c) for i in (1, 2) for c in ("CHN", "USA")))
    after = frame(*(row(f"Q{i}", (1 - i / 10, i / 10, 0), country=c) for i in (1, 2) for c in ("CHN", "USA")))
    means = by_question(compare_runs(before, after, BANK).pairs)
    assert means["question_id"].tolist() == ["Q2", "Q1"]
    assert means["total_variation"].tolist() == pytest.approx([0.2, 0.1])
    assert means["answers"].tolist() == [2, 2]
