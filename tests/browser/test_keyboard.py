"""Each page reached and used with Tab, Enter, Space and the arrow keys alone; the mouse is never touched.

In CI one page of each kind of control is walked; elsewhere all of them.
"""

import os
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import serving

pytestmark = pytest.mark.browser
ELSEWHERE = pytest.mark.skipif(os.environ.get("CI") == "true", reason="another page with this control is walked")
MOST = 220
"""Presses of Tab after which a control counts as out of reach."""

INSIDE = "element => element === document.activeElement || element.contains(document.activeElement)"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    before = os.environ.get("PARALLAX_MOCK")
    os.environ["PARALLAX_MOCK"] = "1"
    try:
        with serving(tmp_path_factory.mktemp("keyboard")) as address:
            yield address
    finally:
        if before is None:
            del os.environ["PARALLAX_MOCK"]
        else:
            os.environ["PARALLAX_MOCK"] = before


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    expect.set_options(timeout=60_000)
    yield page
    context.close()


def wait_until_drawn(page: Page) -> None:
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')"
        " && !document.querySelector('[data-stale=true]') && document.querySelector('h1')"
    )
    page.wait_for_timeout(150)


def open_page(page: Page, where: str) -> None:
    page.goto(where)
    wait_until_drawn(page)


def reach(page: Page, control: Locator) -> None:
    """Press Tab until the focus is in ``control``, and see to it that the focus shows."""
    expect(control).to_be_visible()
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if control.evaluate(INSIDE):
            return
    pytest.fail("the control cannot be reached with Tab")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    wait_until_drawn(page)


def segment(page: Page, label: str) -> Locator:
    return page.get_by_role("radiogroup", name=label)


def test_the_list_of_pages_is_walked_and_a_page_opened(page, address):
    open_page(page, address)
    reach(page, page.get_by_role("link", name="Learn in 20 minutes", exact=True))
    press(page, "Enter")
    expect(page.get_by_role("heading", name="Learn in 20 minutes")).to_be_visible()


def test_the_main_button_of_the_start_page(page, address):
    open_page(page, address)
    reach(page, page.get_by_role("button", name="Ask one question"))
    press(page, "Enter")
    expect(page).to_have_url(re.compile("/probe"))


def test_a_question_is_asked_and_answered(page, address):
    open_page(page, f"{address}/probe?m=mock")
    reach(page, page.get_by_role("button", name="Ask", exact=True))
    press(page, "Enter")
    expect(page.get_by_text("Measured just now")).to_be_visible()
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()


def test_a_prediction_is_made_and_the_chart_revealed(page, address):
    open_page(page, f"{address}/learn")
    assert page.get_by_test_id("stVegaLiteChart").count() == 0
    reach(page, page.get_by_test_id("stRadio"))
    press(page, "ArrowDown")
    press(page, "Space")
    reach(page, page.get_by_role("button", name="That is my prediction"))
    press(page, "Enter")
    expect(page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    expect(page.get_by_text("You said:")).to_be_visible()
    reach(page, page.get_by_role("button", name="Next step"))
    press(page, "Enter")
    expect(page).to_have_url(re.compile("step=persona"))


def test_a_slider_of_the_lesson_moves(page, address):
    open_page(page, f"{address}/learn?step=persona")
    reach(page, page.get_by_role("slider"))
    press(page, "ArrowLeft", "ArrowLeft")
    reach(page, page.get_by_role("button", name="That is my prediction"))
    press(page, "Enter")
    expect(page.get_by_text("You said: 48%")).to_be_visible()


@ELSEWHERE
def test_another_country_is_chosen_on_alignment(page, address):
    open_page(page, f"{address}/alignment")
    reach(page, page.get_by_role("combobox", name="Country"))
    press(page, "ArrowDown", "ArrowDown", "ArrowDown", "Enter")
    expect(page).to_have_url(re.compile("ac=(?!BGD)"))


@pytest.mark.parametrize(
    ("where", "label", "linked"),
    [
        pytest.param("representation", "What the model is told", "rs=", marks=ELSEWHERE),
        pytest.param("stability", "What to show", "smode=live", marks=ELSEWHERE),
        # Two traces are shown as the page opens; the link that is opened shows one.
        pytest.param("traces?two=one", "How many traces", "/traces$", marks=ELSEWHERE),
        ("china_west", "What “nearer” means", "cwm="),
        ("runs", "What to do", "view="),
        ("compare", "Alignment as", "cm="),
    ],
)
def test_a_switch_of_a_page_is_turned(page, address, where, label, linked):
    open_page(page, f"{address}/{where}")
    before = page.url
    reach(page, segment(page, label))
    press(page, "ArrowRight", "Space")
    expect(page).not_to_have_url(before)
    assert re.search(linked, page.url)


@pytest.mark.parametrize(
    ("where", "title"),
    [
        pytest.param("method", "All sources and terms", marks=ELSEWHERE),
        ("claims", "Models behind this card"),
        pytest.param("citizens", "How this is measured", marks=ELSEWHERE),
    ],
)
def test_what_is_folded_is_opened(page, address, where, title):
    open_page(page, f"{address}/{where}")
    fold = page.get_by_test_id("stExpander").filter(has=page.locator("summary", has_text=title)).first
    reach(page, fold.locator("summary"))
    press(page, "Enter")
    expect(fold.get_by_test_id("stExpanderDetails")).to_be_visible()


def test_models_are_searched(page, address):
    open_page(page, f"{address}/models")
    reach(page, page.get_by_label("Search by name or developer"))
    page.keyboard.type("qwen")
    press(page, "Enter")
    expect(page.get_by_text(re.compile(r"^\d+ of \d+ models shown"))).to_be_visible()


def test_the_language_is_changed(page, address):
    open_page(page, f"{address}/method")
    switch = page.get_by_test_id("stSidebar").get_by_role("radiogroup")
    reach(page, switch)
    press(page, "ArrowRight", "Space")
    expect(page).to_have_url(re.compile("ui=zh"))
