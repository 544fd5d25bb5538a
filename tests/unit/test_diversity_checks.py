"""Insensitivity rules on models of known behaviour."""

from __future__ import annotations

import pytest

from core.audits import AUDITS
from core.audits.base import Bank
from core.audits.citizens.checks import judge_all, offending, rates
from core.audits.citizens.draw import Tag
from core.audits.citizens.plan import Spec
from core.errors import DataError
from core.parsing.answers import another_kind, explained_place, named_labels
from core.providers.mock import MockProvider
from core.runs import create_run, run_audit
from core.runs.bank import load_bank
from core.store import Store
from core.surveys.questions import load_questions
from core.types import Capabilities, LocalText, Option, Question
from tests.unit.audit_child import mock_model
from tests.unit.store_rows import row

AGREE = ("Strongly agree", "Agree", "Disagree", "Strongly disagree")
QUESTIONS = {name: load_bank().questions[name] for name in ("Q6", "Q29", "Q57")}


def choice(name: str, first: str = "", survey: str | None = "mine") -> Question:
    """Three aims to choose from; ``first`` names the question whose second choice this one is."""
    options = tuple(Option(code=i, text=LocalText(en=f"aim {i}", zh=f"目标{i}")) for i in (1, 2, 3))
    text = LocalText(en=name, zh=name)
    fields = {"id": name, "survey": survey, "topic": "t", "short": text, "stem": text, "options": options}
    return Question.model_validate({**fields, "scale": "nominal", "polarity": 0, "second_to": first})


PAIR = {"first": choice("first"), "second": choice("second", "first")}


def written(i: int, text: str, question: str = "Q29", code: int | None = None, **more: object):
    values = {
        "kind": "text",
        "text": text,
        "question_id": question,
        "parsed_code": code,
        "outcome": "invalid" if code is None else "option",
        "tag": Tag(arm="written", number=i).text,
        "codes": (),
        "mass": (),
        "language": "en",
        "model_id": "m",
    }
    return row(i, **(values | more))


def rate_of(rows, rule: str, questions=QUESTIONS) -> float | None:
    table = rates(judge_all(rows, questions)).set_index("rule")["rate"]
    return float(table[rule]) if rule in table.index else None


def test_a_model_that_names_no_option_in_one_of_four_is_told_so() -> None:
    rows = [written(i, "A. Yes", code=1) for i in range(3)] + [written(3, "It depends on many things.")]
    assert rate_of(rows, "instruction") == pytest.approx(0.25)
    assert rate_of(rows, "question_type") == 0


def test_an_answer_to_another_kind_of_question() -> None:
    rows = [written(0, "Yes, certainly."), written(1, "7 out of 10"), written(2, "Well.")]
    assert rate_of(rows, "question_type") == pytest.approx(2 / 3)
    assert not another_kind("Yes.", ["Yes", "No"])
    assert another_kind("是的，当然。", ["同意", "不同意"])


def test_a_role_that_is_dropped_counts_even_where_an_option_is_named() -> None:
    rows = [
        written(0, "A. As an AI I agree.", code=1),
        written(1, "作为人工智能，我没有观点。"),
        written(2, "B.", code=2),
    ]
    assert rate_of(rows, "role") == pytest.approx(2 / 3)
    shown = offending(judge_all(rows, QUESTIONS))
    assert set(shown[shown["rule"] == "role"]["answer"]) == {rows[0].text, rows[1].text}


def test_an_explanation_from_the_other_half_of_the_scale_contradicts_and_a_milder_one_does_not() -> None:
    rows = [
        written(0, "A. I disagree with this.", code=1),
        written(1, "A. I agree, men lead.", code=1),
        written(2, "D. Agree", code=4),
        written(3, "B", code=2),
    ]
    assert rate_of(rows, "contradiction") == pytest.approx(2 / 3)
    assert explained_place("A. I agree", AGREE) == 1
    assert explained_place("I agree", AGREE) is None


def test_more_options_than_allowed() -> None:
    rows = [written(0, "A and C"), written(1, "A. Agree\nB. Disagree"), written(2, "B", code=2)]
    assert rate_of(rows, "too_many") == pytest.approx(2 / 3)
    assert named_labels("A and C", "ABCD") == ("A", "C")
    assert named_labels("B. A good life for all", "ABCD") == ("B",)
    assert named_labels("选A和C", "ABCD") == ("A", "C")


