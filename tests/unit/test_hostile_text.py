"""Text from outside, where it is shown as Markdown or written into a CSV."""

from __future__ import annotations

import csv
import io

import pandas as pd
from hypothesis import given

from core.charts.export import to_csv
from core.text import LONGEST_SHOWN, plain, safe_cell, visible, whole
from tests.unit.hostile import ANY, MANY


@MANY
@given(ANY.filter(lambda text: len(text) < LONGEST_SHOWN // 2))
def test_plain_text_keeps_its_letters_and_leaves_no_sign_unescaped(text: str) -> None:
    made = plain(text)
    bare, place = [], 0
    while place < len(made):
        if made[place] == "\\":
            place += 1
        else:
            assert made[place] not in "`*_[]<>#|~$:&!@^"
        bare.append(made[place])
        place += 1
    assert "".join(bare).replace("\u2060", "") == visible(text).replace("\u2060", "")
    assert "\n" not in made
    made.encode()


@MANY
@given(ANY.map(whole))
def test_no_cell_of_a_csv_starts_a_formula_and_other_text_is_exact(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(to_csv(pd.DataFrame({"a": [text + "."]})).decode("utf-8-sig"), newline=""))
    assert row[0] in (whole(text + "."), f"'{whole(text + '.')}")
    assert row[0][:1] not in tuple("=+-@\t\r")
    assert safe_cell("plain") == "plain"


def test_names_of_columns_are_safe_and_numbers_stay_numbers() -> None:
    told = to_csv(pd.DataFrame({"=cmd()": [-1.5], "b": ["-1"]})).decode("utf-8-sig").splitlines()
    assert told == ["'=cmd(),b", "-1.5,'-1"]
