"""Every page in its empty, error and full state."""

import re
import time
from pathlib import Path

import pytest
from streamlit.source_util import page_icon_and_name
from streamlit.testing.v1 import AppTest

from core.providers import _made
from core.settings import settings
from core.surveys.published import study
from pages.parts.shared import model_notes
from tests.pages.conftest import APP

PAGES = [path.stem for path in sorted((Path(__file__).resolve().parents[2] / "pages").glob("[!_]*.py"))]


_KEPT_IN = re.compile(r"\\(?=[^A-Za-z0-9\s])|\u2060")


def as_read(markdown: str) -> str:
    """``markdown`` without the signs that keep what stands in it from acting."""
    return _KEPT_IN.sub("", markdown)


def texts(test: AppTest) -> str:
    """Everything that is written on the page, as a reader sees it."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "info",
        "warning",
        "error",
        "success",
        "code",
        "text",
    )
    return as_read("\n".join(str(element.value) for kind in kinds for element in getattr(test, kind)))


def finish(test: AppTest, seconds: float = 60) -> AppTest:
    """Run the page again, as a browser polls, until its job has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        test.run()
        if not any("Asking" in text for text in progress(test)) and not test.button(key="ask").disabled:
            return test.run()
        time.sleep(0.05)
    pytest.fail("the job did not end")


def progress(test: AppTest) -> list[str]:
    return [element.proto.text for element in test.get("progress")]


def ask(test: AppTest, model: str = "mock") -> AppTest:
    test.multiselect(key="m").set_value([model]).run()
    test.button(key="ask").click().run()
    return finish(test)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_an_error(app, page):
    test = app(page)
    assert not test.exception
    assert not test.error
    assert test.title


def test_every_file_in_pages_is_registered():
    frame = Path(__file__).resolve().parents[2] / "pages" / "parts" / "app" / "frame.py"
    source = frame.read_text(encoding="utf-8")
    assert PAGES
    assert all(f'_page("{page}"' in source for page in PAGES)


def test_an_address_that_only_leads_to_a_page_is_a_file_that_a_new_server_knows(app):
    leading = sorted(path.stem for path in APP.parent.glob("pages/_[!_]*.py"))
    assert leading
    for name in leading:
        path = page_icon_and_name(Path(f"{name}.py"))[1]
        assert f'_leading("{path}"' in (APP.parent / "pages" / "parts" / "app" / "frame.py").read_text("utf-8")
        test = app(name)
        assert not test.exception
        assert test.title[0].value in ("Traces: why that answer?", "A lesson with your class")


def test_the_start_page_states_its_finding_with_its_numbers_and_its_baseline(app):
    test = app("start")
    shown = texts(test)
    assert "6 of 14 models clearly answer more like the American public" in shown
    assert "5 of 7 Chinese models, 1 of 7 American ones); by the points alone it would be 14. But always" in shown
    assert "Why the baseline stands there" in shown
    assert (
        "0 of 14 models put them in an order clearly nearer to that of the American public, by the points alone 14"
        in shown
    )
    assert f"]({study('justifiable').link})" in shown
    baseline = "with no values at all, lands on that side too (+0.91), further out than the points of 9 of 14 models"
    assert baseline in test.header[0].value


def test_the_start_page_follows_its_switches_and_its_link(app):
    test = app("start")
    test.segmented_control(key="prompt").set_value("zh").run()
    assert "9 of 14 models clearly answer" in texts(test)
    assert "it would be 13." in texts(test)
    assert test.query_params["prompt"] == "zh"
    linked = app("start", prompt="zh", **{"as": "USA"})
    assert "it would be 16." in texts(linked)


def test_the_probe_is_empty_before_the_first_question(app):
    test = app("probe")
    assert "Press **Ask**" in texts(test)
    assert "How important is God" in texts(test)
    assert not test.button(key="ask").disabled


def test_a_probe_shows_answers_beside_people_and_says_that_a_mock_is_a_mock(app):
    test = ask(app("probe"))
    shown = texts(test)
    assert not test.exception
    assert "World Values Survey, wave 7, 2018: 3,025 respondents" in shown.replace("3025", "3,025")
    assert "unweighted" in shown
    assert "made-up answers" in shown
    assert "Measured just now" in shown
    assert "Position bias" in shown
    assert len(test.get("arrow_vega_lite_chart")) >= 3 or len(test.get("vega_lite_chart")) >= 3


def test_while_it_asks_the_page_shows_how_far_it_is_and_can_be_stopped(app, monkeypatch):
    monkeypatch.setenv("PARALLAX_MOCK_DELAY_S", "0.3")
    settings.cache_clear()
    _made.cache_clear()
    test = app("probe")
    test.multiselect(key="m").set_value(["mock"]).run()
    test.button(key="ask").click().run()
    assert any("Asking" in text or "Waiting" in text for text in progress(test))
    assert test.button(key="ask").disabled
    test.button(key="probe_job_cancel").click().run()
    finish(test)
    assert "Stopped before anything was measured" in texts(test) or "What was measured before is kept" in texts(test)
    assert not test.exception
    _made.cache_clear()


def test_asking_the_same_again_says_cached_and_asking_afresh_does_not(app):
    test = ask(app("probe"))
    test.button(key="ask").click().run()
    finish(test)
    assert "Cached, measured" in texts(test)
    test.toggle(key="fresh").set_value(True).run()
    test.button(key="ask").click().run()
    finish(test)
    assert "Measured just now" in texts(test)


