"""The main journeys, as a reader takes them."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.model]
SLOW = 180_000
"""Milliseconds a first answer may take on a busy machine: torch is imported and the model loaded before it."""


@pytest.fixture
def page(browser, builtin_model_dir):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(90_000)
    expect.set_options(timeout=90_000)
    yield page
    context.close()


def ask(page: Page) -> None:
    """Ask and wait for the end. The shipped runs know some of the prompts already."""
    page.get_by_role("button", name="Ask", exact=True).click()
    ended = re.compile("Measured just now|prompts were known already|Cached, measured")
    expect(page.get_by_text(ended).first).to_be_visible(timeout=SLOW)
    # The page is drawn once more when the job has ended; a click in between would meet the old one.
    page.wait_for_timeout(3_000)


def test_from_the_start_page_to_an_answer_and_its_link_in_a_new_tab(page, shared_server):
    page.goto(shared_server)
    expect(page.get_by_role("heading", name="Whose values does a language model speak for?")).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("models clearly answer more like"))).to_be_visible()

    page.get_by_role("button", name="Ask one question").click()
    expect(page.get_by_role("heading", name="Ask one question")).to_be_visible()
    expect(page.get_by_text("How important is God (or a god) in your own life?").first).to_be_visible()
    ask(page)
    for country in ("China", "United States"):
        expect(page.get_by_role("heading", name=country, exact=True).first).to_be_visible()
    expect(page.get_by_role("heading", name="How far from real people?").first).to_be_visible()
    assert page.locator("[data-testid=stVegaLiteChart]").count() >= 3
    assert page.locator("[data-testid=stException]").count() == 0

    page.get_by_text("Chinese", exact=True).click()
    expect(page).to_have_url(re.compile("lang=zh"))
    page.wait_for_timeout(2_000)
    page.get_by_role("button", name="Copy link").click()
    address = page.locator("[data-testid=stPopoverBody] code").inner_text()
    assert "lang=en" in address
    assert "lang=zh" in address

    tab = page.context.new_page()
    tab.goto(address)
    expect(tab.get_by_role("heading", name="Ask one question")).to_be_visible()
    for language in ("English", "Chinese"):
        pill = tab.get_by_role("button", name=language, exact=True).first
        expect(pill).to_have_attribute("aria-pressed", "true")
    expect(tab.get_by_text(re.compile("Answers as: No persona, China, United States")).first).to_be_visible()


def test_a_question_that_no_run_knows_is_measured_here_and_now(page, shared_server):
    page.goto(f"{shared_server}/probe?q=Q46&country=CAN&age=18-29&edu=higher")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="Canada · 18–29 · higher education").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text(re.compile("prompts were known already|Measured just now")).first).to_be_visible(
        timeout=SLOW
    )
    page.wait_for_timeout(3_000)
    page.get_by_text("Behind these bars").first.click()
    expect(page.get_by_text("The prompt, exactly as the model read it").first).to_be_visible()
    expect(page.get_by_text("Country: Canada").first).to_be_visible()


def test_an_address_of_a_page_works_as_the_first_one_of_a_new_server(page, server):
    page.goto(f"{server}/probe?q=Q46&country=DEU&age=50%2B")
    expect(page.get_by_role("link", name="Method and sources")).to_be_visible()
    expect(page.get_by_text("how happy do you feel").first).to_be_visible()
    expect(page.get_by_text("Germany · 50 and over").first).to_be_visible()
    assert page.get_by_role("link", name="probe", exact=True).count() == 0


def test_a_click_on_a_question_of_the_start_page_puts_it_into_the_probe(page, shared_server):
    page.goto(shared_server)
    page.get_by_role("button", name=re.compile("Ask it yourself")).click()
    expect(page.get_by_role("heading", name="Ask one question")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/probe\?q=Q1\d\d"))


def test_stopping_keeps_the_page_alive(page, shared_server):
    page.goto(f"{shared_server}/probe?country=CHN&country=USA&country=DEU&country=JPN&country=BRA&country=IND")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="Stop", exact=True).last.click()
    stopped = re.compile(r"Stopped before anything was measured|Stopped\. What was measured before is kept")
    expect(page.get_by_text(stopped).first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_a_click_on_a_mark_of_the_question_chart_puts_that_question_into_the_probe(page, shared_server):
    page.goto(shared_server)
    marks = page.locator("[data-testid=stVegaLiteChart]").nth(1).locator("svg path[aria-roledescription=point]")
    expect(marks.first).to_be_visible()
    marks.nth(20).click(force=True)
    expect(page).to_have_url(re.compile(r"/probe\?q=Q1\d\d"))


def test_a_chart_is_taken_away_as_a_file(page, shared_server, tmp_path):
    page.goto(f"{shared_server}/probe?country=CHN")
    ask(page)
    menu = page.get_by_role("button", name="Download", exact=True).first
    menu.click()
    for kind, head in {"PNG": b"\x89PNG", "SVG": b"<svg", "CSV": b"\xef\xbb\xbfoption"}.items():
        # The list hangs on its button. What the page draws late moves both, on a busy machine out of the window.
        menu.evaluate("button => button.scrollIntoView({block: 'center'})")
        with page.expect_download() as download:
            page.get_by_role("button", name=kind, exact=True).first.click()
        path = tmp_path / kind
        download.value.save_as(path)
        assert path.read_bytes().startswith(head)
