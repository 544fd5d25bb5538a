"""axe on every page in both themes: nothing serious, nothing critical, but for what Streamlit alone can change."""

from pathlib import Path

import axe_playwright_python
import pytest

from tests.browser.conftest import ROOT

pytestmark = pytest.mark.browser
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
PAGES = [path.stem for path in sorted((ROOT / "pages").glob("[!_]*.py"))]
ALIKE = {"citizens", "compare", "representation", "stability", "tuned"}
"""Pages of the same parts as others that are looked at here; with -m slow they are looked at too."""
THEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""What a theme changes; all else is the same in the second one."""

STREAMLIT = {
    # The list of pages is drawn by st.navigation: sections stand in a div between ul and li.
    ("list", "[data-testid=stSidebarNavItems]"),
    ("listitem", "[data-testid=stSidebarNavItems] li"),
}
"""(rule, selector) of what Streamlit renders and an app cannot change."""

FINDINGS = """async ([rules, known]) => {
    const result = await axe.run(document, {resultTypes: ["violations"], runOnly: rules});
    const ours = [];
    for (const found of result.violations) {
        if (!["serious", "critical"].includes(found.impact)) continue;
        for (const node of found.nodes) {
            const element = document.querySelector(node.target[0]);
            if (known.some(([rule, selector]) => rule === found.id && element && element.matches(selector))) continue;
            const check = [...node.any, ...node.all, ...node.none][0];
            ours.push(`${found.id}: ${node.html.slice(0, 160)} ${check ? check.message : ""}`);
        }
    }
    return ours;
}"""

SETTLED = """() => document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
    && !document.querySelector('[data-stale=true], [data-testid=stSkeleton]') && document.querySelector('h1')"""


@pytest.fixture(scope="module")
def address(shared_server):
    return shared_server


@pytest.fixture(scope="module")
def asked():
    """Addresses that the browser has asked for."""
    return []


@pytest.fixture(scope="module")
def page(browser, asked):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    context.close()


@pytest.fixture(autouse=True)
def nothing_leaves_the_machine(address, asked):
    """Every page is drawn from this server alone: no font, icon or script comes from the web."""
    asked.clear()
    yield
    assert any(url.startswith(address) for url in asked)
    host = address.removeprefix("http")
    elsewhere = [url for url in asked if not url.startswith((f"http{host}", f"ws{host}", "data:", "blob:"))]
    assert not elsewhere


def open_page(page, where: str) -> None:
    page.goto(where)
    page.wait_for_function(SETTLED)
    page.wait_for_timeout(500)  # charts are drawn after the page has settled
    page.wait_for_function(SETTLED)


def offences(page) -> list[str]:
    """What axe finds in either theme; the page follows the system's without a reload."""
    found = []
    page.evaluate(AXE)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(400)  # colours fade from one theme into the other
        rules = RULES if theme == THEMES[0] else OF_COLOURS
        found += [f"{theme} {line}" for line in page.evaluate(FINDINGS, [rules, sorted(STREAMLIT)])]
    page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in ALIKE else name for name in PAGES]
)
def test_a_page_has_no_serious_violation_in_either_theme(page, address, name):
    open_page(page, f"{address}/{'' if name == 'start' else name}")
    assert not offences(page)


def test_the_theme_does_follow_the_system(page, address):
    open_page(page, f"{address}/method")
    seen = set()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(400)
        seen.add(page.evaluate("() => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"))
    page.emulate_media(color_scheme="light")
    assert len(seen) == 2


@pytest.mark.parametrize("step", ["persona", "order"])
def test_a_reveal_of_the_lesson_has_none_either(page, address, step):
    open_page(page, f"{address}/learn?step={step}")
    if step == "order":
        page.locator("[data-testid=stRadio] label").nth(1).click()
    page.get_by_role("button", name="That is my prediction").click()
    page.get_by_test_id("stVegaLiteChart").first.wait_for()
    page.wait_for_function(SETTLED)
    assert not offences(page)
