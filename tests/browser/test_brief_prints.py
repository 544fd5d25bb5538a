"""Each page's brief, in both languages: valid HTML that fetches nothing, whole on its first A4 page, a short annex."""

import re

import html5lib
import pytest

from core import i18n
from core.brief import to_html
from core.charts.palette import LIGHT
from core.findings.confidence import Stated
from core.providers.hosted.keys import KeyRing
from pages.parts.shared import brief_button
from tests.pages.conftest import app, opened  # noqa: F401 fixtures
from tests.pages.test_brief import briefs  # noqa: F401 a fixture
from tests.pages.test_pages import ask
from tests.unit.test_brief import brief, first
from tests.unit.test_texts import BRIEFS

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("shared_frames")]

CANARY = "canary-4f1c9b7e2d8a5566"
MOST_ANNEX = 4
PAPER_WIDTH, PAPER_HEIGHT = 680, 1016
"""A4 between its margins, in pixels of the browser."""

SMALLEST = 6.0
"""Points of the smallest letters of a chart that can be read."""

LETTERS = """() => {
    const svg = document.querySelector('.first .chief svg');
    if (!svg) return null;
    const [, , width, height] = svg.getAttribute('viewBox').split(' ').map(Number);
    const box = svg.getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height);
    const sizes = [...svg.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize));
    return Math.min(...sizes) * scale * 0.75;
}"""


def pages_of(sheet, hidden: str = "") -> int:
    """Printed pages of what ``sheet`` shows, without what ``hidden`` selects."""
    style = sheet.add_style_tag(content=f"{hidden} {{ display: none !important; }}") if hidden else None
    printed = sheet.pdf(prefer_css_page_size=True)
    if style is not None:
        style.evaluate("style => style.remove()")
    return len(re.findall(rb"/Type\s*/Page\b", printed))


def assert_first_page_holds(sheet, name: str) -> None:
    """The whole brief is on page 1, nothing shrinks it, its chart can be read, and the annex is behind it."""
    annex = pages_of(sheet, ".first")
    assert pages_of(sheet, ".annex") == 1, f"{name}: the first page runs over"
    assert annex <= MOST_ANNEX, f"{name}: the annex has {annex} pages"
    assert pages_of(sheet) == 1 + annex, f"{name}: the annex begins on a page of its own"
    sheet.emulate_media(media="print")
    wide = sheet.evaluate("document.documentElement.scrollWidth")
    letters = sheet.evaluate(LETTERS)
    sheet.emulate_media(media=None)
    assert wide <= PAPER_WIDTH, f"{name}: {wide} pixels wide, so the browser prints all of it smaller"
    assert letters is None or letters >= SMALLEST, f"{name}: letters of {letters:.1f} points in the chart"


PRINTED = ("alignment", "china_west", "stability", "start")
"""Briefs that CI prints; the others are printed with -m slow."""


@pytest.mark.parametrize(
    "name", [name if name in PRINTED else pytest.param(name, marks=pytest.mark.slow) for name in BRIEFS]
)
def test_a_brief_stands_whole_on_its_first_page(briefs, browser, monkeypatch, tmp_path, name):  # noqa: F811
    ring = KeyRing()
    ring.put("session:own", CANARY)
    monkeypatch.setattr(brief_button, "key_ring", lambda: ring)
    sheet = browser.new_page(viewport={"width": PAPER_WIDTH, "height": PAPER_HEIGHT})
    asked = []
    sheet.on("request", lambda request: asked.append(request.url))
    for language in i18n.languages():
        # ``AppTest`` words the options of a widget outside a script run, where the default language holds.
        monkeypatch.setattr(i18n, "DEFAULT", language)
        text = briefs(name, ask if name == "probe" else None, ui=language)
        html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
        assert CANARY not in text
        assert not re.findall(r"(?:src|href)=[\"'](?!#)|@import|url\(\s*['\"]?(?!#)", text)
        path = tmp_path / f"{language}.html"
        path.write_text(text, encoding="utf-8")
        asked.clear()
        sheet.goto(path.as_uri())
        assert asked == [path.as_uri()]
        assert sheet.locator(".first .bottom .said").count() == 1
        assert sheet.locator(".first .found > li").count() == 3, f"{language}: three findings"
        assert sheet.locator(".first .two ol > li").count() == 5, f"{language}: five questions"
        assert sheet.locator(".first .chief svg").count() == 1
        assert_first_page_holds(sheet, f"{name}, {language}")
    sheet.close()


@pytest.mark.parametrize("text", ["long words of a reader " * 60, "读者写下的很长的话" * 120, "unbroken" * 200])
def test_the_first_page_holds_whatever_somebody_has_typed(browser, tmp_path, text):
    said = Stated(text, "open", "There is no interval.")
    page = first(text, bottom=said, findings=(said._replace(text=f"{text}1"), said._replace(text=f"{text}2"), said))
    sheet = browser.new_page(viewport={"width": PAPER_WIDTH, "height": PAPER_HEIGHT})
    path = tmp_path / "typed.html"
    path.write_text(to_html(brief("short", title=text, first=page, figures=(page.figure,)), LIGHT, "en"), "utf-8")
    sheet.goto(path.as_uri())
    assert text.strip() in sheet.content(), "what is shortened stands whole in the annex"
    assert pages_of(sheet, ".annex") == 1
    sheet.close()
