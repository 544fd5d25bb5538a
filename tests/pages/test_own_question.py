"""A question of one's own is in the link only where its writer agrees, and such a link restores it."""

from core.surveys import shipped_survey
from core.surveys.own import own_question
from core.types import Persona
from pages.parts.probe.words import file_name
from tests.pages.test_pages import texts


def typed(test):
    test.text_area(key="own_stem").set_value("Should a city close its centre to cars?")
    test.text_area(key="own_options").set_value("Yes\nNo, never").run()
    return test


def test_a_question_of_ones_own_is_shared_only_on_consent_and_then_restored(app):
    test = typed(app("probe", mode="own"))
    assert "oq" not in test.query_params
    assert "close" not in "".join(code.value for code in test.code)
    test.checkbox(key="own_shared").check().run()
    assert test.query_params["oq"] in (
        "Should a city close its centre to cars?",
        ["Should a city close its centre to cars?"],
    )
    assert "oo=No%2C+never" in "".join(code.value for code in test.code)
    test.checkbox(key="own_shared").uncheck().run()
    assert "oq" not in test.query_params

    again = app("probe", mode="own", oq="Should a city close its centre to cars?", oo=["Yes", "No, never"], os="1")
    assert again.text_area(key="own_stem").value == "Should a city close its centre to cars?"
    assert again.text_area(key="own_options").value == "Yes\nNo, never"
    assert again.toggle(key="own_ordinal").value
    assert not again.button(key="ask").disabled
    assert "oq" in again.query_params


def test_a_link_with_one_option_says_what_is_missing(app):
    test = app("probe", mode="own", oq="Only this?", oo="Yes\n\x00")
    assert not test.exception
    assert test.button(key="ask").disabled
    assert "2" in texts(test)


def test_a_saved_chart_is_called_after_its_question_and_its_people():
    question = shipped_survey().questions()["Q164"]
    assert file_name(question, Persona(country="CHN", age="50+")) == "Q164-CHN-50"
    assert file_name(question, Persona()) == "Q164-nobody"
    assert file_name(question, None) == "Q164-distances"
    assert file_name(own_question("../../a b?", ["Yes", "No"]), Persona(country="CHN")).replace("-", "").isalnum()
