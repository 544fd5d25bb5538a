"""Two shipped traces side by side, and a link that brings the comparison back."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_two_shipped_traces_compare_and_a_link_restores_them(browser, server):
    context = browser.new_context(viewport={"width": 400, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    try:
        # The page's old address, with a selection, is the first that the new server is asked for.
        page.goto(f"{server}/trace?two=two&stage=stress&b_lang=zh")
        expect(page.get_by_text("From a stored run; no model was asked.")).to_be_visible()
        expect(page).to_have_url(re.compile(f"^{server}/traces[?].*stage=stress"))
        # One vote a side, each with the diagram of its own.
        expect(page.get_by_text(re.compile("^The vote: "))).to_have_count(2)
        expect(page.get_by_text(re.compile("^Qwen2.5-Coder 0.5B.*Chinese")).first).to_be_visible()
        expect(page.get_by_text(re.compile("carries the largest weight"))).to_have_count(2)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 400
        assert page.get_by_role("dialog").count() == 0
        assert page.locator("[data-testid=stException]").count() == 0

        page.get_by_role("button", name="Next stage").click()
        expect(page).to_have_url(re.compile("stage=personality"))
        page.get_by_role("button", name="Copy link").click()
        address = page.locator("[data-testid=stPopoverBody] code").inner_text()

        tab = context.new_page()
        tab.set_default_timeout(60_000)
        tab.goto(address)
        expect(tab.get_by_text(re.compile("^The vote: "))).to_have_count(2)
        expect(tab.get_by_role("heading", name=re.compile("Personality"))).to_be_visible()
        assert tab.get_by_role("heading", name=re.compile("Stress")).count() == 0
    finally:
        context.close()
