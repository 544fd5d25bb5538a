"""What is folded away is not made before it is unfolded, and is there then."""

import pytest

from tests.pages.unfold import unfold

PAGES = [
    "start",
    "china_west",
    "claims",
    "compare",
    "alignment",
    "representation",
    "citizens",
    "stability",
    "trace",
]


@pytest.mark.parametrize("page", PAGES)
def test_tables_are_made_when_they_are_unfolded(app, page):
    test = app(page)
    before, words = len(test.dataframe), len(test.markdown)
    test = unfold(test)
    assert not test.exception
    assert len(test.dataframe) > before, page
    if page not in ("start", "claims", "learn"):
        assert len(test.markdown) > words, "how it is measured"


def test_prompts_behind_the_steps_are_sent_when_asked_for(app):
    test = app("trace")
    before = len(test.code)
    assert len(unfold(test).code) > before + 10