def test_what_if_shows_a_signed_change(app):
    test = ask(app("probe"))
    test.button(key="w_ask").click().run()
    end = time.monotonic() + 30
    while "of the answer moves" not in texts(test) and time.monotonic() < end:
        time.sleep(0.05)
        test.run()
    assert "of the answer moves" in texts(test)
    assert not test.exception


def test_a_country_where_it_was_not_asked_says_so(app):
    test = ask(app("probe", q="Q46", country="AND"))
    assert "no answers from Andorra to this question" in texts(test)
    assert not test.exception


def test_a_group_that_is_not_known_falls_back_to_the_country_and_says_so(app):
    test = ask(app("probe", q="Q164", country="CHN", age="18-29"))
    assert "only China as a whole is known" in texts(test)


def test_only_the_no_persona_twin_is_held_against_both_publics(app):
    test = app("probe", country="")
    test = ask(test)
    assert not test.exception
    assert "#### China" in texts(test)
    assert "#### United States" in texts(test)


@pytest.mark.parametrize(
    ("stem", "options", "says"),
    [
        ("", "Yes\nNo", "no text to ask"),
        ("Tea?", "Yes", "there are 1"),
        ("Tea?", "Yes\nYes", "Two options are the same"),
        ("x" * 50_000, "Yes\nNo", "50,000 characters"),
    ],
)
def test_an_own_question_that_cannot_be_asked_says_why(app, stem, options, says):
    test = app("probe", mode="own")
    test.text_area(key="own_stem").set_value(stem)
    test.text_area(key="own_options").set_value(options).run()
    assert says in texts(test)
    assert test.button(key="ask").disabled
    assert not test.exception


def test_an_own_question_is_asked_and_has_no_people_beside_it(app):
    test = ask(app("probe"))
    assert "Position bias" in texts(test)
    # An answer to a survey question is none to one's own.
    test.segmented_control(key="mode").set_value("own").run()
    assert "Position bias" not in texts(test)
    test.text_area(key="own_stem").set_value("Should the town close its centre to cars?")
    test.text_area(key="own_options").set_value("Yes\nOnly on weekends\nNo").run()
    test = ask(test)
    shown = texts(test)
    assert not test.exception
    assert "Only on weekends" in shown or "leans to" in shown
    assert "wave 7, 20" not in shown.split("How this is measured")[0]
    assert "own_stem" not in test.query_params


def test_a_free_prompt_shows_texts_side_by_side_with_first_words(app):
    test = app("probe", mode="free")
    test.text_area(key="free_prompt").set_value("What makes a good life?").run()
    test = ask(test)
    shown = texts(test)
    assert not test.exception
    assert shown.count("Likely first words") == 3
    assert "No persona · English" in shown


def test_a_link_restores_the_selection_and_ignores_what_is_not_there(app):
    test = app("probe", q="Q182", country="DEU", age="18-29", lang="zh", m="no-such-model")
    assert test.selectbox(key="q").value == "Q182"
    assert test.multiselect(key="country").value == ["DEU"]
    assert test.multiselect(key="age").value == ["18-29"]
    assert test.multiselect(key="m").value == []
    assert "No model is chosen" in texts(test)


def test_models_on_this_computer_come_first_and_others_say_what_fetching_them_takes(app, monkeypatch):
    here = "qwen2.5-coder-0.5b-instruct"
    monkeypatch.setattr(
        model_notes, "weights_state", lambda recipe: "ready" if recipe.folder.name.startswith(here) else "absent"
    )
    test = app("probe")
    names = test.multiselect(key="m").options
    assert ["SmolLM2" in names[0], "Qwen2.5-Coder 0.5B" in names[1]] == [True, True]
    test.multiselect(key="m").set_value([here, "qwen2.5-coder-1.5b-instruct"]).run()
    told = [line for line in texts(test).split("\n") if "To fetch" in line]
    assert len(told) == 1
    assert "Qwen2.5-Coder 1.5B" in told[0]
    assert "1,117 MB" in told[0]


def test_a_model_that_cannot_be_reached_gives_a_sentence_and_the_other_answers_stay(app, monkeypatch):
    monkeypatch.setenv("PARALLAX_OFFLINE", "1")
    settings.cache_clear()
    test = app("probe")
    test.multiselect(key="m").set_value(["mock", "qwen3-0.6b"]).run()
    test.button(key="ask").click().run()
    finish(test)
    assert not test.exception
    assert any("Qwen3 0.6B" in str(element.value) for element in test.error)
    assert "Measured just now" in texts(test) or "leans to" in texts(test)


def test_too_many_persons_are_refused_before_anything_is_asked(app):
    test = app("probe")
    test.multiselect(key="age").set_value(["18-29", "30-49", "50+"])
    test.multiselect(key="sex").set_value(["female", "male"])
    test.multiselect(key="edu").set_value(["lower", "middle", "higher"]).run()
    assert "make 36 persons" in texts(test)
    assert test.button(key="ask").disabled


def test_the_map_is_one_click_from_the_start(app):
    test = app("start")
    test.button(key="go_map").click().run()
    assert not test.exception
    assert test.title[0].value == "World map"


def test_titles_in_the_navigation_are_those_of_the_pages(app):
    frame = (Path(__file__).resolve().parents[2] / "pages" / "parts" / "app" / "frame.py").read_text(encoding="utf-8")
    listed = dict(re.findall(r'_page\("(\w+)", t\("([\w.]+)"\)', frame))
    assert set(listed) == set(PAGES)
    for page, key in listed.items():
        source = (Path(__file__).resolve().parents[2] / "pages" / f"{page}.py").read_text(encoding="utf-8")
        # The start page asks the question that the app answers, and a slide has a title of its own.
        assert page in ("start", "story") or f'st.title(t("{key}"' in source, page
