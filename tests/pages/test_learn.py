"""The lesson: nothing is drawn before a prediction, the verdict is computed, and all sessions share one computation."""

import pytest

from core.findings import lesson as made
from core.findings.lesson import STEPS
from core.i18n.glossary import glossary
from pages.parts.learn import data as learn_data
from tests.pages.test_pages import texts
from tests.pages.unfold import unfold

RIGHT = {"order": "place", "persona": 0, "publics": "even", "dilemmas": 54, "groups": "none", "taught": "open"}
WRONG = {"order": "same", "persona": 100, "publics": "CHN", "dilemmas": 0, "groups": "male", "taught": "first"}
TOLD = dict.fromkeys(STEPS, "Missed.") | dict.fromkeys(("publics", "groups"), "Partly right.")
"""What a wrong prediction is told: the data name neither public and neither sex, so that each of two is a neighbour of
the answer."""


def charts(test) -> int:
    return len(test.get("arrow_vega_lite_chart")) + len(test.get("vega_lite_chart"))


def linked(test, key: str) -> str | None:
    """What the URL holds, which AppTest gives as a list or as it is."""
    value = test.query_params.get(key)
    return value[0] if isinstance(value, list) else value


def predict(test, step: str, value):
    if isinstance(value, str):
        test.radio(key=f"learn_{step}").set_value(value).run()
    else:
        test.slider(key=f"learn_{step}").set_value(value).run()
    return test.button(key="lock").click().run()


@pytest.mark.parametrize("step", STEPS)
def test_the_chart_is_not_there_before_a_prediction_and_is_after_it(app, step):
    test = app("learn", step=step)
    assert not test.exception
    assert charts(test) == 0
    assert "The data say" not in texts(test)
    predict(test, step, RIGHT[step])
    assert not test.exception
    assert charts(test) == 1
    shown = texts(test)
    assert "**Right.** You said" in shown
    assert "Talk about it" in shown


@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_prediction_is_told_so(app, step):
    test = predict(app("learn", step=step), step, WRONG[step])
    shown = texts(test)
    assert f"**{TOLD[step]}** You said" in shown
    assert "**Right.** You said" not in shown
    assert charts(test) == 1


def test_a_choice_must_be_made_before_it_can_be_locked(app):
    assert app("learn").button(key="lock").disabled


def test_the_whole_lesson_back_and_forth_and_again(app):
    test = app("learn")
    for step in STEPS:
        assert linked(test, "step") == (step if step != STEPS[0] else None)
        predict(test, step, RIGHT[step] if step != "dilemmas" else WRONG[step])
        test.button(key="next").click().run()
    assert linked(test, "step") == "end"
    shown = texts(test)
    assert "5 right, 0 partly right, of 6" in shown
    assert len(test.table[0].value) == len(STEPS)
    test.button(key="back").click().run()
    assert charts(test) == 1
    test.button(key="restart").click().run()
    assert charts(test) == 0
    assert "0 of 6 steps done" in str([bar.proto.text for bar in test.get("progress")])


def test_the_end_says_what_is_still_open(app):
    assert "6 steps are still open" in texts(app("learn", step="end"))


def test_without_the_shipped_runs_the_page_says_so(app, tmp_path, monkeypatch):
    monkeypatch.setattr("core.store.DATA", tmp_path / "no_data")
    learn_data.lesson_of.clear()
    test = app("learn")
    assert "did not come with this copy" in texts(test)
    assert not test.exception
    learn_data.lesson_of.clear()


def test_many_sessions_share_one_computation(app, configure, monkeypatch):
    configure(keep_frames=False)
    learn_data.lesson_of.clear()
    computed = []

    def counted(*given):
        computed.append(1)
        return made.lesson(*given)

    monkeypatch.setattr(learn_data, "lesson", counted)
    for _ in range(3):
        predict(app("learn"), "order", "some")
    assert len(computed) == 1


def test_the_lesson_is_in_chinese_too(app):
    test = app("learn", ui="zh")
    # AppTest would look for the word of a choice in its own language, not in that of the session.
    test.session_state["learn_said"] = {"order": "some"}
    test.run()
    shown = texts(test)
    assert "猜中一半" in shown
    assert "You said" not in shown


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_method_page_lists_the_whole_glossary(app, language):
    shown = texts(unfold(app("method", ui=language)))
    assert all(term.text in shown for term in glossary(language).values())


def test_a_heading_carries_the_explanation_of_its_terms(app):
    test = app("learn", step="dilemmas")
    assert glossary("en")["flip_rate"].text in test.header[0].proto.help
