"""The glossary: whole in both languages, used where terms appear, and short enough for a tooltip."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from core import i18n
from core.i18n.glossary import FILE, glossary

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 260
"""Characters of an explanation that still reads as a tooltip."""


def explained() -> set[str]:
    """Every key that a page gives to ``explain``, written out or from a table of keys."""
    keys = set(glossary("en"))
    found = set()
    for path in sorted((ROOT / "pages").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == "explain"]
        for call in calls:
            written = {a.value for a in call.args if isinstance(a, ast.Constant)}
            assert written <= keys, (path.name, written - keys)
            found |= written
        if any(not isinstance(argument, ast.Constant) for call in calls for argument in call.args):
            found |= {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value in keys}
    return found


@pytest.mark.parametrize("language", i18n.languages())
def test_every_term_has_a_name_and_one_or_two_sentences_in_every_language(language):
    for key, term in glossary(language).items():
        assert term.name.strip(), key
        assert 15 < len(term.text) <= LONGEST, (key, len(term.text))
        assert term.text.endswith((".", "。")), key
        sentences = re.findall(r"[.。](?=\s|$|[\u4e00-\u9fff])", term.text.replace("arXiv ", ""))
        assert 1 <= len(sentences) <= 3, key


def test_the_file_holds_nothing_else_and_stands_in_order():
    with FILE.open("rb") as file:
        table = tomllib.load(file)
    wanted = {name for language in i18n.languages() for name in (language, f"{language}_text")}
    assert all(set(entry) == wanted for entry in table.values())
    assert list(table) == sorted(table)


def test_chinese_is_chinese_and_english_is_not():
    for key, term in glossary("zh").items():
        assert re.search(r"[\u4e00-\u9fff]", term.text), key
        assert not re.search(r"[\u4e00-\u9fff][,;!?]", term.text), key
    for key, term in glossary("en").items():
        assert not re.search(r"[\u4e00-\u9fff]", term.name + term.text), key


def test_pages_explain_terms_on_hover_and_the_rest_is_listed():
    # What no page explains is still read on the method page, which lists all; most are met on hover.
    used = explained()
    assert len(used) > 0.7 * len(glossary("en"))
    assert "show_glossary()" in (ROOT / "pages" / "method.py").read_text(encoding="utf-8")


def test_a_term_that_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        glossary("en")["no_such_term"]
