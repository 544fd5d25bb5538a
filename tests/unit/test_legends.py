"""A legend of long names is drawn whole on a phone."""

from __future__ import annotations

import copy
import re

import pandas as pd
import pytest
import vl_convert

from core import i18n
from core.charts.palette import LIGHT
from core.charts.stability import flip_chart, switch_chart
from core.charts.style import with_room

PHONE = 360
NAMES = {"en": "Qwen2.5-Coder 0.5B (tuned for code)", "zh": "通义千问代码模型零点五十亿参数（为编写代码而调优的版本）"}


def flips(name):
    row = {"series": name, "look": "China", "flips": 0.3, "flips_low": 0.2, "flips_high": 0.5, "noise": 0.3, "n": 9}
    labels = ("Asked again (order, words, language)", "Order of the actions")
    return flip_chart(pd.DataFrame([{"label": label, **row} for label in labels]), LIGHT, i18n.texts())


def switches(name):
    row = {"look": "China", "p_b": 0.4, "low": 0.3, "high": 0.5, "n": 9}
    named = [{"series": f"{name}, {way}", "step": step, **row} for way in ("in sequence", "alone") for step in range(6)]
    return switch_chart(pd.DataFrame(named), LIGHT, i18n.texts())


def lines_drawn(chart, width):
    """Where each line of the legend begins and about where it ends, in pixels of a chart of ``width``."""
    spec = with_room(copy.deepcopy(chart.to_dict()))
    spec |= {"width": width, "autosize": {"type": "fit-x", "contains": "padding"}}
    svg = vl_convert.vegalite_to_svg(spec)
    legend = svg[svg.index("role-legend-label") :]
    legend = legend[: legend.index("role-legend-title")] if "role-legend-title" in legend else legend
    return svg, re.findall(r">([^<>]+)</(?:tspan|text)>", legend)


@pytest.mark.parametrize("draw", [flips, switches])
@pytest.mark.parametrize("language", list(NAMES))
def test_no_line_of_a_legend_is_longer_than_a_phone_has_room_for(draw, language):
    svg, texts = lines_drawn(draw(NAMES[language]), PHONE)
    name = [one for one in texts if one.strip() and any(part in NAMES[language] for part in one.split(",")[0].split())]
    assert "…" not in svg
    assert name
    widths = [sum(13 if ord(c) > 0x2E80 else 6.8 for c in one) for one in name]
    assert max(widths) < 230
