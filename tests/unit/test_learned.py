"""What tuned models learned, on answers that are known: of people, of an average country, of nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from core.findings.tuned import learned, planted_ages, planted_countries
from core.findings.tuned.taught import taught_lesson
from core.surveys import shipped_survey
from core.types import Capabilities, Card, Computation, LocalText, Model, Origin, Persona, Reference

SEEN, NEW = ("CHN", "USA", "DEU", "EGY", "RUS"), ("JPN", "BRA", "GBR", "MAR")
QUESTIONS = {
    "seen": ("Q64", "Q65", "Q69", "Q71", "Q106", "Q107", "Q164", "Q169", "Q182", "Q184"),
    "new": ("Q121", "Q122", "Q196", "Q197", "Q176", "Q21"),
}
SURVEY = shipped_survey()


@pytest.fixture(scope="module")
def card() -> Card:
    model = Model(
        id="base",
        name="Base",
        provider="local",
        remote_id="nobody/base",
        origin=Origin(base="West", tuner="West"),
        developer="Nobody",
        family="Base",
        capabilities=Capabilities(logprobs="full"),
        link="https://example.org",
    )
    words = LocalText(en="Tuned", zh="微调")
    return Card(
        id="tuned-known",
        title=words,
        note=words,
        base=model,
        base_revision="1",
        method="lora",
        spec={},
        data="",
        seen={"questions": QUESTIONS["seen"], "countries": SEEN},
        held_out={"test_questions": QUESTIONS["new"], "test_countries": NEW},
        losses=(),
        kept=0,
        stopped="steps",
        prompts=0,
        seconds=0,
        parameters=1,
        computed=Computation(),
        libraries={},
        created=datetime.now(UTC),
        weights_sha256="0" * 64,
        weights_bytes=1,
    )


def people(country: str, name: str) -> tuple[float, ...]:
    found = SURVEY.reference(name, Persona(country=country))
    assert isinstance(found, Reference)
    return found.shares


def answers(how):
    cells = [(c, q) for c in (*SEEN, *NEW) for names in QUESTIONS.values() for q in names]
    return {(Persona(country=c).key, q): tuple(how(c, q)) for c, q in cells if _asked(c, q)}


def _asked(country: str, name: str) -> bool:
    return isinstance(SURVEY.reference(name, Persona(country=country)), Reference)


def average(country: str, name: str):
    return SURVEY.mean_of_others(name, None)


def even(country: str, name: str):
    k = len(SURVEY.questions()[name].codes)
    return (1 / k,) * k


def value(frame, quadrant: str, who: str, measure: str, column: str = "value") -> float:
    mine = frame[(frame.quadrant == quadrant) & (frame.who == who) & (frame.measure == measure)]
    return float(mine[column].iloc[0])


def test_people_themselves_have_skill_1_and_tell_countries_apart_whole(card) -> None:
    frame, verdicts = learned(answers(even), answers(people), card, SURVEY)
    assert set(verdicts.values()) == {"country"}
    for quadrant in verdicts:
        for measure, expected in (("skill", 1), ("apart", 1), ("dispersion", 1)):
            assert value(frame, quadrant, "after", measure) == pytest.approx(expected)
        assert value(frame, quadrant, "before", "skill") == pytest.approx(0, abs=1e-9)


def test_an_average_country_has_skill_and_tells_no_country_apart(card) -> None:
    frame, verdicts = learned(answers(even), answers(average), card, SURVEY)
    assert set(verdicts.values()) <= {"average", "nothing"}
    for quadrant in verdicts:
        assert value(frame, quadrant, "after", "apart") == pytest.approx(0, abs=1e-9)
        assert value(frame, quadrant, "after", "skill") > 0


def test_an_even_guess_learned_nothing_and_the_mode_alone_is_too_alike(card) -> None:
    def mode(country: str, name: str):
        shares = np.array(people(country, name))
        return np.eye(len(shares))[shares.argmax()]

    assert set(learned(answers(even), answers(even), card, SURVEY).verdicts.values()) == {"nothing"}
    frame, _ = learned(answers(even), answers(mode), card, SURVEY)
    assert value(frame, "new_seen", "after", "dispersion") == pytest.approx(0, abs=1e-9)


def test_only_what_both_answered_counts_and_the_floor_lies_above_every_answer(card) -> None:
    after = {key: shares for key, shares in answers(average).items() if not key[0].startswith("JPN")}
    frame, _ = learned(answers(even), after, card, SURVEY)
    assert value(frame, "new_seen", "before", "skill", "countries") == 3
    for quadrant in ("seen_seen", "new_seen"):
        assert value(frame, quadrant, "floor", "skill") > value(frame, quadrant, "nearest", "skill")


def test_the_nearest_country_is_found_on_trained_questions_alone(card) -> None:
    from core.findings.tuned.learned import _nearest

    found = _nearest(card, SURVEY)
    assert set(found.values()) <= set(SEEN)
    assert found["GBR"] in ("USA", "DEU")
    assert all(place != other for place, other in found.items())


@pytest.mark.parametrize(("age", "other"), [("18-29", "50+"), ("50+", "18-29")])
def test_the_answers_of_one_age_group_are_found_nearer_to_it(age: str, other: str) -> None:
    names = [n for n, q in SURVEY.questions().items() if q.kind in ("value", "attitude")]
    mine = {}
    for name in names:
        found = SURVEY.reference(name, Persona(country="CAN", age=age))
        assert isinstance(found, Reference)
        mine["|||", name] = found.shares
    flat = {key: even("CAN", key[1]) for key in mine}
    table = planted_ages({"planted": mine, "even": flat}, SURVEY, "CAN", {"all": names}).set_index(
        ["model_id", "group"]
    )
    assert table.loc[("planted", age), "high"] < 0 < table.loc[("planted", other), "net"]
    assert not table.loc["even", "flagged"].any()
    assert planted_ages({"nobody": {}}, SURVEY, "CAN", {"all": names})["model_id"].empty


def test_the_answers_of_one_country_rank_it_first_and_a_flat_answer_cannot_tell() -> None:
    names = [*QUESTIONS["seen"], *QUESTIONS["new"]]
    parts = {"all": names, "seen": QUESTIONS["seen"], "new": ()}
    found = planted_countries({("|||", n): people("CHN", n) for n in names}, SURVEY, "CHN", parts).set_index("part")
    assert list(found.index) == ["all", "seen"]
    for _, rank in found.iterrows():
        assert (rank["rank"], rank["first"], rank["low"]) == (1, "CHN", 1)
        assert rank["lead_low"] > 0
        assert rank["countries"] > 20
    assert found.loc["all", "questions"] > found.loc["seen", "questions"]
    flat = planted_countries({("|||", n): even("", n) for n in names}, SURVEY, "CHN", {"all": names}).iloc[0]
    assert (flat["told"], flat["rank"]) == ("open", flat["countries"])
    assert planted_countries({}, SURVEY, "CHN", {"all": names}).empty


def test_the_lesson_tells_a_model_with_one_countrys_answers_from_one_with_none() -> None:
    names = [*QUESTIONS["seen"], *QUESTIONS["new"]]
    chinese, flat = ({("|||", n): tuple(how("CHN", n)) for n in names} for how in (people, even))
    found = taught_lesson(flat, chinese, "CHN", names, SURVEY)
    assert found is not None
    assert found.outcome == "first"
    assert found.rows.set_index(["when", "to"]).loc[("after", "taught"), "value"] == pytest.approx(0, abs=1e-9)
    again = taught_lesson(chinese, flat, "CHN", names, SURVEY)
    assert again is not None
    assert again.outcome != "first"
    assert taught_lesson(flat, {}, "CHN", names, SURVEY) is None
