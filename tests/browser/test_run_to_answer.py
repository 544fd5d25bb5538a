"""An auditor's way: from a run to one answer, on to the next by key, the link that restores it, and back to the run."""

import re

import pytest
from playwright.sync_api import expect

from core.runs import create_run, parse_spec
from core.runs.bank import load_bank
from core.settings import settings
from core.store import Store
from tests.browser.conftest import serving

pytestmark = pytest.mark.browser


def test_from_a_run_to_one_answer_and_back(wide_page, server):
    page = wide_page
    page.goto(f"{server}/runs?run=demo-countries-en")
    page.get_by_role("link", name="Read its answers").click()
    expect(page).to_have_url(re.compile("/answers"))
    expect(page.get_by_text(re.compile(r"Answer 1 of 2,286"))).to_be_visible()
    expect(page).to_have_url(re.compile("cell="))
    first = page.url
    page.get_by_role("heading", name="Read the answers").click()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"Answer 2 of 2,286"))).to_be_visible()
    expect(page).not_to_have_url(first)  # it follows the page, which is drawn before
    address = page.url
    page.goto(address)
    expect(page.get_by_text(re.compile(r"Answer 2 of 2,286"))).to_be_visible()
    page.get_by_role("link", name="The run and how it was made").click()
    expect(page).to_have_url(re.compile("/runs"))
    page.get_by_role("link", name="See its results: Alignment: whose answers?").click()
    expect(page).to_have_url(re.compile("from=demo-countries-en"))
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_story_is_told_by_arrow_keys(wide_page, server):
    page = wide_page
    page.goto(f"{server}/story")
    expect(page.get_by_role("heading", name="Whose values does a language model speak for?")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=re.compile("more like the American public"))).to_be_visible()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name="Whose values does a language model speak for?")).to_be_visible()


def test_a_run_that_ends_says_so_in_the_tab(wide_page, tmp_path, monkeypatch):
    monkeypatch.setenv("PARALLAX_MOCK", "1")
    settings.cache_clear()
    bank, store = load_bank(), Store(tmp_path / "runs")
    spec = parse_spec("alignment", {"models": ("mock",), "questions": ("Q57", "Q164")})
    create_run(store, "alignment", spec, bank, title="Two questions", run_id="two")
    store.close()
    settings.cache_clear()
    with serving(tmp_path) as server:
        wide_page.goto(f"{server}/runs?run=two")
        wide_page.get_by_role("button", name="Start", exact=True).click()
        expect(wide_page).to_have_title("Ended: Two questions")
        wide_page.get_by_role("link", name="Read its answers").click()
        expect(wide_page).to_have_title(re.compile("^(?!Ended)"))
