"""Hostile texts in charts, their files, and briefs: drawn as text, and nothing in them acts."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.export import to_png, to_svg
from core.charts.options import option_bars
from core.charts.palette import LIGHT
from core.charts.style import wrapped
from core.i18n import texts
from core.text import drawable, whole
from tests.unit.hostile import ANY, MANY, NASTY


def bars(options: list[str], series: list[str]):
    rows = [
        {
            "option": option,
            "place": place,
            "series": name,
            "kind": "persona",
            "look": "West",
            "faded": False,
            "share": 1 / len(options),
        }
        for name in series
        for place, option in enumerate(options)
    ]
    return option_bars(pd.DataFrame(rows), LIGHT, texts())


@MANY
@given(ANY)
def test_any_text_for_a_picture_is_whole_short_and_ends_no_string(text: str) -> None:
    made = drawable(text, 50)
    made.encode()
    assert len(made) <= 50
    assert not set(made) & set("\x00\r\u2028\u2029\u202e\x85")
    assert drawable("plain\ttext\n") == "plain\ttext\n"


@pytest.mark.parametrize("text", [text for text in NASTY if text and text == whole(text)])
def test_files_of_a_chart_hold_any_text(text: str) -> None:
    chart = bars([text, "b"], [text[:200] or "s"])
    svg = to_svg(chart, LIGHT, text, text)
    assert "<script" not in svg
    assert not re.search(r'href="[^"]*javascript', svg)
    assert to_png(chart, LIGHT, text[:200], "s").startswith(b"\x89PNG")


@MANY
@given(ANY, st.integers(5, 120))
def test_any_text_is_broken_into_lines(text: str, width: int) -> None:
    assert wrapped(text, width) is not None
