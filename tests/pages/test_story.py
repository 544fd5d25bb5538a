"""The five slides: on and back, each a link, in both languages, and where they lead."""

from core.surveys.published import study
from tests.pages.test_pages import texts


def test_the_story_leads_from_start_over_five_slides_and_ends_with_where_to_go(app):
    test = app("start")
    test.button(key="go_story").click().run()
    seen = [texts(test)]
    assert test.button(key="slide_back").disabled
    for slide in ("2", "3", "4", "5"):
        test.button(key="slide_next").click().run()
        assert not test.exception
        assert test.query_params["slide"] in (slide, [slide])
        seen.append(texts(test))
    assert test.button(key="slide_next").disabled
    heads = (
        "Whose values",
        "answer more like the American public",
        "But a coin",
        "What would settle it",
        "ask a vendor",
    )
    assert all(head in shown for head, shown in zip(heads, seen, strict=True))
    # Published figures stand on the picture, the coin and the vendor's slide, each one click from its source.
    source = f"]({study('justifiable').link})"
    assert [source in shown for shown in seen] == [False, True, True, False, True]
    assert "The world map" in {link.proto.label for link in test.get("page_link")}
    test.button(key="slide_back").click().run()
    assert "What would settle it" in texts(test)


def test_a_slide_is_a_link_in_chinese_too_and_one_that_is_none_begins_the_story(app):
    test = app("story", slide="3", ui="zh")
    assert not test.exception
    assert "扔硬币" in texts(test)
    assert "Whose values" in texts(app("story", slide="9"))
