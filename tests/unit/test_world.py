"""Answers around the world as one number, what sets a country apart, and how near models stand."""

import numpy as np
import pandas as pd
import pytest

from core import i18n
from core.charts import shapes
from core.charts.detached import detached
from core.charts.export import to_png
from core.charts.palette import LIGHT
from core.charts.world import world_map
from core.findings import china_west
from core.findings import world as around
from core.surveys import shipped_survey
from core.types import DEFAULT_KINDS, Persona


@pytest.fixture(scope="module")
def survey():
    return shipped_survey()


@pytest.fixture(scope="module")
def answers(survey):
    return around.world_answers(survey)


def test_an_answer_is_the_mean_place_in_the_direction_of_its_name(survey):
    bank = survey.questions()
    table = around.people(survey, bank["Q164"]).set_index("country")
    mean = survey.means(["Q164"], "CHN")["mean"].iloc[0]
    assert table.loc["CHN", "value"] == pytest.approx((mean - 1) / 9)
    assert table.loc["CHN", "low"] < table.loc["CHN", "value"] < table.loc["CHN", "high"]
    falling = bank["Q6"]  # importance of religion: the first option means the most
    assert falling.polarity == -1
    shares = survey.reference("Q6", Persona(country="EGY")).shares
    assert shares[0] > 0.5
    assert around.people(survey, falling).set_index("country").loc["EGY", "value"] > 0.8
    other = around.people(survey, bank["Q173"], option=bank["Q173"].codes[2]).set_index("country")
    assert other.loc["CHN", "value"] == pytest.approx(survey.reference("Q173", Persona(country="CHN")).shares[2])


def test_groups_are_shown_only_where_they_are_known(survey):
    young = around.people(survey, survey.questions()["Q164"], "18-29")
    whole = around.people(survey, survey.questions()["Q164"])
    assert 0 < len(young) < len(whole)
    for country in young["country"]:
        found = survey.reference("Q164", Persona(country=country, age="18-29"))
        assert (found.dimension, found.group) == ("age", "18-29")


def test_the_world_is_the_mean_of_the_other_countries(survey, answers):
    row = answers[(answers["question_id"] == "Q164") & (answers["country"] == "CHN")].iloc[0]
    mean = survey.mean_of_others("Q164", "CHN")
    assert row["others"] == pytest.approx(float(np.dot(mean, around.scoring(survey.questions()["Q164"]))))
    highest = answers[answers["question_id"] == "Q164"].sort_values("value").iloc[-1]
    assert highest["place"] == 1


def test_what_sets_china_apart_is_clear_and_of_several_batteries(answers):
    found = around.standing_apart(answers, "CHN", DEFAULT_KINDS)
    assert found.clear < found.questions
    assert found.listed["question_id"].is_unique
    assert found.listed["battery"].value_counts().max() <= 2
    assert (found.listed["p_adjusted"] < 0.05).all()
    assert (found.listed["difference"].abs() >= 0.1).all()
    assert (found.listed["places"] >= 0.5 * answers["places"].max()).all()
    assert set(found.listed["kind"]) <= set(DEFAULT_KINDS)


def test_a_country_that_answers_as_the_others_do_is_not_set_apart():
    rng = np.random.default_rng(0)
    rows = [
        (f"C{place:02}", f"Q{item}", None, "value", f"b{item % 5}", "t", 0.5 + 0.01 * rng.standard_normal(), 0.01)
        for item in range(40)
        for place in range(30)
    ]
    names = ["country", "question_id", "option", "kind", "battery", "topic", "value", "error"]
    made = pd.DataFrame(rows, columns=names).assign(others=0.5, spread=0.01, place=1, places=30, n=1000, year=2020)
    made = made.assign(z=(made["value"] - 0.5) / 0.01, weight_status="none")
    assert all(around.standing_apart(made, f"C{at:02}", ["value"]).listed.empty for at in range(30))


def test_gaps_of_groups_have_their_sign_and_are_empty_where_no_group_is_known(survey):
    gaps = around.group_gaps(survey, "CHN", "age", DEFAULT_KINDS)
    row = gaps.set_index("question_id").loc["Q195"]
    assert row["gap"] == pytest.approx(row["second"] - row["first"])
    assert row["low"] < row["gap"] < row["high"]
    assert around.group_gaps(survey, "KEN", "age", DEFAULT_KINDS).empty


@pytest.mark.parametrize("index", around.INDICES)
def test_an_index_has_a_value_in_each_place(survey, index):
    found = around.index_values(survey, index)
    assert len(found) > 40
    assert found["value"].notna().all()
    assert found["country"].is_unique


def test_ranks_find_a_planted_order_and_say_so_where_there_is_none():
    rng = np.random.default_rng(1)
    even = np.full((40, 4), 0.3)
    batteries = [f"b{at % 10}" for at in range(40)]
    planted = np.array([0.1, 0.2, 0.3, 0.4]) + 0.02 * rng.standard_normal((40, 4))
    found = around.ranked("abcd", planted, even, batteries)
    assert list(found["name"]) == list("abcd")
    assert list(found["rank_low"]) == list(found["rank_high"]) == [1, 2, 3, 4]
    assert found.iloc[0]["p_adjusted"] < 0.05
    noise = around.ranked("abcd", 0.3 + 0.1 * rng.standard_normal((40, 4)), even, batteries)
    assert (noise["rank_high"] - noise["rank_low"]).max() >= 2


def test_a_model_that_answers_in_the_middle_has_the_order_of_an_even_guess(survey):
    published = china_west.published_answers()
    flat = published[published["model_id"] == published["model_id"].iloc[0]].assign(model_id="flat", mean=5.5)
    found = around.mean_fields(pd.concat([published, flat]), survey, "en")
    at = found.models.index("flat")
    assert found.distance[at] == pytest.approx(found.even)
    means = found.distance[at].mean(axis=0)
    assert around.order_likeness(means, found.even.mean(axis=0)) == pytest.approx(1)
    table = around.ranked(found.places, found.distance[at], found.even, found.batteries)
    assert (table["net"].abs() < 1e-12).all()


def test_every_place_of_the_survey_is_drawn(survey):
    assert [code for code in survey.countries() if not shapes.is_drawn(code)] == []
    assert {"HKG", "MAC", "SGP", "AND", "MDV"} <= set(shapes.spots())
    assert not shapes.is_drawn("XKX")


def test_hatching_covers_what_is_not_known_and_nothing_else():
    everything = shapes.hatching([])["geometry"]["coordinates"]
    known = shapes.hatching(["BRA"])["geometry"]["coordinates"]
    brazil = [line for line in everything if line not in known]
    assert 0 < len(brazil) < len(everything)
    assert all(-75 < east < -34 and -34 < north < 6 for line in brazil for east, north in line)
    assert all(abs(line[0][0] - line[1][0]) < 100 for line in everything)


def test_the_map_is_drawn_and_small_enough_to_send(survey):
    frame = around.people(survey, survey.questions()["Q107"]).assign(mark="")
    frame = frame.assign(name=frame["country"], shown="", facts="")
    chart = world_map(frame, LIGHT, i18n.texts(), "axis", (0.0, 1.0))
    form, data = detached(world_map(frame, LIGHT, i18n.texts(), "axis", (0.0, 1.0)))
    sent = len(form) + sum(table.nbytes for table in data.values())
    assert sent < 400_000
    assert to_png(chart, LIGHT, "title", "source").startswith(b"\x89PNG")