def test_the_first_choice_given_again_as_the_second() -> None:
    rows = []
    for i, (first, second) in enumerate(((1, 1), (1, 2), (3, 3), (2, 1))):
        for name, code in (("first", first), ("second", second)):
            tag = Tag(arm="all", number=i, seed=i % 2).text
            rows.append(written(10 * i, f"aim {code}", name, code, cell_id=f"{name}-{i}", tag=tag))
    assert rate_of(rows, "same_choice", PAIR) == pytest.approx(0.5)
    broken = offending(judge_all(rows, PAIR))
    assert list(broken[broken["rule"] == "same_choice"]["cell_id"]) == ["second-0", "second-2"]
    assert rate_of([r for r in rows if r.question_id == "first"], "same_choice", PAIR) is None


def test_two_choices_of_two_draws_of_people_are_not_those_of_one_person() -> None:
    rows = [
        written(i, "aim 1", name, 1, tag=Tag(arm="all", number=1, seed=i).text)
        for i, name in enumerate(("first", "second"))
    ]
    assert rate_of(rows, "same_choice", PAIR) is None


def test_a_pair_of_questions_of_ones_own_is_judged_from_the_rows_alone(tmp_path) -> None:
    own = {"first": choice("first", survey=None), "second": choice("second", "first", survey=None)}
    bank = Bank(questions=own, models={"mock": mock_model(capabilities=Capabilities(logprobs="none"))})
    spec = Spec(models=("mock",), countries=("CHN",), questions=tuple(own), respondents=6, sources=(), ablation=False)
    store = Store(tmp_path)
    run_id = create_run(store, "citizens", spec, bank)
    stubborn = MockProvider(
        text=lambda request: next(line for line in request.messages[-1].content.splitlines() if line.endswith("aim 2"))
    )
    run_audit(store, run_id, bank, lambda name: stubborn)
    rows = store.rows(run_id, list(store.responses([run_id]).cell_id))
    store.close()
    checks = AUDITS["citizens"]().scores(rows, Bank(questions={}, models={}))["checks"].set_index("rule")
    assert checks.loc["same_choice", "rate"] == 1
    assert checks.loc["same_choice", "answers"] == 6


def test_a_question_file_names_the_first_choice_and_must_know_it(tmp_path) -> None:
    head = 'survey = "mine"\n'
    item = """[[question]]
id = "{id}"
topic = "t"
scale = "nominal"
polarity = 0
short = {{ en = "s", zh = "s" }}
stem = {{ en = "s", zh = "s" }}
options = [{{ code = 1, en = "a", zh = "a" }}, {{ code = 2, en = "b", zh = "b" }}]
{more}
"""
    path = tmp_path / "own.toml"
    path.write_text(head + item.format(id="a", more="") + item.format(id="b", more='second_to = "a"'))
    assert load_questions(path)["b"].second_to == "a"
    path.write_text(head + item.format(id="b", more='second_to = "a"'))
    with pytest.raises(DataError, match="second_to names “a”"):
        load_questions(path)


def test_of_a_distribution_only_what_lies_off_the_options_is_judged() -> None:
    tag = Tag(arm="none", number=1).text
    rows = [
        row(0, question_id="Q6", tag=tag, codes=(1, 2, 3, 4), mass=(0.1, 0.1, 0, 0), valid_mass=0.2, language="en"),
        row(2, question_id="Q29", tag=tag, codes=(1, 2, 3, 4), mass=(1, 0, 0, 0), valid_mass=1.0, language="en"),
    ]
    table = rates(judge_all(rows, QUESTIONS))
    assert list(table["rule"]) == ["instruction"]
    assert table["rate"].iloc[0] == pytest.approx(0.4)
    assert list(offending(judge_all(rows, QUESTIONS))["answer"]) == ['[["B",0.5]]']


def test_errors_and_rows_of_other_audits_are_not_judged() -> None:
    rows = [written(0, "", outcome="error"), written(1, "A", code=1, tag="")]
    assert judge_all(rows, QUESTIONS) == []
    assert rates([]).empty
