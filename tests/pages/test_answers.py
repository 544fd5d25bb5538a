"""From a run to one answer and back: filters, the link, notes, another run beside it, and runs of a page's scope."""

import pytest

from core.store import Store
from tests.pages.test_pages import texts
from tests.pages.test_runs import add, runs_dir  # noqa: F401 - a fixture
from tests.unit.store_rows import row


def test_a_shipped_answer_shows_its_prompt_its_forms_and_its_likely_words(app):
    test = app("answers", run="alignment-smollm2", aq="Q164", ap="|||", ag="en")
    shown = texts(test)
    assert not test.exception
    assert "Answer **1** of 4" in shown
    assert "Printed in 4 ways" in shown
    assert shown.count("The prompt, exactly as the model read it") == 2
    assert "came with Parallax, so no note" in shown
    test.button(key="next").click().run()
    assert "Answer **2** of 4" in texts(test)
    place = test.query_params["cell"]
    again = app("answers", run="alignment-smollm2", aq="Q164", ap="|||", ag="en", cell=place)
    assert "Answer **2** of 4" in texts(again)


def test_two_waves_stand_side_by_side_and_say_where_they_are_the_same(app):
    test = app("answers", **{"run": "demo-edc-wave-1", "with": "demo-edc-wave-2"})
    assert not test.exception
    assert "The same prompt in demo-edc-wave-2" in texts(test)
    only = app("answers", **{"run": "demo-edc-wave-1", "with": "demo-edc-wave-2", "differ": "differ"})
    assert "none of those differs" in texts(only)


def test_a_note_on_an_answer_is_kept_with_its_run(app, runs_dir):  # noqa: F811
    add(runs_dir)
    test = app("answers", run="audit-1", cell="cell-2")
    test.text_input(key="answer_note_audit-1_cell-2").set_value("look again")
    next(b for b in test.button if b.label == "Save").click().run()
    assert "look again" in texts(test)
    assert Store(runs_dir).info("audit-1").note == "[cell cell-2] look again"


def test_errors_and_odd_rows_of_a_mailed_run_are_read_like_others(app, runs_dir):  # noqa: F811
    add(runs_dir)
    store = Store(runs_dir)
    with store.open("audit-1") as held:
        error = {"outcome": "error", "error_kind": "rate_limited", "error_text": "slow", "top_tokens": "not json"}
        odd = {"country": "XXX", "question_id": "gone", "top_tokens": "[1, [2]]"}
        store.append(held, [row(90, "audit-1", mass=(), codes=(), valid_mass=None, **error), row(91, "audit-1", **odd)])
    store.close()
    test = app("answers", run="audit-1", cell="cell-90")
    assert not test.exception
    assert "The endpoint asked to slow down" in texts(test)
    test.button(key="next").click().run()
    assert not test.exception
    assert "gone" in texts(test)


def test_a_run_counts_its_readings_under_half_and_leads_to_its_page_and_answers(app):
    test = app("runs", run="alignment-smollm2")
    assert "In 2,900 readings less than half" in texts(test)
    assert {"See its results: Alignment: whose answers?", "Read its answers", "Read those under half"} <= {
        link.proto.label for link in test.get("page_link")
    }


@pytest.mark.parametrize(
    ("page", "key"), [("stability", "run"), pytest.param("citizens", "crun", marks=pytest.mark.slow)]
)
def test_pages_of_one_run_offer_the_runs_of_a_set(app, page, key):
    every = len(app(page).selectbox(key=key).options)
    assert len(app(page, **{"from": "shipped"}).selectbox(key=key).options) == every
    assert "None of these runs is of this audit" in texts(app(page, **{"from": "own"}))


def test_one_run_of_traces_is_opened_by_its_first_trace(app):
    test = app("traces", **{"from": "mark-demo"})
    test.button(key="open_first").click().run()
    assert not test.exception
    assert "no model was asked" in texts(test)
