"""Sides compared with each other: pairing, intervals, verdicts, order, and what ships."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.audits.alignment.scores import question_scores, skills
from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import measure
from core.audits.stability.scores import score
from core.findings.compare import (
    Side,
    alignment_items,
    differences,
    known_sides,
    reasoning_items,
    representation_items,
    shared_questions,
    side_of,
    stability_items,
    summaries,
)
from core.settings import DATA
from core.stats.distances import jsd
from core.store import Store
from core.surveys import SURVEYS
from core.surveys.dilemmas import load_dilemmas
from core.types import Persona

MODEL = "smollm2-135m-instruct"


def items(values: dict[str, list[float]], place: str = "x", base: float = 0.5) -> pd.DataFrame:
    rows = [
        (place, side, f"i{i}", f"i{i}", v, base, np.nan) for side, mine in values.items() for i, v in enumerate(mine)
    ]
    return pd.DataFrame(rows, columns=["place", "side", "item", "battery", "value", "base", "others"])


@pytest.fixture(scope="module")
def shipped() -> Store:
    return Store(DATA / "runs")


@pytest.fixture(scope="module")
def survey():
    return SURVEYS["wvs7"]()


@pytest.fixture(scope="module")
def answers(shipped, survey):
    table = option_table(shipped, survey.questions())
    return {language: answers_of(table, MODEL, language) for language in ("en", "zh")}


@pytest.mark.parametrize("run", [None, "demo-edc-wave-1"])
def test_a_side_is_found_again_by_its_key(run):
    side = Side(model_id="a/b~c", run_id=run, language="zh")
    assert side_of(side.key) == side


@pytest.mark.parametrize("text", ["", "a", "a~b", "~~en", "a~b~fr"])
def test_what_is_no_key_is_no_side(text):
    assert side_of(text) is None


def test_shipped_sides_are_every_language_and_run(shipped):
    keys = set(known_sides(shipped)["key"])
    assert {f"{MODEL}~~en", f"{MODEL}~~zh", f"{MODEL}~demo-edc-wave-2~zh", f"{MODEL}~demo-groups-en~en"} <= keys


numbers = st.lists(st.floats(0, 1), min_size=2, max_size=12)


@given(numbers, st.data())
@settings(max_examples=40, deadline=None)
def test_a_difference_is_that_of_the_figures_and_turns_round_with_the_pin(first, data):
    second = data.draw(st.lists(st.floats(0, 1), min_size=len(first), max_size=len(first)))
    frame = items({"a": first, "b": second})
    for skill in (False, True):
        values = summaries(frame, ["a", "b"], skill).set_index("side")["value"]
        there = differences(frame, ["a", "b"], "a", skill).iloc[0]
        back = differences(frame, ["a", "b"], "b", skill).iloc[0]
        assert there["difference"] == pytest.approx(values["b"] - values["a"], abs=1e-9)
        assert there["difference"] == pytest.approx(-back["difference"], abs=1e-9)
        assert (there["low"], there["high"]) == pytest.approx((-back["high"], -back["low"]), abs=1e-9)
        assert there["low"] - 1e-9 <= there["difference"] <= there["high"] + 1e-9
        assert there["p"] == pytest.approx(back["p"], abs=0.03)


@given(numbers)
@settings(max_examples=25, deadline=None)
def test_a_side_does_not_differ_from_itself(values):
    found = differences(items({"a": values, "b": values}), ["a", "b"], "a").iloc[0]
    assert (found["difference"], found["verdict"], found["p"]) == (0, "same", 1)


def test_only_shared_items_count():
    frame = items({"a": [0.1, 0.2, 0.3, 0.9], "b": [0.2, 0.3, 0.4]})
    found = differences(frame, ["a", "b"], "a").iloc[0]
    assert found["n"] == 3
    assert found["difference"] == pytest.approx(0.1)
    assert summaries(frame, ["a", "b"])["n"].tolist() == [3, 3]


def test_a_clear_shift_is_more_than_noise_one_item_tells_nothing_and_a_lone_side_has_no_difference():
    rng = np.random.default_rng(1)
    low = rng.random(30) * 0.2
    many = items({"a": list(low), "b": list(low + 0.3 + rng.random(30) * 0.05)})
    assert differences(many, ["a", "b"], "a")["verdict"].tolist() == ["higher"]
    assert differences(many, ["a", "b"], "b")["verdict"].tolist() == ["lower"]
    one = differences(items({"a": [0.1], "b": [0.9]}), ["a", "b"], "a").iloc[0]
    assert one["verdict"] == "few"
    assert np.isnan(one["low"])
    assert differences(items({"a": [0.1, 0.2]}), ["a", "b"], "a").empty


def test_what_is_more_than_noise_stands_first_then_the_larger():
    rng = np.random.default_rng(2)
    wide = rng.random(8)
    small = items({"a": [0.5] * 20, "b": list(0.52 + rng.random(20) * 0.001)}, "small but sure")
    loud = items({"a": list(wide), "b": list(wide[::-1])}, "wide")
    same = items({"a": [0.1, 0.2], "b": [0.1, 0.2]}, "same")
    found = differences(pd.concat([same, loud, small]), ["a", "b"], "a")
    assert found["place"].iloc[0] == "small but sure"
    assert found["verdict"].tolist()[0] == "higher"


def test_alignment_figures_are_those_of_the_alignment_audit(answers, survey):
    far, bits = alignment_items(answers, survey, ["CHN", "USA"], "country")
    shared = question_scores(answers, survey, ["CHN", "USA"], "country")
    expected = skills(shared).set_index(["country", "model_id"])
    for line in summaries(far, ["en", "zh"], as_skill=True).itertuples():
        assert line.value == pytest.approx(expected.loc[(line.place, line.side), "skill_uniform"])
        assert line.low == pytest.approx(expected.loc[(line.place, line.side), "skill_uniform_low"])
    one = bits.iloc[0]
    people = survey.reference(one["item"], Persona(country=one["place"])).shares
    model = answers[one["side"]][Persona(country=one["place"]).key, one["item"]]
    assert one["value"] == pytest.approx(float(jsd(people, model)))


def test_gaps_are_those_of_the_representation_audit(answers, survey):
    found = summaries(representation_items({"en": answers["en"]}, survey, "CHN", "none"), ["en"])
    groups = measure(answers["en"], survey, "CHN", tolds=("none",))["groups"]
    gaps = dict(zip(groups["dimension"] + ":" + groups["group"], groups["gap"], strict=True))
    assert len(found) == len(gaps)
    for line in found.itertuples():
        assert line.value == pytest.approx(gaps[line.place])


def test_turns_are_those_of_the_stability_audit(shipped):
    frame = shipped.responses(["demo-edc-wave-1"])
    english = frame[frame["language"] == "en"]
    found = summaries(stability_items({"en": english}, load_dilemmas()), ["en"]).set_index("place")
    axes = score(english, load_dilemmas())["axes"]
    whole = axes[axes["group"] == "all"].set_index("axis")
    for axis in found.index:
        assert found.loc[axis, "value"] == pytest.approx(whole.loc[axis, "flips"])
        assert found.loc[axis, "others"] == pytest.approx(whole.loc[axis, "noise"])


def test_two_waves_of_the_same_weights_are_the_same(shipped):
    waves = {name: shipped.responses([name]) for name in ("demo-edc-wave-1", "demo-edc-wave-2")}
    english = {name: frame[frame["language"] == "en"] for name, frame in waves.items()}
    found = differences(stability_items(english, load_dilemmas()), list(english), "demo-edc-wave-1")
    assert set(found["verdict"]) == {"same"}


def test_questions_are_shared_per_persona():
    answers = {"a": {("p", "Q1"): (1.0,), ("p", "Q2"): (1.0,), ("r", "Q3"): (1.0,)}, "b": {("p", "Q2"): (1.0,)}}
    assert shared_questions(answers, ["p"]) == ["Q2"]
    assert shared_questions({}, ["p"]) == []


def test_without_data_there_are_no_items(survey):
    assert reasoning_items({"a": []}, survey).empty
    assert stability_items({}, load_dilemmas()).empty
    assert representation_items({}, survey, "CHN", "none").empty
    assert differences(reasoning_items({"a": []}, survey), ["a"], "a").empty
