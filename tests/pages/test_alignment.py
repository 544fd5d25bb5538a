"""The Alignment page: empty, full, and restored from a link."""

from tests.pages.test_pages import texts
from tests.pages.test_representation import bare, measured

__all__ = ["bare", "measured"]


def test_an_empty_store_says_what_to_do(bare):
    assert "as a person of a country yet" in texts(bare("alignment"))


def test_a_full_page_shows_matrix_questions_and_intervals(measured):
    test = measured("alignment")
    shown = texts(test)
    assert not test.exception
    assert "of 2 cells are better than the baseline, adjusted for 2 looks" in shown
    assert "question by question" in shown
    assert "topic by topic" in shown
    for opened, said in (("Tuning", "is this published: Tuning"), ("Family", "nothing can be said about Family")):
        test.session_state["trait"] = opened
        assert said in texts(test.run())
    assert len(test.get("arrow_vega_lite_chart")) >= 4 or len(test.get("vega_lite_chart")) >= 4


def test_a_link_restores_measure_and_persona(measured):
    test = measured("alignment", av="published", aa="none")
    assert not test.exception
    assert "As published" in texts(test)
    assert test.segmented_control(key="aa").value == "none"


def test_a_topic_nobody_answered_says_so(measured):
    test = measured("alignment", at="surveillance")
    assert "No question of this topic" in texts(test)
    assert not test.exception


def test_single_asks_and_made_up_answers_stay_out_until_they_are_chosen(measured):
    test = measured("alignment", also="")
    assert "as a person of a country yet" in texts(test)
    assert "Not counted: Made-up answers." in texts(test)
    test.get("button_group")[0].set_value(["mock"]).run()
    assert not test.exception
    assert "of 2 cells are better" in texts(test)
    assert "mock" in test.query_params["also"]


def test_a_run_can_be_chosen_and_counts_whole(measured):
    test = measured("alignment", also="", **{"from": "groups"})
    assert not test.exception
    assert "of 2 cells are better" in texts(test)


def test_orders_can_be_averaged_as_logarithms_and_the_figures_say_so(app, monkeypatch):
    """The shipped models prefer places, so that both ways of averaging differ; the link and the bars keep it."""
    cells = []
    monkeypatch.setattr("pages.parts.shared.distributions.draw_chart", lambda block: cells.append(block.of))
    plain, logs = matrix_of(app("alignment")), app("alignment", ao="log")
    assert not logs.exception
    assert len(set(cells)) == 2, "the bars of one cell are drawn for each way"
    assert logs.segmented_control(key="ao").value == "log"
    assert "log" in logs.query_params["ao"]
    other = matrix_of(logs)
    assert plain.keys() == other.keys()
    assert any(plain[cell] != other[cell] for cell in plain)


def matrix_of(test):
    """Skill by model and country, from what the page drew."""
    [chart] = [one for one in test.get("vega_lite_chart") if "alignment_chart" in one.proto.id]
    return {"spec": chart.proto.spec, "data": b"".join(one.data.data for one in chart.proto.datasets)}


def test_a_model_that_was_not_asked_as_a_country_has_no_topics_there(app):
    """Gemma was asked as people of two countries; the matrix has eight."""
    test = app("alignment", am="gemma-3-270m", ac="BGD")
    assert not test.exception
    assert texts(test).count("There are no questions behind this cell.") == 2
