"""Hostile texts in charts, their files, and briefs: drawn as text, and nothing in them acts."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.charts.export import _spec, to_png, to_svg
from core.charts.options import option_bars
from core.charts.palette import Palette
from core.charts.style import wrapped
from core.i18n import texts
from tests.unit.hostile import ANY, MANY, NASTY

PALETTE = Palette(human="#000000", series=("#111111", "#222222"), text="#000000", background="#ffffff", rule="#888888")
SERIES = st.lists(ANY, min_size=1, max_size=3, unique=True)


def bars(options: list[str], series: list[str]):
    rows = [
        {
            "option": option,
            "place": place,
            "series": name,
            "kind": "persona",
            "model_place": i,
            "faded": False,
            "share": 1 / len(options),
        }
        for i, name in enumerate(series)
        for place, option in enumerate(options)
    ]
    return option_bars(pd.DataFrame(rows), PALETTE, texts())


@MANY
@given(SERIES, SERIES, ANY)
def test_a_chart_of_any_names_can_be_drawn_and_holds_no_expression_of_theirs(options, series, title) -> None:
    spec = _spec(bars(options, series), PALETTE, title, title)
    text = json.dumps(spec)
    text.encode()
    assert "javascript" not in "".join(re.findall(r'"(?:expr|labelExpr|filter|calculate)": "([^"]*)"', text))


@pytest.mark.parametrize("text", NASTY)
def test_files_of_a_chart_hold_any_text(text: str) -> None:
    chart = bars([text, "b"], [text[:200] or "s"])
    svg = to_svg(chart, PALETTE, text, text)
    assert "<script" not in svg
    assert "javascript:" not in re.sub(r">[^<]*<", "><", svg)
    assert to_png(chart, PALETTE, text[:200], "s").startswith(b"\x89PNG")


@MANY
@given(ANY, st.integers(5, 120))
def test_any_text_is_broken_into_lines(text: str, width: int) -> None:
    assert wrapped(text, width) is not None
