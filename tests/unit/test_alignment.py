"""The alignment audit on the shipped survey, with answers whose scores are known beforehand."""

import numpy as np
import pytest

from core.audits.alignment import by_trait, floors, question_scores, skills
from core.catalogue import load_catalogue
from core.metrics import emd_ordinal, similarity_as_published
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


def test_people_stand_within_their_own_noise_floor_and_an_even_guess_does_not(scores, survey):
    floor = floors(scores, survey).set_index("country").loc["CHN"]
    assert 0.8 < floor["floor_low"] < floor["floor_high"] < 1


def test_topics_and_other_personas_restrict(answers, survey, scores):
    by_topic = skills(scores[scores["model_id"] == "others"], ("topic",))
    assert by_topic["questions"].sum() == (scores["model_id"] == "others").sum()
    assert question_scores(answers, survey, ["CHN"], asked="none").empty
    assert question_scores(answers, survey, ["USA"]).empty
    assert set(question_scores(answers, survey, ["CHN"], question_ids=["Q6"])["question_id"]) == {"Q6"}


def test_models_of_a_trait_are_held_against_the_same_questions(answers, survey):
    models = load_catalogue().models
    sized = [name for name, model in models.items() if model.parameters is not None][:2]
    mine = {sized[0]: answers["even"], sized[1]: dict(list(answers["others"].items())[:20])}
    found = by_trait(question_scores(mine, survey, ["CHN"]), models, "parameters")
    assert set(found["model_id"]) == set(sized)
    assert set(found["questions"]) == {20}
    unknown = by_trait(question_scores({"nobody": answers["even"]}, survey, ["CHN"]), models, "parameters")
    assert unknown.empty
