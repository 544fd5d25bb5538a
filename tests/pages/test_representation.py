"""The page of representation: empty, full, linked, and an import by hand."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from core.audits.representation.audit import Spec, measure, plan
from core.providers.mock import MockProvider
from core.runs.bank import load_bank
from core.runs.runner import Runner
from core.runs.survey_import import Upload, import_in_background
from core.settings import settings
from core.store import Store
from core.surveys.importing import Options
from core.surveys.private import load_first, private_dir, private_names
from core.surveys.published import study
from core.types import AGES, Persona, Reference
from pages.parts.representation.words import finding
from pages.parts.shared import resources
from tests.pages.test_pages import texts
from tests.unit.store_rows import info

QUESTIONS = 24


@pytest.fixture
def bare(app, tmp_path, monkeypatch):
    """The ``app`` fixture without the shipped runs."""
    monkeypatch.setattr("core.store.DATA", tmp_path / "no_data")
    return app


@pytest.fixture
def measured(bare):
    """Made-up answers to some questions as groups of two countries, in the store of the ``app`` fixture."""
    bank = load_bank()
    ids = tuple(name for name, question in bank.questions.items() if question.survey == "wvs7")[:QUESTIONS]
    spec = Spec(models=("mock",), countries=("CHN", "USA"), questions=ids, dimensions=("age", "sex"), orders="scale")
    store = Store(settings().runs_dir)
    with store.create(info("groups")) as folder:

        class Keeper:
            def lookup(self, keys):
                return {}

            def append(self, rows):
                kept = [row.model_copy(update={"run_id": "groups"}) for row in rows]
                made.extend(kept)
                return kept

        made = []
        Runner(Keeper(), lambda name: MockProvider()).run(plan(spec, bank))
        store.append(folder, made)
    store.close()
    # Answers that are made up count only where they are chosen.
    return lambda page, **query: bare(page, **{"also": "mock", **query})


def test_an_empty_store_says_what_to_do(bare):
    shown = texts(bare("representation"))
    assert "no survey answers of any model yet" in shown


def test_the_page_opens_with_the_two_shipped_models_side_by_side(app):
    test = app("representation")
    shown = texts(test)
    assert not test.exception
    assert test.multiselect(key="rm").value == ["smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"]
    assert "SmolLM2 135M" in shown
    assert "Qwen2.5-Coder 0.5B" in shown
    assert "scores 0.833; of 24 models, 0 scored more" in shown
    assert f"]({study('segments').link})" in shown
    assert "rm" not in test.query_params


def test_a_full_page_states_findings_with_interval_and_questions(measured):
    test = measured("representation", rm="mock", rc="CHN")
    shown = texts(test)
    assert not test.exception
    assert "Mock (made-up answers) · China" in shown
    assert " questions." in shown
    assert "beyond noise" in shown or "is nearer to" in shown
    assert "question by question" in shown
    assert "unweighted" in shown
    assert "No shipped run covers this yet" in shown
    assert len(test.get("arrow_vega_lite_chart")) >= 3 or len(test.get("vega_lite_chart")) >= 3


def test_two_countries_stand_side_by_side_and_the_link_restores_it(measured):
    test = measured("representation", rm="mock", rc=["CHN", "USA"])
    shown = texts(test)
    assert not test.exception
    assert "· China" in shown
    assert "· United States" in shown
    assert test.query_params["rc"] == ["CHN", "USA"]


def test_a_change_of_what_is_told_shows_the_groups_that_were_told(measured):
    test = measured("representation", rm="mock", rc="CHN")
    test.segmented_control(key="rs").set_value("group").run()
    shown = texts(test)
    assert not test.exception
    assert "Age and sex:" not in shown
    assert list(test.query_params["rs"]) in (["group"], list("group"))


def test_a_group_that_was_not_told_says_so(measured):
    test = measured("representation", rm="mock", rc="CHN", g="age_x_sex:18-29|female", rs="group")
    assert "was not asked this way" in texts(test)
    assert not test.exception


def test_nothing_chosen_asks_for_a_choice(measured):
    test = measured("representation", rm="", rc="CHN")
    assert "at least one model" in texts(test)
    assert not test.exception


def test_a_change_of_country_is_drawn(measured):
    test = measured("representation", rm="mock", rc="CHN")
    test.multiselect(key="rc").set_value(["USA"])
    test.run()
    assert not test.exception


def test_an_import_is_found_again_on_the_page_and_its_data_are_used_at_once(measured, tmp_path):
    before = texts(measured("representation", rm="mock", rc="USA"))
    assert "wvs7" in before
    path = tmp_path / "upload.csv"
    shares = [
        f"{name},{code},{group},{1 / len(question.codes)},500"
        for name, question in list(load_bank().questions.items())[:QUESTIONS]
        for group in ("all", *AGES)
        for code in question.codes
    ]
    path.write_text("\n".join(["question,option,group,share,n", *shares]))
    upload = Upload(name="Even.csv", options=Options(country="USA", year=2025))
    job = import_in_background(resources.jobs(), path, upload, load_bank().questions)
    while not job.finished:
        time.sleep(0.02)
    assert job.error is None
    test = measured("representation", rm="mock", rc="USA")
    shown = texts(test)
    assert not test.exception
    assert "named “even”" in shown
    assert "In use: even" in shown
    assert "even" in shown.split("respondents")[-1] or "2025" in shown
    test.button(key="forget_even").click().run()
    assert not test.exception
    assert "In use: even" not in texts(test)


def test_a_wrong_file_is_told_on_the_page(measured, tmp_path):
    measured("representation", rm="mock", rc="USA")
    path = tmp_path / "upload.csv"
    path.write_text("a;b\n1;2\n")
    job = import_in_background(resources.jobs(), path, Upload(name="x.csv"), load_bank().questions)
    while not job.finished:
        time.sleep(0.02)
    test = measured("representation", rm="mock", rc="USA")
    assert not test.exception
    assert any("none of the questions" in str(error.value) for error in test.error)


def test_refused_questions_are_told_on_the_page_and_the_rest_is_kept_on_request(measured, tmp_path):
    measured("representation", rm="mock", rc="USA")
    rows = [f"CHN,2018,1,{1 + i % 4},{i % 4 / 3:.3f}" for i in range(60)]
    path = tmp_path / "upload.csv"
    path.write_text("\n".join(["B_COUNTRY_ALPHA,A_YEAR,W_WEIGHT,Q6,Q49", *rows]))
    job = import_in_background(resources.jobs(), path, Upload(name="Half.csv"), load_bank().questions)
    while not job.finished:
        time.sleep(0.02)
    test = measured("representation", rm="mock", rc="USA")
    assert any("Nothing is kept yet" in str(error.value) for error in test.error)
    assert "Refused: Q49" in texts(test)
    assert private_names() == []
    test.button(key="import_keep_rest").click().run()
    assert not test.exception
    assert private_names() == ["half"]
    test.button(key="forget_half").click().run()
    assert private_names() == []


def test_a_private_file_that_cannot_be_read_is_named_and_removed_on_the_page(measured):
    measured("representation", rm="mock", rc="USA")
    private_dir().mkdir(parents=True, exist_ok=True)
    (private_dir() / "bad.parquet").write_bytes(b"PAR1 no")
    test = measured("representation", rm="mock", rc="USA")
    assert not test.exception
    assert any("bad" in str(warning.value) for warning in test.warning)
    test.button(key="forget_bad").click().run()
    assert not test.exception
    assert private_names() == []


@pytest.mark.parametrize("place", ["USA", "CHN"])
def test_an_even_guess_and_the_whole_population_leave_nobody_out(place):
    survey = load_first()
    even = {(Persona().key, name): (1 / len(q.codes),) * len(q.codes) for name, q in survey.questions().items()}
    whole = {
        (Persona().key, name): reference.shares
        for name in survey.questions()
        if isinstance(reference := survey.reference(name, Persona(country=place)), Reference)
    }
    for answers in (even, whole):
        found = measure(answers, survey, place, tolds=("none",))
        assert set(found["contrasts"]["dimension"]) == {"age", "sex", "education", "age_x_sex"}
        assert not found["groups"]["flagged"].any()
        assert not found["contrasts"]["clear"].any()
        for _, contrast in found["contrasts"].iterrows():
            assert "nearer" not in finding(contrast, "mock", place)


def _mapping_alone():
    import streamlit as st

    from pages.parts.representation.columns import confirm_columns

    names = ["land", "A_YEAR", "Q6", "wvs_q49", "lifesat"]
    st.session_state["chosen"] = confirm_columns(names, {"wvs_q49": "Satisfaction", "lifesat": "Another one"})


def test_renamed_questions_are_shown_confirmed_and_changed_by_the_reader():
    test = AppTest.from_function(_mapping_alone, default_timeout=30).run()
    assert not test.exception
    assert test.multiselect(key="import_renamed").value == ["Q49"]
    assert test.session_state["chosen"]["Q49"] == "wvs_q49"
    assert test.session_state["chosen"]["year"] == "A_YEAR"
    assert list(test.dataframe[0].value.iloc[:, 2]) == ["Q6", "wvs_q49"]
    test.selectbox(key="import_question_Q49").select("lifesat")
    test.multiselect(key="import_renamed").set_value(["Q49", "Q57"]).run()
    assert not test.exception
    assert test.session_state["chosen"]["Q49"] == "lifesat"
    assert "Q57" not in test.session_state["chosen"]
    test.multiselect(key="import_renamed").set_value([]).run()
    assert "Q49" not in test.session_state["chosen"]
