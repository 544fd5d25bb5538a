"""One look for every chart, on the page and in a file."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Any

import altair as alt

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


LINE = "\n"
LABEL_CHARS = 24
TITLE_CHARS = 34


def wrapped(text: str, width: int = LABEL_CHARS) -> str:
    """``text`` broken into lines of at most ``width`` Latin characters; a Chinese character counts as two."""
    if any(unicodedata.east_asian_width(c) in "WF" for c in text):
        half = max(1, width // 2)
        return LINE.join(text[i : i + half] for i in range(0, len(text), half))
    return LINE.join(textwrap.wrap(text, width, break_long_words=False)) or text


def lines(texts: Iterable[str]) -> int:
    """Most lines any of ``texts`` takes."""
    return max((text.count(LINE) + 1 for text in texts), default=1)


def label_axis(**more: Any) -> alt.Axis:
    """An axis of names, broken where :func:`wrapped` broke them."""
    return alt.Axis(**{"labelExpr": r"split(datum.label, '\n')", "labelLineHeight": 15, "labelLimit": 300} | more)


def axis_title(text: str) -> list[str]:
    """An axis title in lines short enough for a phone."""
    return wrapped(text, TITLE_CHARS).split(LINE)
