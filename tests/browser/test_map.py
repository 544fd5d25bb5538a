"""The world map in a browser: a click on a country is a choice, and so is a row of the table by keyboard."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def page(wide_page, shared_server):
    wide_page.goto(f"{shared_server}/world?wq=Q164")
    return wide_page


def test_a_click_on_the_map_picks_a_country_and_leads_to_its_page(page):
    shapes = page.locator("[data-testid=stVegaLiteChart] svg path[aria-label*='Brazil']").first
    shapes.wait_for()
    shapes.click()
    expect(page).to_have_url(re.compile("wc=BRA"))
    page.get_by_role("button", name="Open the page of Brazil").click()
    expect(page.get_by_role("heading", name="Brazil: what sets people there apart")).to_be_visible()
    expect(page).to_have_url(re.compile("/country.*c=BRA"))


def test_a_row_of_the_table_picks_it_by_keyboard_alone(page):
    table = page.get_by_test_id("stDataFrame")
    table.wait_for()
    page.get_by_test_id("data-grid-canvas").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page).to_have_url(re.compile("wc=[A-Z]{3}"))
