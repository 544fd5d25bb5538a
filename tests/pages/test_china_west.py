"""The China-West page: published figures alone, with runs, its switches, its link, and the way there."""

import html

import pytest

from core.brief import to_html
from core.charts.palette import LIGHT
from core.findings.china_west.instruments import INSTRUMENTS, Contrast
from core.surveys.published import study
from pages.parts.china_west.instrument_words import contrast_words
from pages.parts.shared import brief_button
from tests.pages.test_pages import texts
from tests.pages.test_representation import bare

__all__ = ["bare"]


def test_without_runs_the_published_models_stand_alone(bare):
    test = bare("china_west")
    shown = texts(test)
    assert not test.exception
    assert "No model of your own" in shown


def test_the_full_page_says_finding_n_and_what_the_figures_carry(app):
    test = app("china_west")
    shown = texts(test)
    assert not test.exception
    assert "Of 17 models, clearly nearer to people in the USA: " in shown
    assert "by the points alone: 17 by mean distance, 14 by number of questions, 16 by rank" in shown
    assert "Chinese models 9 / 10, developers 5 · Western models 8 / 10, developers 5" in shown
    assert "Claude-Opus-4, Ernie-4.5, GPT-4o" in shown
    assert "change sides with the measure" in shown
    # Source lines with their links: places, origins, effects, map, questions; the map of people; the instrument shown.
    assert shown.count(f"]({study('justifiable').link})") >= 5
    assert f"]({study('people').link})" in shown
    assert "answering 5.5 to everything" in shown
    assert "Qwen2.5-Coder 0.5B (tuned for code) (19 of 19 questions)" in shown
    assert "SmolLM2 135M (19 of 19 questions; hardly on the options, valid mass 46%)" in shown
    assert len(test.get("arrow_vega_lite_chart") or test.get("vega_lite_chart")) >= 4


@pytest.mark.parametrize("measure", ["distance", "items", "rank"])
@pytest.mark.parametrize(("language", "persona", "points"), [("zh", "CHN", 19), ("en", "USA", 20)])
def test_every_switch_opens_from_a_link(app, measure, language, persona, points):
    test = app("china_west", cwm=measure, cwl=language, cwp=persona)
    assert not test.exception
    assert test.segmented_control(key="cwm").value == measure
    assert "Of 20 models, clearly nearer to people in the USA: " in texts(test)
    assert f"by the points alone: {points} by" in texts(test)


def test_a_chosen_model_that_was_not_asked_this_way_gives_way(app):
    test = app("china_west", cwp="CHN", cwi="published:GPT-4o")
    assert test.selectbox(key="cwi").value == "published:GPT-4o"
    test.segmented_control(key="cwp").set_value("none").run()
    assert not test.exception
    assert test.selectbox(key="cwi").value != "published:GPT-4o"


def test_another_language_is_drawn(app):
    test = app("china_west")
    test.segmented_control(key="cwl").set_value("zh")
    test.run()
    assert not test.exception


@pytest.mark.parametrize("ui", ["en", "zh"])
def test_the_brief_holds_the_finding_the_limits_and_the_runs(app, monkeypatch, ui):
    kept = []
    monkeypatch.setattr(brief_button, "show_brief", lambda key, brief: kept.append(brief()))
    test = app("china_west", ui=ui)
    assert not test.exception
    page = to_html(kept[-1], LIGHT, ui)
    assert page.count("<svg") == 3
    assert html.escape(str(test.header[0].value)) in page
    assert "+0.18 [-0.10, +0.46]" in page
    for run in ("alignment-smollm2", "alignment-qwen-0.5b", "alignment-qwen-1.5b"):
        assert run in page
    assert "<script" not in page


@pytest.mark.parametrize("name", ["foundations", "foundations_2026", "moral_machine", "criticism", "values"])
def test_every_instrument_opens_from_a_link_with_its_finding_limits_and_source(app, name):
    test = app("china_west", cwx=name, ui="zh" if name == "criticism" else "en")
    assert not test.exception
    assert test.segmented_control(key="cwx").value == name
    shown = texts(test)
    assert "https://" in shown
    if name == "foundations":
        assert "smaller to people in the USA than to people in China for 16 of 20 models: a plain count" in shown
        assert "online panels" in shown


def test_a_base_model_is_named_and_stands_on_no_side(app):
    test = app("china_west")
    assert not test.exception
    assert "Left out: Gemma 3 270M (base)." in texts(test)
    assert not [name for frame in test.dataframe for name in frame.value.astype(str).stack() if "Gemma 3 270M" in name]


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [(0.15, 0.35, "[+0.15, +0.35], more than"), (-0.1, 0.6, "within"), (0.01, 0.09, "but less")],
)
def test_the_two_sides_differ_only_by_what_matters(low, high, says):
    """A difference of a hundredth of a point was called more than the margin of error."""
    found = Contrast((low + high) / 2, low, high, 8, 9, (4, 5))
    assert says in contrast_words(found, INSTRUMENTS["foundations"].least)
