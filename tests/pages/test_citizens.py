"""The page of simulated citizens: empty, full, restored from a link, and its audit in the form."""

import pytest

from core.audits.citizens.plan import Spec
from core.providers.mock import MockProvider
from core.runs import create_run, run_audit
from core.runs.bank import load_bank
from core.settings import settings
from core.store import Store
from tests.pages.test_pages import texts

ASKED = ("Q6", "Q29", "Q57")


@pytest.fixture
def bare(app, tmp_path, monkeypatch):
    """The ``app`` fixture without the shipped runs."""
    monkeypatch.setattr("core.store.DATA", tmp_path / "no_data")
    return app


@pytest.fixture
def measured(bare):
    """A small run of the mock model in the store of the ``app`` fixture."""
    store, bank = Store(settings().runs_dir), load_bank()
    spec = Spec(models=("mock",), countries=("CHN", "USA"), questions=ASKED, respondents=8, written=2)
    create_run(store, "citizens", spec, bank, title="Eight citizens", run_id="eight")
    run_audit(store, "eight", bank, lambda name: MockProvider())
    store.close()
    return bare


def test_without_a_run_the_page_names_the_command(bare):
    test = bare("citizens")
    assert not test.exception
    assert "no run of simulated citizens yet" in texts(test)
    assert any("python -m core run data/specs/diversity-demo.toml" in str(code.value) for code in test.code)


def test_a_full_page_states_distance_noise_baselines_and_rules(measured):
    test = measured("citizens", also="mock")
    shown = texts(test)
    assert not test.exception
    assert "A perfect simulation of " in shown
    assert "even guess over the options" in shown
    assert "against no source of diversity" in shown
    assert "Only 3 questions" in shown
    assert "unweighted" in shown
    assert "Not judged in this run" in shown
    assert len(test.get("arrow_vega_lite_chart")) >= 4 or len(test.get("vega_lite_chart")) >= 4
    assert test.selectbox(key="ca").options[0] == "No source"


def test_a_link_restores_country_arm_and_question(measured):
    test = measured("citizens", also="mock", cc="USA", ca="memory", cq="Q57")
    assert not test.exception
    assert "The simulated citizens of United States" in texts(test)
    assert test.selectbox(key="ca").value == "memory"
    assert test.selectbox(key="cq").value == "Q57"
    test.selectbox(key="cc").set_value("CHN").run()
    assert not test.exception
    assert "The simulated citizens of China" in texts(test)


def test_the_form_draws_the_fields_of_the_audit(bare):
    test = bare("runs", view="new", audit="citizens")
    assert not test.exception
    assert test.number_input(key="spec_citizens_respondents").value == 24
    assert test.multiselect(key="spec_citizens_sources").value == ["prompt", "configuration", "memory"]
    assert test.multiselect(key="country").value == ["CHN", "USA"]
    test.selectbox(key="audit").set_value("representation").run()
    assert not test.exception
    assert test.multiselect(key="spec_representation_dimensions").value == ["age", "sex", "education"]
