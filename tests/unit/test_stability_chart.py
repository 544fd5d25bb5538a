"""The chart of flips: no mark stands on the edge of its axis."""

from __future__ import annotations

import pandas as pd
import pytest

from core import i18n
from core.charts.palette import LIGHT
from core.charts.stability import flip_chart

NAMES = {"label": "Order", "series": "A", "look": "West"}


@pytest.mark.parametrize("high", [0.5, 0.02, 1.0])
def test_the_largest_value_stands_inside_the_axis(high: float) -> None:
    row = {
        "label": "Order",
        "series": "A",
        "look": "West",
        "flips": high,
        "flips_low": 0.0,
        "flips_high": high,
        "noise": 0.0,
        "n": 9,
    }
    drawn = flip_chart(pd.DataFrame([row]), LIGHT, i18n.texts()).to_dict()
    for layer in drawn["layer"]:
        assert layer["encoding"]["x"]["scale"]["domain"][0] == 0
        assert layer["encoding"]["x"]["scale"]["domain"][1] > high


def test_nothing_but_zeros_has_the_whole_axis() -> None:
    row = {
        "label": "Order",
        "series": "A",
        "look": "West",
        "flips": 0.0,
        "flips_low": 0.0,
        "flips_high": 0.0,
        "noise": 0.0,
        "n": 9,
    }
    drawn = flip_chart(pd.DataFrame([row]), LIGHT, i18n.texts()).to_dict()
    assert drawn["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 1]
