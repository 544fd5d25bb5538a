"""The words of an error reach a page in one way, which picks the language and disarms what comes from outside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[2] / "pages"
HELPER = PAGES / "parts" / "shared" / "problems.py"
THROUGH = {"problem_text", "say", "isinstance", "append"}
"""What may be given an error: the helper, and calls that keep it or look at its kind."""
ERRORS = {"problem", "problems", "error", "notice", "faults"}
"""Attributes and methods that hold errors."""
WORDS = {"message", "hint", "sentence"}


def _is_error(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr in ERRORS) or (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ERRORS
    )


def _names(node: ast.AST) -> set[str]:
    """Names that stand for an error in a file: caught ones, and those that run over errors."""
    found = set()
    for one in ast.walk(node):
        if isinstance(one, ast.ExceptHandler) and one.name:
            found.add(one.name)
        elif isinstance(one, ast.For | ast.comprehension) and _is_error(one.iter):
            found |= {name.id for name in ast.walk(one.target) if isinstance(name, ast.Name)} - {"path"}
    return found


def bare_errors(source: str) -> Iterator[str]:
    """Places where an error is put into words, or given to a call that shows it, without the helper."""
    tree = ast.parse(source)
    names = _names(tree)

    def is_error(node: ast.AST) -> bool:
        return (isinstance(node, ast.Name) and node.id in names) or _is_error(node)

    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and is_error(node.value):
            yield f"{node.lineno}: in a text"
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            shows = isinstance(node.func, ast.Attribute) and ast.unparse(node.func).startswith(("st.", "box."))
            if (shows or name in {"str", "plain"}) and name not in THROUGH and any(map(is_error, node.args)):
                yield f"{node.lineno}: {name}"
        elif isinstance(node, ast.Attribute) and node.attr in WORDS and is_error(node.value):
            yield f"{node.lineno}: .{node.attr}"


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.py")), ids=lambda path: str(path.relative_to(PAGES)))
def test_every_page_shows_an_error_through_the_helper(path):
    if path != HELPER:
        assert not list(bare_errors(path.read_text(encoding="utf-8")))


def test_an_error_that_is_shown_as_it_is_is_found():
    source = """
for problem in resources.catalogue().problems:
    st.warning(problem)
try:
    pass
except ParallaxError as error:
    st.error(f"{error}")
    st.error(error.message)
    st.error(problem_text(error))
    st.text(str(error))
for path, fault in store.faults():
    st.markdown(fault)
"""
    assert {int(line.split(":")[0]) for line in bare_errors(source)} == {3, 7, 8, 10, 12}
