"""An endpoint of one's own, given in the form, is asked from the probe like any other model."""

import re

import pytest
from playwright.sync_api import expect

from tests.chat_server import ChatServer

pytestmark = pytest.mark.browser
SETTLED = "() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
CANARY = "sk-canary-browser-51"


def test_a_loopback_endpoint_is_added_tested_and_asked(wide_page, server, tmp_path):
    page = wide_page
    with ChatServer(lambda prompt, body: {"A": 0.5, "B": 0.2, "C": 0.1, "D": 0.1, "Well": 0.1}) as endpoint:
        page.goto(f"{server}/models")
        expect(page.get_by_role("heading", name="Models")).to_be_visible()
        page.get_by_text("Add an endpoint for this session").click()
        page.get_by_label("Name", exact=True).fill("Mine")
        page.get_by_label("Base address").fill(endpoint.url)
        page.get_by_label("Model id there").fill("mine-1")
        page.get_by_label("Key, if it needs one").fill(CANARY)
        page.wait_for_function(SETTLED)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text("Mine was added.")).to_be_visible()
        expect(page.get_by_label("Key, if it needs one")).to_have_value("")
        assert CANARY not in page.content()

        page.get_by_role("button", name="Test the connection").click()
        expect(page.get_by_text("Log-probabilities come.")).to_be_visible()

        ask = page.get_by_role("link", name="Ask it a question")
        expect(ask).to_have_attribute("href", re.compile("own-"))
        ask.click()
        expect(page.get_by_role("heading", name="Ask one question")).to_be_visible()
        expect(page).to_have_url(re.compile("m=own-"))
        page.get_by_role("button", name="Ask", exact=True).click()
        expect(page.get_by_text("Measured just now")).to_be_visible()
        expect(page.get_by_text(re.compile("Mine (leans|has no clear favourite)")).first).to_be_visible()
        assert page.locator("[data-testid=stException]").count() == 0
        assert CANARY not in page.url
        assert CANARY not in page.content()

        # Another page, the same session: a whole run, its key still typed and nowhere kept.
        page.get_by_role("link", name="Models", exact=True).click()
        expect(page.get_by_role("heading", name="Models")).to_be_visible()
        picker = page.get_by_role("combobox", name="Model", exact=True)
        picker.click()
        picker.fill("Mine")
        page.get_by_role("option", name="Mine", exact=True).click()
        expect(page.get_by_role("button", name="Test the connection")).to_be_visible()
        # The link follows the choice a moment later than the button does.
        audit = page.get_by_role("link", name="Start an audit with it")
        expect(audit).to_have_attribute("href", re.compile("own-"))
        audit.click()
        expect(page).to_have_url(re.compile("view=new"))
        expect(page).to_have_url(re.compile("m=own-"))
        asked = page.get_by_role("combobox", name="Questions", exact=True)
        asked.click()
        asked.fill("Q57")
        page.get_by_role("option", name=re.compile("^Q57")).click()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Show size, time and cost").click()
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_text(re.compile("options read: 9"))).to_be_visible()
        assert CANARY not in page.content()
        assert all(headers["authorization"] == f"Bearer {CANARY}" for _, headers, _ in endpoint.seen)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert all(CANARY.encode() not in path.read_bytes() for path in written)
