"""The trace page: empty, made, compared, tested, and restored from a link."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from core.providers import get_provider
from core.runs import create_run, parse_spec, run_audit
from core.runs.bank import load_bank
from core.store import open_store
from core.types import Persona
from pages.parts.traces.brief import gain_line
from tests.pages.test_pages import texts
from tests.unit.test_faithfulness import gained

WOMAN = Persona(country="CHN", age="18-29", sex="female")
MAN = Persona(country="USA", age="50+", sex="male")
SIDE = {"a_m": "mock", "b_m": "mock", "b_c": "USA", "b_age": "50+", "b_sex": "male", "q": "Q57"}
ONE = {"two": "one", **SIDE}


def store_traces(**more) -> None:
    """Two people, one question, of the mock model."""
    given = {"models": ("mock",), "questions": ("Q57",), "personas": (WOMAN, MAN)} | more
    bank, store = load_bank(), open_store()
    create_run(store, "traces", parse_spec("traces", given), bank, run_id="stored")
    run_audit(store, "stored", bank, get_provider)


def finish(test: AppTest, job: str, seconds: float = 120) -> AppTest:
    from pages.parts.shared import resources

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = resources.jobs().get(test.session_state[job])
        if found.finished:
            assert found.error is None
            return test.run()
        time.sleep(0.1)
    pytest.fail("the job did not end")


def test_a_trace_that_is_not_stored_waits_for_the_button_and_warns_once(app):
    test = app("traces", **ONE)
    shown = texts(test)
    assert not test.exception
    assert "not stored yet" in shown
    assert shown.count("weak scientific validity") == 1
    assert "135" in "".join(e.label for e in test.expander)


def test_a_person_without_attributes_is_refused_with_a_hint(app):
    test = app("traces", a_c="", a_age="", a_sex="", a_edu="", **ONE)
    assert "Choose at least one of country" in texts(test)
    assert test.button(key="ask").disabled


def test_a_trace_is_made_and_shows_its_stages_vote_and_direct_answer(app):
    test = app("traces", **ONE)
    test.button(key="ask").click().run()
    finish(test, "trace_job")
    shown = texts(test)
    assert not test.exception
    assert "The vote:" in shown
    assert "Asked directly:" in shown
    for stage in ("1 Stress", "2 Personality", "3a Situation", "3b Cognition", "4 Synthesis"):
        assert stage in shown
    assert "This text was made up" in shown


def test_two_stored_traces_compare_without_a_model_and_a_link_restores_them(app):
    test = app("traces", two="two", **SIDE)
    store_traces()
    test.run()
    shown = texts(test)
    assert "no model was asked" in shown
    assert shown.count("The vote:") == 2
    assert "Differs:" in shown or "points in 100 of the probability differ" in shown
    assert dict(test.query_params) == SIDE


def test_the_page_opens_with_a_western_and_a_chinese_model_as_the_same_person(app):
    test = app("traces")
    shown = texts(test)
    assert not test.exception
    assert shown.count("The vote:") == 2
    assert (test.selectbox(key="a_m").value, test.selectbox(key="b_m").value) == (
        "smollm2-135m-instruct",
        "qwen2.5-coder-0.5b-instruct",
    )
    assert test.selectbox(key="a_c").value == test.selectbox(key="b_c").value == "CHN"


@pytest.mark.slow  # two traces side by side are told above
def test_the_same_trace_can_stand_on_both_sides(app):
    store_traces()
    test = app("traces", **SIDE | {"b_c": "CHN", "b_age": "18-29", "b_sex": "female"})
    assert not test.exception
    assert texts(test).count("The vote:") == 2


@pytest.mark.slow  # what an address restores is told above
def test_one_stage_is_shown_alone_and_stands_in_the_link(app):
    test = app("traces", **ONE)
    store_traces()
    test.run()
    test.button(key="stage_next").click().run()
    assert test.query_params["stage"] == "stress"
    assert "1 Stress" in texts(test)
    assert "2 Personality" not in texts(test)


@pytest.mark.slow  # sides are told above
def test_pinning_the_right_side_makes_it_the_left_one(app):
    test = app("traces", two="two", **SIDE)
    test.button(key="pin").click().run()
    assert test.query_params["a_c"] == "USA"
    assert test.query_params["a_age"] == "50+"


def test_interventions_over_a_stored_run_give_a_verdict(app):
    store_traces(interventions=("no_stress", "equal_weights"), options={"texts": False})
    test = app("traces", also="mock", **ONE)
    shown = texts(test)
    assert not test.exception
    assert "Without the stress stage:" in shown
    assert "Not tested: Functions in another order, Random other type" in shown
    assert "Groups that come nearer" in shown


def test_the_brief_says_of_one_group_what_the_page_says():
    """With one group the brief looked at the interval alone, and said "nearer" where the page said "unclear"."""
    spread = [-0.05, -0.06, -0.04, -0.05, -0.07, -0.05, -0.04, -0.06]
    for batteries, verdict, says in (("aabbccdd", "unclear", "neither"), ("abcdefgh", "nearer", "come nearer")):
        row = gained(spread, batteries).iloc[0]
        assert row["high"] < 0
        assert row["verdict"] == verdict
        said = gain_line(row.to_dict() | {"label": "G"})
        assert says in said.text
        assert (said.confidence == "low") == (verdict == "unclear")
