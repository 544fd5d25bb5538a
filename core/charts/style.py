"""One look for every chart, on the page and in a file."""

from __future__ import annotations

from typing import Any

from core.charts.palette import Palette

FONT = "'Source Sans 3', 'Source Sans', 'Noto Sans CJK SC', sans-serif"


def config(palette: Palette) -> dict[str, Any]:
    """Vega-Lite configuration in the colours of ``palette``: quiet grid, ink of full contrast, no frame."""
    ink = {"labelColor": palette.text, "titleColor": palette.text, "titleFontWeight": "normal"}
    return {
        "font": FONT,
        "background": "transparent",
        "axis": {
            **ink,
            "gridColor": palette.rule,
            "gridOpacity": 0.25,
            "domain": False,
            "ticks": False,
            "labelFontSize": 13,
            "titleFontSize": 13,
            "labelPadding": 6,
            "titlePadding": 10,
        },
        "legend": {**ink, "labelFontSize": 13, "labelLimit": 0, "rowPadding": 4, "symbolSize": 90},
        "title": {"color": palette.text, "subtitleColor": palette.text, "anchor": "start"},
        "view": {"stroke": None},
    }
