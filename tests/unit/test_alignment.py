"""The alignment audit on the shipped survey, with answers whose scores are known beforehand."""

import numpy as np
import pytest

from core.audits.alignment.floor import FLOORED, floor_draws, floors
from core.audits.alignment.scores import question_scores, skills
from core.audits.alignment.traits import by_model, by_value, comparable
from core.catalogue import load_catalogue
from core.stats import emd_ordinal, similarity_as_published
from core.surveys.base import NotAsked
from core.surveys.wvs7 import load
from core.types import Persona

CHINA = "CHN|||"


@pytest.fixture(scope="module")
def survey():
    return load()


@pytest.fixture(scope="module")
def answers(survey):
    """Four models: people in China, an even guess, the mean of the others, and only one question."""
    people, even, others = {}, {}, {}
    for name, question in survey.questions().items():
        reference = survey.reference(name, Persona(country="CHN"))
        if isinstance(reference, NotAsked):
            continue
        people[CHINA, name] = reference.shares
        even[CHINA, name] = (1 / len(question.codes),) * len(question.codes)
        others[CHINA, name] = survey.mean_of_others(name, "CHN")
    return {"people": people, "even": even, "others": others, "one": {(CHINA, "Q6"): people[CHINA, "Q6"]}}


@pytest.fixture(scope="module")
def scores(answers, survey):
    return question_scores(answers, survey, ["CHN"])


def test_known_answers_have_known_skill(scores):
    found = skills(scores).set_index("model_id")
    assert found.loc["people", "skill_uniform"] == pytest.approx(1)
    assert found.loc["people", "skill_others"] == pytest.approx(1)
    assert found.loc["even", "skill_uniform"] == pytest.approx(0)
    assert found.loc["others", "skill_others"] == pytest.approx(0)
    assert found.loc["even", "skill_others"] < 0 < found.loc["others", "skill_uniform"]
    assert found.loc["people", "published"] == pytest.approx(1)


def test_an_interval_holds_its_value_and_one_question_has_none(scores):
    found = skills(scores).set_index("model_id")
    mine = found.loc["others"]
    assert mine["skill_uniform_low"] < mine["skill_uniform"] < mine["skill_uniform_high"]
    assert found.loc["one", "questions"] == 1
    assert np.isnan(found.loc["one", "skill_uniform_low"])


def test_a_question_has_the_distances_of_the_metrics(scores, answers, survey):
    row = scores[(scores["model_id"] == "even") & (scores["question_id"] == "Q6")].iloc[0]
    people = survey.reference("Q6", Persona(country="CHN"))
    even = answers["even"][CHINA, "Q6"]
    assert row["distance"] == pytest.approx(float(emd_ordinal(people.shares, even)))
    assert row["distance"] == pytest.approx(row["uniform"])
    assert row["published"] == pytest.approx(float(similarity_as_published(people.shares, even)))
    assert (row["n"], row["year"], row["source"]) == (people.n, people.year, "wvs7")


@pytest.mark.parametrize("measure", FLOORED)
def test_people_stand_at_the_noise_floor_of_every_measure_and_an_even_guess_does_not(scores, survey, measure):
    floor = floors(scores, floor_draws(scores, survey)).set_index("country").loc["CHN"]
    low, high = floor[f"{measure}_floor_low"], floor[f"{measure}_floor_high"]
    found = skills(scores).set_index("model_id")
    base = found["published_uniform"] if measure == "published" else 0.0
    value = found[measure] - base
    assert value["even"] < low < high < value["people"]
    assert value["people"] - low < 0.3 * (value["people"] - value["even"])


def test_a_floor_follows_its_questions(scores, survey):
    drawn = floor_draws(scores, survey)
    topics = floors(scores, drawn, ("topic",))
    assert set(topics["topic"]) == set(scores["topic"])
    assert floors(scores[:0], drawn, ("topic",)).empty
    few = scores[scores["question_id"] == "Q6"]
    whole, one = (floors(part, drawn).iloc[0] for part in (scores, few))
    width = "skill_uniform_floor_high"
    assert one[width] - one["skill_uniform_floor_low"] > whole[width] - whole["skill_uniform_floor_low"]
    # However many models answered, a question counts once.
    assert floors(scores[scores["model_id"] == "even"], drawn).equals(
        floors(scores[scores["model_id"] != "one"], drawn)
    )


def test_topics_and_other_personas_restrict(answers, survey, scores):
    by_topic = skills(scores[scores["model_id"] == "others"], ("topic",))
    assert by_topic["questions"].sum() == (scores["model_id"] == "others").sum()
    assert skills(scores[:0], ("topic",)).columns.equals(by_topic.columns)
    assert question_scores(answers, survey, ["CHN"], asked="none").empty
    assert question_scores(answers, survey, ["USA"]).empty
    assert set(question_scores(answers, survey, ["CHN"], question_ids=["Q6"])["question_id"]) == {"Q6"}


def test_models_of_a_trait_are_held_against_the_same_questions(answers, survey):
    models = load_catalogue().models
    sized = [name for name, model in models.items() if model.parameters is not None][:2]
    many = len(answers["even"]) - 20
    mine = {sized[0]: answers["even"], sized[1]: dict(list(answers["others"].items())[:many])}
    same = comparable(question_scores(mine, survey, ["CHN"]), models, "parameters")
    found = by_model(same, models)
    assert set(found["model_id"]) == set(sized)
    assert set(found["questions"]) == {many}
    assert list(found["trait"]) == sorted(found["trait"])
    assert comparable(question_scores({"nobody": answers["even"]}, survey, ["CHN"]), models, "parameters").empty


def test_a_family_is_the_mean_of_its_models_question_by_question(answers, survey):
    models = load_catalogue().models
    families = {}
    for name, model in models.items():
        families.setdefault(model.family, []).append(name)
    first, second = next(names for names in families.values() if len(names) > 1)[:2]
    scores = question_scores({first: answers["even"], second: answers["people"]}, survey, ["CHN"])
    same = comparable(scores, models, "family")
    found = by_value(same)
    assert len(found) == 1
    assert found["models"].iloc[0] == 2
    # One is an even guess, the other people themselves: together they stand half-way.
    assert found["skill_uniform"].iloc[0] == pytest.approx(0.5)
    assert found["skill_uniform_low"].iloc[0] == pytest.approx(0.5)
