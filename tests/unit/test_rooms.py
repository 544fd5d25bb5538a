"""Each page has a room of its own; what several pages use stands in ``shared``; the frame stands in ``app``."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = ROOT / "pages" / "parts"
FRAME, SHARED = "app", "shared"
LEAST = 3
"""What fewer pages use is no shared thing: it belongs to the page, or to core."""


def name_of(path: Path) -> str:
    """The module of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in (ROOT / "pages").rglob("*.py")}
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")


def imports(module: str) -> set[str]:
    """Modules of ``pages`` that ``module`` imports, inside of functions too."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                found.add(name if name in MODULES else node.module)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found & set(MODULES)


def room(module: str) -> str | None:
    """The room that a module stands in; none for a page itself."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["pages", "parts"] and len(parts) > 2 else None


def used_by(page: str) -> set[str]:
    """All modules that ``page`` uses, itself or through its own room and through what is shared, but not the frame."""
    found, waiting = set(), {f"pages.{page}"}
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= {name for name in imports(module) if room(name) not in (FRAME, None)} - found
    return found


def test_every_room_is_that_of_a_page_or_the_frame_or_shared():
    rooms = {path.name for path in PARTS.iterdir() if (path / "__init__.py").is_file()}
    assert rooms <= {*PAGES, FRAME, SHARED}
    assert {FRAME, SHARED} <= rooms


def test_what_is_shared_is_used_by_three_pages_at_least():
    uses = {page: used_by(page) for page in PAGES}
    shared = {name for name in MODULES if name.startswith(f"pages.parts.{SHARED}.")}
    counted = {name: sorted(page for page, used in uses.items() if name in used) for name in shared}
    assert not {name: pages for name, pages in counted.items() if len(pages) < LEAST}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_page_and_its_parts_know_no_other_page(module):
    own = room(module) or module.split(".")[-1]
    met = {room(name) for name in imports(module)} - {None, own, SHARED}
    if own == SHARED:
        assert not met, "what is shared knows no page and not the frame"
    elif module == "pages.parts.app.warm_up":
        assert met <= set(PAGES)
    elif room(module) is None:
        assert met <= {FRAME}
    else:
        assert not met
