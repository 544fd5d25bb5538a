"""Written answers labelled by hand, in English and Chinese: how often the reading is right, kind by kind.

Each table was labelled before the reading saw it, and the reading was mended with it afterwards. As first measured:

| table | answers | read as labelled | precision | recall |
|---|---|---|---|---|
| ``answers.csv`` | 165 | not measured | | |
| ``answers_held_out.csv`` | 190 | 66 % | 95 % | 61 % |
| ``answers_fresh.csv``, after the reading was mended with the other two | 108 | 86 % | 99 % | 87 % |
| ``answers_families.csv``: the manners of ten families of models, thoughts above all | 200 | 64 % | 75 % | 60 % |
| ``answers_families_fresh.csv``, the same manners, after the reading was mended | 100 | 99 % | 99 % | 100 % |
| ``answers_families_second.csv``, the same manners, written before they were read | 100 | 99 % | 100 % | 99 % |

The last two were held out: together 200 answers, of which 198 were read as labelled at the first reading. Both were
written by whoever knew the manners that the reading knows, so that they say little of models that nobody thought of.

So an answer of a kind nobody thought of is often missed, and one of a known kind is read as a wrong option about once
in a hundred. ``python -m tests.unit.test_parse_table`` prints what holds now.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from core.parsing.answers import parse_answer
from core.types import LABELS

DATA = Path(__file__).resolve().parents[1] / "data"
TABLES = {
    "made with": DATA / "answers.csv",
    "held out": DATA / "answers_held_out.csv",
    "fresh": DATA / "answers_fresh.csv",
    "families": DATA / "answers_families.csv",
    "families fresh": DATA / "answers_families_fresh.csv",
    "families second": DATA / "answers_families_second.csv",
}
OPTIONS = {
    "agree": ("Agree strongly", "Agree", "Disagree", "Strongly disagree"),
    "yesno": ("Yes", "No"),
    "ladder": ("1 – never justifiable", *(str(n) for n in range(2, 10)), "10 – always justifiable"),
    "trust": ("Trust completely", "Trust somewhat", "Do not trust very much", "Do not trust at all"),
    "aims": (
        "Maintaining order in the nation",
        "Giving people more say",
        "Fighting rising prices",
        "Protecting freedom of speech",
    ),
    "deed": ("Tell the truth to the family", "Keep the promise to the friend"),
    "happy": ("Very happy", "Quite happy", "Not very happy", "Not at all happy"),
    "green": (
        "Protecting the environment, even if growth slows and some jobs are lost",
        "Economic growth and jobs, even if the environment suffers somewhat",
        "Another answer",
    ),
    "done": ("Have done it", "Might do it", "Would never do it"),
    "strongly": ("Strongly agree", "Agree", "Disagree", "Strongly disagree"),
    "important": ("Very important", "Rather important", "Not very important", "Not at all important"),
    "agree_zh": ("完全同意", "同意", "不同意", "完全不同意"),
    "yesno_zh": ("是", "否"),
    "ladder_zh": ("1 – 绝对不可接受", *(str(n) for n in range(2, 10)), "10 – 完全可以接受"),
    "important_zh": ("非常重要", "比较重要", "不太重要", "根本不重要"),
    "happy_zh": ("非常幸福", "比较幸福", "不太幸福", "一点也不幸福"),
    "green_zh": (
        "应当优先保护环境，即使经济增长放缓、一些人失业",
        "应当优先发展经济和增加就业，即使环境受到一些破坏",
        "其他答案",
    ),
    "done_zh": ("做过", "可能会做", "绝不会做"),
    "strongly_zh": ("非常同意", "同意", "不同意", "非常不同意"),
    "deed_zh": ("如实告诉家人", "遵守对朋友的承诺"),
}

MISREAD = {"fresh": {"I'm not very happy, I'm quite happy.": "invalid", "做过的人很多。": "1"}}
"""What the reading gets wrong, by table; to be shortened."""


class Count(NamedTuple):
    """Answers of one kind: labelled as an option, read as one, read as the labelled one, read as labelled at all."""

    n: int
    options: int
    named: int
    right: int
    same: int

    @property
    def precision(self) -> float | None:
        """Of the answers read as an option, the share read as the labelled one."""
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        """Of the answers labelled as an option, the share read as that one."""
        return self.right / self.options if self.options else None


def rows(table: str) -> list[dict[str, str]]:
    with TABLES[table].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(row: dict[str, str]) -> str:
    options = OPTIONS[row["options"]]
    found = parse_answer(row["text"], LABELS[: len(options)], options)
    return str(found.place + 1) if found.place is not None else found.outcome


def count(some: list[dict[str, str]]) -> Count:
    pairs = [(row["expected"], read(row)) for row in some]
    return Count(
        n=len(pairs),
        options=sum(expected.isdigit() for expected, _ in pairs),
        named=sum(found.isdigit() for _, found in pairs),
        right=sum(found.isdigit() and found == expected for expected, found in pairs),
        same=sum(found == expected for expected, found in pairs),
    )


def misread(table: str) -> list[tuple[str, str, str]]:
    return [(row["text"], row["expected"], read(row)) for row in rows(table) if read(row) != row["expected"]]


def test_the_tables_are_large_in_both_languages_and_share_no_answer() -> None:
    made, held_out = rows("made with"), rows("held out")
    for table in (made, held_out):
        assert len(table) >= 120
        assert min(Counter(row["language"] for row in table).values()) >= 50
    assert len({(row["options"], row["text"]) for row in held_out}) == len(held_out)


@pytest.mark.parametrize("table", TABLES)
def test_every_answer_is_read_as_labelled_but_those_that_are_known_not_to_be(table: str) -> None:
    assert {text: found for text, _, found in misread(table)} == MISREAD.get(table, {})


FAMILIES = ("families", "families fresh", "families second")
THOUGHTS = ("think_tags", "harmony", "square_tags", "named_thoughts")


def test_no_letter_of_a_thought_is_taken_for_the_answer() -> None:
    known = [row for table in FAMILIES for row in rows(table) if row["kind"] in THOUGHTS]
    assert len(known) >= 160
    assert [row["text"] for row in known if read(row).isdigit() and read(row) != row["expected"]] == []


def _share(value: float | None) -> str:
    return "   -" if value is None else f"{value:4.0%}"


if __name__ == "__main__":  # python -m tests.unit.test_parse_table
    for name in TABLES:
        table = rows(name)
        sys.stdout.write(f"{name}: {len(table)} answers\n  kind          n  as labelled  precision  recall\n")
        kinds = list(dict.fromkeys(row["kind"] for row in table))
        for kind in [*kinds, "all"]:
            found = count([row for row in table if kind in (row["kind"], "all")])
            shares = f"{found.same / found.n:11.0%}  {_share(found.precision):>9}  {_share(found.recall):>6}"
            sys.stdout.write(f"  {kind:15}{found.n:4}  {shares}\n")
        for text, expected, got in misread(name):
            sys.stdout.write(f"    {text!r}: labelled {expected}, read {got}\n")
