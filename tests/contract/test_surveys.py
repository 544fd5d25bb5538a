"""What every survey must keep, whoever adds it."""

import numpy as np
import pytest

from core.errors import InputError
from core.surveys import SURVEYS, NotAsked
from core.surveys.countries import country_choices, country_name
from core.types import LANGUAGES, Persona, Reference


@pytest.fixture(scope="module", params=list(SURVEYS))
def survey(request):
    return SURVEYS[request.param]()


def answered(survey):
    """(question, reference) of every question in every country that was asked it."""
    for question in survey.questions().values():
        for country in survey.countries():
            reference = survey.reference(question.id, Persona(country=country))
            if isinstance(reference, Reference):
                yield question, reference


def test_it_says_what_it_is_and_whose(survey):
    assert survey.id in SURVEYS
    assert survey.title
    assert survey.licence
    assert survey.source
    first, last = survey.years
    assert 1900 < first <= last < 2100


def test_it_is_loaded_once(survey):
    assert SURVEYS[survey.id]() is survey


def test_questions_are_its_own(survey):
    questions = survey.questions()
    assert questions
    assert all(q.id == name and q.survey == survey.id for name, q in questions.items())
    questions.clear()
    assert survey.questions()


def test_every_reference_is_a_distribution_over_the_options(survey):
    seen = set()
    for question, reference in answered(survey):
        seen.add(question.id)
        assert reference.codes == question.codes
        assert len(reference.shares) == len(question.codes)
        assert min(reference.shares) >= 0
        assert sum(reference.shares) == pytest.approx(1, abs=1e-9)
        assert reference.n > 0
        assert 0 < reference.n_eff <= reference.n * (1 + 1e-6)
        assert (reference.survey, reference.question_id) == (survey.id, question.id)
        assert (reference.dimension, reference.group, reference.matched) == ("all", "all", "exact")
        assert survey.years[0] <= reference.year <= survey.years[1]
    assert seen == set(survey.questions())


def test_mean_of_others_is_what_it_says(survey):
    for question in survey.questions().values():
        shares = {r.country: r.shares for q, r in answered_one(survey, question)}
        for country in list(shares)[:3]:
            others = [row for name, row in shares.items() if name != country]
            mean = survey.mean_of_others(question.id, country)
            if not others:
                assert mean is None
                continue
            assert mean == pytest.approx(np.mean(others, axis=0), abs=1e-9)
            assert sum(mean) == pytest.approx(1)
        assert survey.mean_of_others(question.id, None) == pytest.approx(np.mean(list(shares.values()), axis=0))


def answered_one(survey, question):
    for country in survey.countries():
        reference = survey.reference(question.id, Persona(country=country))
        if isinstance(reference, Reference):
            yield question, reference


@pytest.mark.parametrize("dimension", ["all", "age", "sex", "education", "age_x_sex"])
def test_groups_are_whole_distributions(survey, dimension):
    for question in list(survey.questions().values())[:10]:
        for country in survey.countries()[:20]:
            frame = survey.groups(question.id, country, dimension)
            assert list(frame.columns) == ["group", "code", "share", "n", "n_eff", "weight_status", "year"]
            for _, part in frame.groupby("group"):
                assert tuple(part["code"]) == question.codes
                assert part["share"].sum() == pytest.approx(1)


def test_no_country_means_nobody_to_compare_with(survey):
    question_id = next(iter(survey.questions()))
    assert survey.reference(question_id, Persona(age="18-29")) == NotAsked(
        question_id=question_id, country=None, reason="no_country"
    )
    assert survey.reference(question_id, Persona(country="XXX")) == NotAsked(
        question_id=question_id, country="XXX", reason="not_asked"
    )


def test_an_unknown_question_is_an_error_in_words(survey):
    for call in (
        lambda: survey.reference("nope", Persona(country="CHN")),
        lambda: survey.mean_of_others("nope", "CHN"),
        lambda: survey.groups("nope", "CHN", "age"),
    ):
        with pytest.raises(InputError, match="nope"):
            call()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_has_a_name(survey, language):
    names = [country_name(code, language) for code in survey.countries()]
    assert all(names)
    assert len(set(names)) == len(names)
    choices = country_choices(survey.countries(), language)
    assert {code for code, _ in choices} == set(survey.countries())
