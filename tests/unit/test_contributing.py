"""What the guides say of the tree is so: paths exist, every room is on the map, and files stay short."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TOP = ("app.py", "core", "data", "docs", "pages", "tests", ".streamlit", ".ci")
MOST_LINES = {"core": 300, "pages": 200}
REASON = "This file is long because"


def paths(text: str) -> set[str]:
    """What stands between back quotes and begins like a path of this repository."""
    found = {word for quoted in re.findall(r"`([^`\n]+)`", text) for word in quoted.split()}
    return {word for word in found if re.fullmatch(r"[\w./-]+", word) and word.split("/")[0] in TOP}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md"])
def test_every_path_that_is_named_exists(name):
    named = paths((ROOT / name).read_text("utf-8"))
    assert named
    assert not {path for path in named if not (ROOT / path).exists()}


def test_every_room_of_core_is_on_the_map():
    table = GUIDE[GUIDE.index("## The map") : GUIDE.index("## Where is X?")]
    rooms = {f"core/{path.name}/" for path in (ROOT / "core").iterdir() if (path / "__init__.py").is_file()}
    assert rooms <= paths(table)


def test_ten_questions_have_one_answer_each():
    table = GUIDE[GUIDE.index("## Where is X?") : GUIDE.index("## Manners")]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 10
    assert len({question for question, _ in rows}) == len(rows)
    for _, answer in rows:
        (place,) = paths(answer)
        assert (ROOT / place).exists()


@pytest.mark.parametrize("what", ["model", "survey", "audit", "provider", "page"])
def test_adding_something_begins_with_one_place(what):
    part = re.split(r"^## ", GUIDE, flags=re.M)
    (text,) = [words for words in part if re.match(rf"Add an? {what}\n", words)]
    first = text.splitlines()[1]
    place = re.match(r"`([^`]+)`: one", first)
    assert place, first
    assert (ROOT / place.group(1)).exists()


@pytest.mark.parametrize("room", sorted(MOST_LINES))
def test_a_file_is_short_or_says_why_not(room):
    long = []
    for path in sorted((ROOT / room).rglob("*.py")):
        text = path.read_text("utf-8")
        told = ast.get_docstring(ast.parse(text)) or ""
        if len(text.splitlines()) > MOST_LINES[room] and REASON not in told:
            long.append(str(path.relative_to(ROOT)))
    assert not long
