"""The Compare page: what ships, the control, a link, pin and swap, sides without data, and its brief."""

import html5lib
import pytest
import streamlit as st

from core.findings.compare import Side, differences
from core.settings import DATA
from pages.parts.compare import data as compare_data
from pages.parts.shared import brief_button, resources
from pages.parts.shared.readings import store_state
from tests.pages.test_pages import texts

MODEL, OTHER = "smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"
MODELS = [Side(model_id=name, run_id=None, language="en").key for name in (OTHER, MODEL)]
ENGLISH, CHINESE = (Side(model_id=MODEL, run_id=None, language=name).key for name in ("en", "zh"))
WAVES = [Side(model_id=MODEL, run_id=f"demo-edc-wave-{n}", language="en").key for n in (1, 2)]


def test_without_anything_to_compare_it_says_what_it_takes(app, monkeypatch, tmp_path):
    monkeypatch.setattr("core.store.DATA", tmp_path / "none")
    test = app("compare")
    assert not test.exception
    assert "nothing to compare yet" in texts(test)


def test_a_chinese_and_a_western_model_are_compared_at_once(app):
    test = app("compare")
    shown = texts(test)
    assert not test.exception
    assert test.multiselect(key="s").value == MODELS
    assert (
        "1 of 35 differences from Qwen2.5-Coder 0.5B (tuned for code) · English · all runs is more than noise" in shown
    )
    assert "1 of 6 differences is more than noise. Largest: Order of the actions" in shown
    table = test.dataframe[0].value
    assert table["Verdict"].iloc[0].startswith("more than noise")


def test_a_preset_compares_one_model_in_both_languages(app):
    test = app("compare")
    test.button(key="preset_languages").click().run()
    shown = texts(test)
    assert not test.exception
    assert test.multiselect(key="s").value == [ENGLISH, CHINESE]
    assert "0 of 29 differences from SmolLM2 135M · English · all runs are more than noise" in shown
    assert "SmolLM2 135M · Chinese · all runs was asked 88 dilemmas, but in 100% of readings less than half" in shown
    assert "no answers to dilemmas" not in shown, "it was asked and mostly said something else"


def test_two_waves_are_the_control(app):
    test = app("compare")
    test.button(key="preset_waves").click().run()
    shown = texts(test)
    assert not test.exception
    assert set(test.multiselect(key="s").value) == set(WAVES)
    assert "No difference at all" in shown
    assert "has no answers to survey questions" in shown
    assert "data/specs/countries-en.toml --model smollm2-135m-instruct --language en" in shown


def test_the_link_restores_sides_pin_and_measure(app):
    test = app("compare", s=[CHINESE, ENGLISH], p=ENGLISH, cm="jsd", cc="JPN", ct="none")
    assert not test.exception
    assert test.multiselect(key="s").value == [CHINESE, ENGLISH]
    assert test.selectbox(key="p").value == ENGLISH
    assert test.query_params["cm"] in ("jsd", ["jsd"])
    assert test.query_params["p"] in (ENGLISH, [ENGLISH])


def test_swap_holds_against_the_other_and_turns_every_difference_round(app):
    test = app("compare")
    before = test.dataframe[0].value.iloc[0]
    test.button(key="swap").click().run()
    after = test.dataframe[0].value.iloc[0]
    assert not test.exception
    assert test.selectbox(key="p").value == MODELS[1]
    assert (before["Where"], before["p, adjusted"]) == (after["Where"], after["p, adjusted"])
    assert before["Difference [95 % interval]"][0] != after["Difference [95 % interval]"][0]


def test_one_side_asks_for_another(app):
    test = app("compare")
    test.multiselect(key="s").set_value([ENGLISH]).run()
    assert "at least two" in texts(test)
    assert not test.exception


def test_a_link_to_something_that_is_gone_leaves_it_out(app):
    test = app("compare", s=["gone~~en", ENGLISH])
    assert not test.exception
    assert test.multiselect(key="s").value == [ENGLISH]


def test_five_sides_stand_in_one_table(app):
    keys = [ENGLISH, CHINESE, *WAVES, Side(model_id=MODEL, run_id="demo-edc-escalation", language="en").key]
    test = app("compare", s=keys)
    assert not test.exception
    assert len(test.get("arrow_vega_lite_chart")) + len(test.get("vega_lite_chart")) >= 6


def test_the_brief_holds_the_differences_of_the_store(app, monkeypatch):
    made = {}
    real = st.download_button

    def button(label, data, *args, key=None, **kwargs):
        made[key] = data
        return real(label, data, *args, key=key, **kwargs)

    monkeypatch.setattr(brief_button.st, "download_button", button)
    test = app("compare")
    assert not test.exception
    text = made["compare_brief"]().decode()
    html5lib.HTMLParser(strict=True).parse(text)
    state = store_state()
    items = compare_data.items_of(state, "stability", tuple(MODELS))
    row = differences(items, MODELS, MODELS[0]).iloc[0]
    assert f"{row['difference']:+.1%} [{row['low']:+.1%}, {row['high']:+.1%}]" in text
    for name in ("alignment-qwen-0.5b", "alignment-smollm2", "stability-qwen-0.5b", "stability-smollm2"):
        assert all(shard.sha256 in text for shard in resources.store().info(name).shards.values())
    assert (DATA / "runs").is_dir()


@pytest.mark.parametrize("told", ["country", "none"])
def test_every_way_of_asking_is_compared(app, told):
    test = app("compare", ct=told)
    assert not test.exception
    assert "First-token alignment" in texts(test)
