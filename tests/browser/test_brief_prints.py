"""Each page's brief, in both languages: valid HTML that fetches nothing, on two or three A4 pages."""

import re

import html5lib
import pytest

from core import i18n
from core.providers.hosted.keys import KeyRing
from pages.parts.shared import brief_button
from tests.pages.conftest import app  # noqa: F401 a fixture
from tests.pages.test_brief import briefs  # noqa: F401 a fixture
from tests.pages.test_pages import ask

pytestmark = pytest.mark.browser

CANARY = "canary-4f1c9b7e2d8a5566"
PAGES = (
    "start",
    "probe",
    "china_west",
    "claims",
    "compare",
    "alignment",
    "representation",
    "citizens",
    "stability",
    "traces",
)
"""Every page that shows a finding; the lesson and the lists (runs, models, method) have none of their own."""


@pytest.mark.parametrize("name", PAGES)
def test_a_brief_prints_on_two_or_three_pages(briefs, browser, monkeypatch, tmp_path, name):  # noqa: F811
    ring = KeyRing()
    ring.put("session:own", CANARY)
    monkeypatch.setattr(brief_button, "key_ring", lambda: ring)
    sheet = browser.new_page()
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
        printed = sheet.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) in (2, 3), language
    sheet.close()
