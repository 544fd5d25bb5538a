"""From the start page in three clicks at most: the China-West finding, order bias, a brief on one printed page."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_brief_prints import PAPER_HEIGHT, PAPER_WIDTH, assert_first_page_holds

pytestmark = pytest.mark.browser


@pytest.fixture
def page(wide_page, shared_server):
    wide_page.goto(shared_server)
    expect(wide_page.get_by_role("heading", name="Whose values does a language model speak for?")).to_be_visible()
    return wide_page


def test_the_finding_then_a_brief_on_one_printed_page(page, tmp_path):
    page.get_by_role("link", name=re.compile("China and the West: the whole comparison")).click()
    expect(page).to_have_url(re.compile("/china_west"))
    expect(page.get_by_text(re.compile(r"\d+ of \d+")).first).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Brief", exact=True).click()
    path = tmp_path / "brief.html"
    waiting.value.save_as(path)
    brief = path.read_text(encoding="utf-8")
    assert brief.startswith("<!DOCTYPE html>")
    assert "<svg" in brief
    assert "<script" not in brief
    assert not re.search(r"""(src|href)=["']?https?://""", brief)
    page.set_viewport_size({"width": PAPER_WIDTH, "height": PAPER_HEIGHT})
    page.goto(path.as_uri())
    assert_first_page_holds(page, "china_west")


def test_order_bias_is_shown(page):
    page.get_by_role("button", name="Learn in 20 minutes").click()
    page.get_by_text("The option on top changes in some of the orders").click()
    page.get_by_role("button", name="That is my prediction").click()
    expect(page.locator("[data-testid=stVegaLiteChart]").first).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0


def test_the_start_page_has_a_name_too(page, shared_server):
    page.goto(f"{shared_server}/start?prompt=zh")
    expect(page.get_by_role("heading", name="Whose values does a language model speak for?")).to_be_visible()
    expect(page).to_have_url(f"{shared_server}/?prompt=zh")
