"""The page of one country: what sets it apart, its groups, the models near it, and questions to ask next."""

from tests.pages.test_pages import texts


def test_a_country_says_what_sets_it_apart_with_people_groups_and_models(app):
    test = app("country", c="CHN")
    shown = texts(test)
    assert not test.exception
    assert "China: people differ clearly from the rest of the world on" in shown
    assert "Clear differences on" in shown
    assert "comes nearest to people there (China)" in shown
    assert "cannot be told apart from it" in shown
    assert "Of no model can it be said that it comes nearer than the mean answer of all other countries" in shown


def test_a_country_known_as_a_whole_or_not_asked_what_models_answered_says_so(app):
    test = app("country", c="IND")
    assert not test.exception
    assert "no model is held against its people here" in texts(test)
    test.selectbox(key="c").set_value("KEN").run()
    assert "knows it as a whole only" in texts(test)


def test_a_link_restores_country_and_groups_its_table_and_a_question_to_ask_next(app):
    test = app("country", c="CHN", cd="education")
    assert test.segmented_control(key="cd").value == "education"
    assert "Clear differences on" in texts(test)
    test.session_state["fold_country_apart"] = True
    table = test.run().dataframe[0].value
    assert set(table["Year"]) == {2018}
    assert set(table["Weights"]) == {"unweighted"}
    assert (table["n"] > 2000).all()
    test.button(key="next_0").click().run()
    assert not test.exception
    assert test.selectbox(key="q").value == "Q165"
    assert test.multiselect(key="country").value == ["CHN"]
