"""What is folded away is not made before it is unfolded, and is there then."""

import pytest

from core.settings import DATA
from tests.pages.test_pages import PAGES
from tests.pages.unfold import unfold

WITHOUT_TABLES = {"answers", "learn", "method", "models", "probe", "ranking", "runs", "story", "tuned", "world"}
"""Pages that fold no table away before something is asked, answered or picked."""


@pytest.mark.parametrize("page", PAGES)
def test_what_is_folded_away_is_made_when_it_is_unfolded(app, page):
    test = app(page)
    before = len(test.dataframe), len(test.markdown)
    after = unfold(test)
    assert not after.exception
    if page not in WITHOUT_TABLES:
        assert len(after.dataframe) > before[0]
    if "show_how(" in (DATA.parent / "pages" / f"{page}.py").read_text(encoding="utf-8"):
        assert len(after.markdown) > before[1]


def test_prompts_behind_the_steps_are_sent_when_asked_for(app):
    test = app("traces")
    before = len(test.code)
    assert len(unfold(test).code) > before + 10
