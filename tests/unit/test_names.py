"""A page names a model by one function, which knows the reader's language."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "pages").rglob("*.py"))
MODEL = re.compile(r"(^|[._])(model|models\(\)|models|known|cell)(\.model)?(\[[^]]*\])?$")


def bare_names(source: str) -> list[str]:
    """Every ``MODEL.name`` in ``source`` that is not beside the Chinese name, as in a search."""
    found = []
    for statement in ast.walk(ast.parse(source)):
        if not isinstance(statement, ast.Attribute) or statement.attr != "name":
            continue
        line = source.splitlines()[statement.lineno - 1]
        if MODEL.search(ast.unparse(statement.value)) and "name_zh" not in line:
            found.append(line.strip())
    return found


@pytest.mark.parametrize(
    "source", ["x = model.name", "x = known[a].name", "x = resources.models()[a].name", "u.model.name"]
)
def test_a_bare_name_of_a_model_is_found(source: str) -> None:
    assert bare_names(source) == [source]
    assert not bare_names("x = file.name + look.round.name + model_name(model.id)")


def test_no_page_shows_a_name_that_is_english_in_every_language() -> None:
    found = {path.name: names for path in PAGES if (names := bare_names(path.read_text("utf-8")))}
    assert not found
