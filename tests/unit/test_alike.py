"""Makers beside people: who is nearer to whom, one voice a maker, and what models did not answer."""

import numpy as np
import pandas as pd
import pytest

from core.findings.china_west.alike import EVERY, alike, lead_of, verdict_of
from core.findings.unanswered import ABOUT_GOVERNMENT, unanswered, unanswered_by_government
from core.findings.wording import direction
from core.store import Store
from core.store.index.scopes import ALL, scope_of
from core.surveys import every_survey
from core.surveys.questions import among_kinds
from core.types import DEFAULT_KINDS, Persona
from tests.unit.store_rows import info, row

SURVEY = every_survey()
BANK = {name: SURVEY.questions()[name] for name in among_kinds(SURVEY.questions(), DEFAULT_KINDS)}
MAKERS = {"a1": "A", "a2": "A", "b": "B"}


def people(country: str, question: str) -> np.ndarray:
    return np.asarray(SURVEY.reference(question, Persona(country=country)).shares)


def of_people(country: str) -> dict[str, tuple[float, ...]]:
    return {name: tuple(people(country, name)) for name in BANK}


def corner(last: bool) -> dict[str, tuple[float, ...]]:
    """All of the probability on the last option, or on the first."""
    return {
        name: tuple(float(place == (len(q.codes) - 1 if last else 0)) for place in range(len(q.codes)))
        for name, q in BANK.items()
    }


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"a1": corner(last=True), "b": corner(last=True)}, "alike"),
        ({"a1": corner(last=True), "b": corner(last=False)}, "apart"),
    ],
)
def test_makers_that_agree_and_makers_that_do_not_are_told_apart(answers, expected):
    found = alike(answers, MAKERS, SURVEY, BANK)
    first = found.iloc[0]
    assert first["topic"] == EVERY
    assert first["questions"] == len(BANK) == found["questions"].iloc[1:].sum()
    assert verdict_of(first) == expected
    assert direction(lead_of(first, "china")) == {"alike": "below", "apart": "above"}[expected]


def test_a_maker_is_one_voice_however_many_models_it_has():
    two = {"a1": corner(last=True), "b": of_people("CHN")}
    found = alike(two, MAKERS, SURVEY, BANK).iloc[0]
    three = alike({**two, "a2": corner(last=True)}, MAKERS, SURVEY, BANK).iloc[0]
    assert found["china"] == pytest.approx(three["china"])
    assert found["between"] == pytest.approx(three["between"])
    assert found["between"] / 2 == pytest.approx(found["china"])  # the other half of the voices is people themselves
    assert (found["models"], three["models"], three["developers"]) == (2, 3, 2)


def test_only_common_questions_count_and_one_maker_alone_says_nothing():
    one, other = corner(last=True), corner(last=False)
    few = dict(list(other.items())[:5])
    assert alike({"a1": one, "b": few}, MAKERS, SURVEY, BANK).iloc[0]["questions"] == 5
    assert alike({"a1": one, "a2": other}, MAKERS, SURVEY, BANK).empty
    assert alike({"a1": one, "b": {}}, MAKERS, SURVEY, BANK).empty


def test_what_was_left_unanswered_is_counted_by_topic_and_errors_do_not_count(tmp_path):
    kinds = [
        {"outcome": "option"},
        {"outcome": "option", "valid_mass": 0.3},
        {"outcome": "refusal", "kind": "text"},
        {"outcome": "invalid", "kind": "text"},
        {"outcome": "error", "error_kind": "timeout", "error_text": "late"},
    ]
    store = Store(tmp_path)
    with store.create(info("mine")) as folder:
        rows = [
            row(i, "mine", question_id="Q182", model_id="m", provider="local", **one) for i, one in enumerate(kinds)
        ]
        store.append(folder, rows)
    found = unanswered(store, SURVEY.questions(), scope_of(ALL, mock=False))
    assert found[["model_id", "answers", "refused", "invalid", "beside"]].to_dict("records") == [
        {"model_id": "m", "answers": 4, "refused": 1, "invalid": 1, "beside": 1}
    ]
    assert found["share"].tolist() == [0.75]
    assert found["topic"].tolist() == [SURVEY.questions()["Q182"].topic]
    assert isinstance(found, pd.DataFrame)


def test_refusals_about_governments_stand_beside_those_of_other_questions_by_government_and_language(tmp_path):
    chinese, american = {"country": "CHN", "language": "zh"}, {"country": "USA", "language": "en"}
    kinds = [
        {"question_id": "Q71", "outcome": "refusal", "kind": "text", **chinese},
        {"question_id": "Q71", "outcome": "option", **chinese},
        {"question_id": "Q182", "outcome": "option", **chinese},
        {"question_id": "Q113", "outcome": "option", **american},
        {"question_id": "Q71", "outcome": "option", **american},
        # Asked as nobody in particular, it is about no government.
        {"question_id": "Q71", "outcome": "refusal", "kind": "text", "country": None, "language": "en"},
    ]
    store = Store(tmp_path)
    with store.create(info("mine")) as folder:
        plain = {"model_id": "m", "provider": "local", "sex": None}
        store.append(folder, [row(i, "mine", **plain, **one) for i, one in enumerate(kinds)])
    found = unanswered_by_government(store, SURVEY.questions(), scope_of(ALL, mock=False))
    said = found.set_index(["country", "language"])[["answers", "refused", "share", "share_other"]]
    assert said.loc[("CHN", "zh")].tolist() == [2, 1, 0.5, 0]
    assert said.loc[("USA", "en")].fillna(-1).tolist() == [2, 0, 0, -1]
    assert found.set_index("country")["questions"].to_dict() == {"CHN": 1, "USA": 2}
    assert len(said) == 2
    assert set(ABOUT_GOVERNMENT) <= set(SURVEY.questions())


def test_makers_near_an_even_guess_show_it():
    flat = {name: tuple([1 / len(q.codes)] * len(q.codes)) for name, q in BANK.items()}
    found = alike({"a1": flat, "b": flat}, MAKERS, SURVEY, BANK).iloc[0]
    assert found["even"] == pytest.approx(0)
    assert verdict_of(found) == "even"
    assert alike({"a1": corner(last=True), "b": flat}, MAKERS, SURVEY, BANK).iloc[0]["even"] > 0.1
