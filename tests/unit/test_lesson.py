"""What the lesson shows equals what the shipped runs hold, and a prediction is judged by the stated rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.lesson import interval_dots, order_dots
from core.charts.palette import LIGHT
from core.findings.lesson import (
    LEAST_DIFFERENCE,
    NEAR,
    NEARISH,
    ORDER_QUESTION,
    OUTCOMES,
    QUESTION_RUN,
    WAVES,
    Lesson,
    dilemma_lesson,
    judge_choice,
    judge_number,
    lesson,
    nearer_public,
    order_lesson,
)
from core.findings.tuned.taught import MODEL
from core.i18n import texts
from core.kept_frames import KeptFrames
from core.providers.local.tuned import SHIPPED, read_card
from core.settings import DATA
from core.stats import Estimate
from core.store import Store, open_shipped
from core.surveys import SURVEYS
from core.surveys.dilemmas import load_dilemmas
from pages.parts.learn.in_frames import in_frames, out_of_frames

LOOKS = {"model": "West", "uniform": "baseline", "others": "others"}


@pytest.fixture(scope="module")
def survey():
    return SURVEYS["wvs7"]()


@pytest.fixture(scope="module")
def shipped():
    store = open_shipped()
    yield store
    store.close()


@pytest.fixture(scope="module")
def found(shipped, survey):
    return lesson(shipped, survey, load_dilemmas())


def same(one, other):
    assert type(one) is type(other)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    elif isinstance(one, tuple):
        for left, right in zip(one, other, strict=True):
            same(left, right)
    else:
        assert one == other


def test_the_lesson_that_was_kept_on_disk_is_the_lesson(found, tmp_path):
    folder = KeptFrames(tmp_path)
    assert folder.put("lesson", in_frames(found))
    same(out_of_frames(Lesson, folder.get("lesson")), found)


@pytest.mark.parametrize(("step", "ordered"), OUTCOMES.items())
def test_a_neighbouring_answer_is_partly_right_and_the_far_one_wrong(step, ordered):
    first, middle, last = ordered
    assert [judge_choice(said, first, ordered) for said in ordered] == ["right", "partly", "wrong"]
    assert judge_choice(middle, last, ordered) == "partly"
    assert judge_choice(last, last, ordered) == "right"


@given(said=st.integers(0, 88), measured=st.floats(0, 88), scale=st.sampled_from([88, 100]))
def test_a_number_is_judged_by_its_distance_alone(said, measured, scale):
    verdict = judge_number(said, measured, scale)
    apart = abs(said - measured) / scale
    if apart < NEAR:
        assert verdict == "right"
    elif NEAR + 1e-6 < apart < NEARISH:
        assert verdict == "partly"
    elif apart > NEARISH + 1e-6:
        assert verdict == "wrong"
    assert judge_number(measured, said, scale) == verdict


def test_the_ends_of_the_rule_count_as_within():
    assert judge_number(15, 10, 100) == "right"
    assert judge_number(25, 10, 100) == "partly"


def test_the_order_step_shows_the_shares_that_the_run_holds(shipped, survey, found):
    frame = shipped.responses([QUESTION_RUN])
    mine = frame[(frame["question_id"] == ORDER_QUESTION) & frame["country"].isna() & (frame["kind"] == "options")]
    for codes, mass in zip(mine["codes"], mine["mass"], strict=True):
        rows = found.order.rows[found.order.rows["first"] == codes[0]].set_index("code")["share"]
        assert np.allclose(rows.loc[list(codes)], np.array(mass) / sum(mass))
    assert found.order.orders == len(mine) == len(survey.questions()[ORDER_QUESTION].options)
    assert found.order.rows.groupby("first")["share"].sum().to_numpy() == pytest.approx(1)
    assert found.order.bias.low <= found.order.bias.mean <= found.order.bias.high


def test_the_steps_on_survey_questions_rest_on_the_named_run_alone(shipped, found):
    """Other shipped runs of the same model asked more questions; the lesson names one run as its source."""
    asked = shipped.responses([QUESTION_RUN])["question_id"].nunique()
    assert asked < shipped.responses(["alignment-smollm2"])["question_id"].nunique()
    for n in (found.persona["n"], found.publics.rows["n"], found.groups.groups["questions"]):
        assert 0 < n.max() <= asked


def test_what_stands_side_by_side_is_on_the_same_dilemmas_or_questions(shipped, survey, found):
    """The same again had 88 dilemmas, other words 55 and the order 67, in one chart and one sentence."""
    rows = found.dilemmas.rows
    assert set(rows["n"]) == {found.dilemmas.total}
    assert found.dilemmas.aside > 0
    assert found.persona["n"].nunique() == found.publics.rows["n"].nunique() == 1


def test_a_dilemma_that_one_change_lacks_counts_for_none(shipped):
    frame, later = (shipped.responses([name]) for name in WAVES)
    whole = dilemma_lesson(frame, later, load_dilemmas())
    lacks = sorted(set(frame.loc[frame["paraphrase"] > 0, "question_id"]))[:20]
    less = frame[~((frame["paraphrase"] > 0) & frame["question_id"].isin(lacks))]
    made = dilemma_lesson(less, later, load_dilemmas())
    assert made.total < whole.total
    assert set(made.rows["n"]) == {made.total}


def test_only_values_and_attitudes_count_but_for_the_place_of_an_option(shipped, survey, found):
    bank = survey.questions()
    asked = set(shipped.responses([QUESTION_RUN])["question_id"])
    values = {name for name in asked if bank[name].kind in ("value", "attitude")}
    assert found.order.bias.n == len(asked) > len(values)
    for n in (found.persona["n"].max(), found.publics.rows["n"].max(), found.groups.groups["questions"].max()):
        assert n <= len(values)


def test_the_average_that_hides_groups_is_on_their_questions(found):
    # Here both steps use all questions of the run on values and attitudes.
    assert found.groups.gap.n == found.publics.lean.n
    here = found.publics.rows.set_index(["who", "country"])["value"]["model", "USA"]
    assert found.groups.average == pytest.approx(here)


@pytest.mark.parametrize(
    ("weights", "outcome"),
    [((0.7, 0.1, 0.1, 0.1), "place"), ((0.25, 0.25, 0.25, 0.25), "same")],
)
def test_an_outcome_follows_from_who_wins(survey, weights, outcome):
    codes = survey.questions()[ORDER_QUESTION].codes
    # Where no place is preferred, the first option of the scale is a little likelier wherever it stands.
    rows = []
    for shift in range(4):
        printed = codes[shift:] + codes[:shift]
        mass = [
            w + (0.01 if code == codes[0] and outcome == "same" else 0)
            for w, code in zip(weights, printed, strict=True)
        ]
        rows.append({"question_id": ORDER_QUESTION, "country": None, "kind": "options", "outcome": "option"})
        rows[-1] |= {"codes": printed, "mass": mass}
    made = order_lesson(pd.DataFrame(rows), survey.questions())
    assert made.outcome == outcome
    assert made.winners == (4 if outcome == "place" else 1)


def test_every_step_has_its_interval_around_its_value(found):
    for rows in (found.persona, found.publics.rows, found.dilemmas.rows):
        assert (rows["low"] <= rows["value"]).all()
        assert (rows["value"] <= rows["high"]).all()
        assert rows["value"].between(0, 1).all()
        assert (rows["n"] >= 30).all()


@pytest.mark.parametrize(
    ("mean", "half", "said"),
    [
        (0.06, 0.05, "USA"),
        (-0.06, 0.05, "CHN"),
        (0.06, 0.07, "even"),
        # Certain, but too small to matter: a quarter of the hundredth that counts.
        (0.0025, 0.001, "even"),
        (-0.0025, 0.001, "even"),
        (LEAST_DIFFERENCE, 0.001, "USA"),
    ],
)
def test_a_public_is_nearer_beyond_the_interval_and_by_the_least_that_matters(mean, half, said):
    assert nearer_public(Estimate(mean, mean - half, mean + half, 40)) == said


def test_the_publics_step_names_a_side_by_that_rule(found):
    lean = found.publics.lean
    assert found.publics.outcome == nearer_public(lean)
    values = found.publics.rows.set_index(["who", "country"])["value"]
    assert lean.mean == pytest.approx(values["model", "CHN"] - values["model", "USA"])
    assert found.publics.even_lean.mean == pytest.approx(values["uniform", "CHN"] - values["uniform", "USA"])


def test_a_wave_held_against_itself_changes_nothing(shipped):
    frame = shipped.responses([WAVES[0]])
    made = dilemma_lesson(frame, frame, load_dilemmas()).rows.set_index("change")
    assert made.loc["again", "value"] == 0
    assert 30 < made.loc["order", "n"] <= len(load_dilemmas())  # readings of little mass are left out


def test_the_gap_of_two_groups_and_that_of_an_even_guess_are_on_one_scale(found):
    gaps = found.groups.groups.set_index("group")
    assert found.groups.gap.mean == pytest.approx(gaps.loc[found.groups.further, "net"])
    assert found.groups.even == pytest.approx(gaps.loc[found.groups.further, "gap_even"])
    assert found.groups.outcome in OUTCOMES["groups"]


def test_without_the_shipped_runs_there_is_no_lesson(tmp_path, survey):
    assert lesson(Store(tmp_path), survey, {}) is None


def test_a_chart_marks_a_series_by_shape_and_not_by_colour_alone(found):
    rows = found.publics.rows.assign(label=found.publics.rows["country"], series=found.publics.rows["who"])
    spec = interval_dots(rows.assign(look=rows["who"].map(LOOKS)), LIGHT, texts(), "Distance", False).to_dict()
    points = spec["layer"][-1]["encoding"]
    assert len(set(points["shape"]["scale"]["range"])) == 3
    assert len(set(points["color"]["scale"]["range"])) == 2
    first = found.order.rows["place"] == 0
    frame = found.order.rows.assign(
        option=found.order.rows["code"].astype(str),
        first=first,
        stood=np.where(first, "first", "later"),
        printed=found.order.rows["place"] + 1,
        even=0.25,
    )
    marks = order_dots(frame, LIGHT, texts()).to_dict()["layer"][-1]["encoding"]
    assert marks["shape"]["scale"] == {"domain": ["first", "later"], "range": ["diamond", "circle"]}


def test_the_taught_step_counts_what_was_kept_apart_and_its_lead_is_the_difference_of_its_dots(found):
    taught = found.taught
    far = taught.rows.set_index(["when", "to"])["value"]
    assert set(taught.rows["n"]) == {taught.rank.questions}
    assert taught.rank.questions <= len(read_card(DATA / SHIPPED / MODEL).held_out["test_questions"]) + len(
        read_card(DATA / SHIPPED / MODEL).held_out["validation_questions"]
    )
    assert far["after", "others"] - far["after", "taught"] == pytest.approx(taught.rank.lead)
    assert taught.outcome == ("open" if taught.rank.told == "far" else taught.rank.told)
    assert taught.country == "CHN"
