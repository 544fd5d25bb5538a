"""The world map: what its colours show, whose place is picked, and that a link restores it."""

from tests.pages.test_pages import texts
from tests.pages.test_representation import bare

__all__ = ["bare"]


def test_the_map_says_where_an_answer_is_highest_and_lowest(app):
    test = app("world", wq="Q164")
    shown = texts(test)
    assert not test.exception
    assert "Importance of God: highest in" in shown
    assert "48 places, everyone" in shown
    assert "disputed ones among them" in shown


def test_a_group_is_compared_where_it_is_known(app):
    test = app("world", wq="Q164", wg="18-29")
    assert "This group is known in 8 of the 48 places" in texts(test)
    assert test.select_slider(key="wg").value == "18-29"


def test_an_unordered_question_shows_the_share_of_the_option_that_is_chosen(app):
    test = app("world", wq="Q173")
    before = texts(test)
    test.segmented_control(key="wo").set_value("3").run()
    assert not test.exception
    assert texts(test) != before
    assert test.query_params["wo"] == "3"


def test_a_model_over_the_map_has_intervals_ranks_and_the_even_guess_beside_it(app):
    test = app("world", wv="model", wm="published:DeepSeek-V3")
    shown = texts(test)
    assert not test.exception
    assert "DeepSeek-V3: nearest to people in" in shown
    assert "would have a rank between" in shown
    assert "nearer to people than an even guess would" in shown
    assert "(rank correlation" in shown
    columns = list(test.dataframe[0].value.columns)
    assert columns[0] == "Country or territory"
    assert "Rank, 95 % interval" in columns


def test_a_model_measured_here_is_held_against_people_on_all_its_questions(app):
    test = app("world", wv="model", wm="smollm2-135m-instruct", wb="measured", wd="net")
    assert not test.exception
    assert test.segmented_control(key="wb").value == "measured"
    assert "of 61" in texts(test)


def test_the_published_models_are_there_before_anything_is_measured(bare):
    test = bare("world", wv="model")
    assert not test.exception
    assert "GPT-4.1: nearest to people in" in texts(test)


def test_the_place_that_is_picked_says_its_value_and_opens_its_page(app):
    test = app("world", wq="Q164", wc="CHN")
    assert "**China**: 20%" in texts(test)
    test.button(key="open_country").click().run()
    assert not test.exception
    assert test.title[0].value == "One country"
    assert test.selectbox(key="c").value == "CHN"


def test_a_place_without_this_answer_is_not_picked(app):
    test = app("world", wq="Q3", wc="KEN")
    assert not test.exception
    assert test.selectbox(key="wc").value is None


def test_every_index_is_drawn_and_says_what_it_is(app):
    test = app("world", wv="index")
    for name in ("secular", "expression", "justifiable", "unlike"):
        test.session_state["wi"] = name
        assert not test.run().exception
    assert "Unlike the rest of the world: highest in" in texts(test)
