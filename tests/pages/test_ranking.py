"""The ranked list and the card of a model, from the shipped runs."""

from tests.pages.test_pages import texts


def test_the_list_holds_both_baselines_and_leads_to_cards(app):
    test = app("ranking")
    table = test.dataframe[0].value.set_index("Model")
    assert not test.exception
    assert {"Even guess", "Mean of all other countries"} <= set(table.index)
    assert table["Rank"].is_monotonic_increasing
    assert table.loc["Even guess", "Card"] == ""
    assert table.loc["GPT-4.1", "Card"] == "./model?mc=published%3AGPT-4.1"
    assert "come nearer to people than an even guess, beyond noise" in texts(test)


def test_a_link_restores_country_topic_and_questions(app):
    test = app("ranking", kb="measured", kc="CHN", kt="religion")
    assert not test.exception
    assert (test.selectbox(key="kc").value, test.selectbox(key="kt").value) == ("CHN", "religion")
    assert "China: " in texts(test)


def test_a_card_says_what_was_measured_what_moves_the_answers_and_what_cannot_be_told(app):
    test = app("model", mc="smollm2-135m-instruct")
    shown = texts(test)
    assert not test.exception
    assert "Form over content." in shown
    assert "Formats disagree." in shown
    assert "place of an option in the list moves the answers of SmolLM2 135M more" in shown
    assert "Not measured." not in shown
    # What share of what it says is content comes before everything else that is known of it.
    assert test.subheader[0].value == "What moves its answers"
    published = texts(app("model", mc="published:GPT-4.1"))
    assert "Only published." in published
    assert published.count("Not measured.") == 1
