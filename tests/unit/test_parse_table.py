"""Written answers labelled by hand, in English and Chinese: how often the reading is right, kind by kind."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from pathlib import Path

import pytest

from core.prompts.parse import parse_answer
from core.types import LABELS

TABLE = Path(__file__).resolve().parents[1] / "data" / "answers.csv"
OPTIONS = {
    "agree": ("Agree strongly", "Agree", "Disagree", "Strongly disagree"),
    "yesno": ("Yes", "No"),
    "ladder": ("1 – never justifiable", *(str(n) for n in range(2, 10)), "10 – always justifiable"),
    "agree_zh": ("完全同意", "同意", "不同意", "完全不同意"),
    "yesno_zh": ("是", "否"),
    "ladder_zh": ("1 – 绝对不可接受", *(str(n) for n in range(2, 10)), "10 – 完全可以接受"),
}


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read(row: dict[str, str]) -> str:
    options = OPTIONS[row["options"]]
    found = parse_answer(row["text"], LABELS[: len(options)], options)
    return str(found.place + 1) if found.place is not None else found.outcome


def report() -> tuple[list[tuple[str, int, int, int]], list[tuple[str, str, str]]]:
    """Per kind: answers, those read as an option, those of them rightly; and every answer read wrongly."""
    total: Counter[str] = Counter()
    named: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong = []
    for row in rows():
        kind, found = row["kind"], read(row)
        total[kind] += 1
        if found == row["expected"]:
            right[kind] += 1
        else:
            wrong.append((row["text"], row["expected"], found))
        named[kind] += found.isdigit()
    return [(kind, total[kind], named[kind], right[kind]) for kind in total], wrong


def test_the_table_is_large_and_in_both_languages() -> None:
    table = rows()
    assert len(table) >= 120
    assert min(Counter(row["language"] for row in table).values()) >= 50


@pytest.mark.parametrize("kind", sorted({row["kind"] for row in rows()}))
def test_every_answer_of_the_table_is_read_as_labelled(kind: str) -> None:
    wrong = [(row["text"], row["expected"], read(row)) for row in rows() if row["kind"] == kind]
    assert [entry for entry in wrong if entry[1] != entry[2]] == []


if __name__ == "__main__":  # python -m tests.unit.test_parse_table
    counts, misread = report()
    for kind, n, options, correct in counts:
        sys.stdout.write(
            f"{kind:16} {n:3} answers, {options:3} read as an option, {correct:3} rightly ({correct / n:.0%})\n"
        )
    for text, expected, found in misread:
        sys.stdout.write(f"  {text!r}: labelled {expected}, read {found}\n")
