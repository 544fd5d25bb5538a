"""A lesson with a class: a teacher at a wide screen and three pupils at phones, from the code to the end."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.test_access import SETTLED, offences
from tests.browser.test_brief_prints import PAPER_HEIGHT, PAPER_WIDTH, pages_of

pytestmark = pytest.mark.browser
GUESSES = (47, 50, 52)
MOST_PAGES = 2
"""Printed pages of the worksheet: a sheet of paper has two sides."""


@pytest.fixture
def phones(browser):
    contexts = [browser.new_context(viewport={"width": 400, "height": 800}) for _ in GUESSES]
    pages = [context.new_page() for context in contexts]
    for page in pages:
        page.set_default_timeout(60_000)
    yield pages
    for context in contexts:
        context.close()


def send(phone, value: int) -> None:
    slider = phone.get_by_role("slider")
    slider.focus()
    for _ in range(abs(value - 50)):
        phone.keyboard.press("ArrowLeft" if value < 50 else "ArrowRight")
    expect(slider).to_have_value(str(value))
    phone.get_by_role("button", name="Send my guess").click()
    expect(phone.get_by_text(f"Sent: {value} of 100")).to_be_visible()


@pytest.mark.slow  # a class without browsers is told in tests/pages/test_class.py
def test_a_teacher_and_three_pupils_guess_and_see_together(wide_page, phones, shared_server, tmp_path):
    teacher = wide_page
    teacher.goto(f"{shared_server}/learn?with_class=class")
    with teacher.expect_download() as waiting:
        teacher.get_by_role("button", name="Worksheet (English)").click()
    waiting.value.save_as(tmp_path / "worksheet.html")
    teacher.get_by_role("button", name="Open a lesson").click()
    expect(teacher.get_by_alt_text(re.compile("^QR code of the address http"))).to_be_visible()
    code = teacher.locator(".st-key-class_door h2").inner_text()

    phones[0].goto(f"{shared_server}/join")
    phones[0].get_by_label("Code of the lesson").fill(code.lower())
    phones[0].keyboard.press("Enter")
    for phone in phones[1:]:
        phone.goto(f"{shared_server}/join?join={code}")
    for phone in phones:
        expect(phone.get_by_text("You are in.")).to_be_visible()
    expect(teacher.get_by_text("3 pupils are here.")).to_be_visible()

    teacher.get_by_role("button", name="Ask the class").click()
    for phone, value in zip(phones, GUESSES, strict=True):
        send(phone, value)
    sent = time.monotonic()
    expect(teacher.get_by_text("3 of 3 pupils guessed")).to_be_visible()
    assert time.monotonic() - sent < 2, "pooled guesses come within two seconds"
    assert not offences(phones[0])
    assert phones[0].evaluate("document.documentElement.scrollWidth") <= 400

    teacher.get_by_role("button", name="Show the answer").click()
    expect(teacher.get_by_text(re.compile("The middle guess of 3 pupils is 50 of 100"))).to_be_visible()
    expect(teacher.get_by_test_id("stVegaLiteChart")).to_have_count(2)
    for phone, value in zip(phones, GUESSES, strict=True):
        expect(phone.get_by_text(f"You guessed: {value} of 100")).to_be_visible()
    teacher.wait_for_function(SETTLED)
    assert not offences(teacher)

    teacher.get_by_role("button", name="End the lesson").click()
    teacher.get_by_role("button", name="End it and forget everything").click()
    expect(phones[0].get_by_text("The lesson has ended.")).to_be_visible()
    assert not any(page.locator("[data-testid=stException]").count() for page in (teacher, *phones))

    sheet = teacher
    sheet.set_viewport_size({"width": PAPER_WIDTH, "height": PAPER_HEIGHT})
    sheet.goto((tmp_path / "worksheet.html").as_uri())
    assert pages_of(sheet) <= MOST_PAGES
