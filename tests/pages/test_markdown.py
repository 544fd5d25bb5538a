"""Names and titles from outside never become Markdown: every page, with a catalogue and runs that try."""

import shutil

import pytest

from core.store import Store
from tests.pages.conftest import store_over
from tests.pages.hostile_world import MARK, TEXT, hostile_models, hostile_runs, markdown_of
from tests.pages.test_pages import PAGES, ask, finish
from tests.pages.unfold import unfold

MAILED = ("stability", "citizens", "representation", "alignment", "compare")
"""Pages that are opened on what was mailed, below, and not again on their usual choice."""
VIEWS = [
    *((page, {}) for page in PAGES if page not in MAILED),
    ("runs", {"run": "mailed-demo-countries-en"}),
    ("runs", {"view": "compare", "a": "mailed-demo-edc-wave-1", "b": "mailed-demo-edc-wave-2"}),
    ("runs", {"view": "new"}),
    ("runs", {"view": "sql"}),
    ("stability", {"run": "mailed-demo-edc-escalation"}),
    ("stability", {"smode": "live"}),
    ("citizens", {"crun": "mailed-demo-citizens"}),
    ("representation", {"rm": f"other {TEXT}"}),
    ("alignment", {"am": f"other {TEXT}"}),
    ("compare", {"s": [f"other {TEXT}~~en", "smollm2-135m-instruct~~en"]}),
    ("models", {"model": "gpt-4o"}),
    *(("learn", {"step": step}) for step in ("1", "2", "3", "4", "5")),
]


@pytest.fixture(scope="module")
def mailed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mailed")
    hostile_runs(folder)
    return folder


@pytest.fixture(scope="module")
def only_mailed(mailed):
    """A store of what was mailed and of nothing else, so that a page has no other name to show."""
    return {"store": Store(mailed, [])}


@pytest.fixture
def hostile(app, mailed, only_mailed, tmp_path, monkeypatch):
    monkeypatch.setenv("PARALLAX_MODELS", str(hostile_models(tmp_path / "models.toml")))
    shutil.copytree(mailed, tmp_path / "runs")
    monkeypatch.setattr("core.store.open_store", lambda: store_over(tmp_path / "runs", only_mailed))
    return app


def check(test) -> None:
    for shown in (lambda: test, lambda: unfold(test)):
        assert not shown().exception, test.exception
        found = sorted({f"{kind}: {text[:160]}" for kind, text in markdown_of(test) if MARK in text})
        assert not found, "\n".join(found)


LONG = {"citizens", "compare"}
"""Views that take the longest and show names and titles by the parts that others show too."""


@pytest.mark.parametrize(
    ("page", "query"),
    [
        pytest.param(p, q, marks=[pytest.mark.slow] if p in LONG and q else [], id=f"{p}-{'-'.join(q)}")
        for p, q in VIEWS
    ],
)
def test_no_name_or_title_becomes_markdown(hostile, page, query):
    check(hostile(page, **query))


def test_no_typed_question_becomes_markdown(hostile):
    test = hostile("probe", mode="own")
    test.text_area(key="own_stem").set_value(TEXT)
    test.text_area(key="own_options").set_value(f"1 {TEXT}\n2 {TEXT}\n3 {TEXT}").run()
    test = ask(test)
    check(test)
    test.button(key="w_ask").click().run()
    finish(test)
    check(test)


def test_no_typed_prompt_becomes_markdown(hostile):
    test = hostile("probe", mode="free")
    test.text_area(key="free_prompt").set_value(TEXT).run()
    check(ask(test))
