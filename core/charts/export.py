"""A chart as a file: PNG and SVG without a browser, CSV safe to open in a spreadsheet."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import vl_convert

from core.charts.palette import Palette

WIDTH = 720
"""Width of an exported plot area in pixels."""


def _spec(chart: alt.TopLevelMixin, palette: Palette, title: str, source: str) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict()
    spec["width"] = WIDTH
    spec["title"] = {"text": _wrapped(title), "anchor": "start", "fontSize": 15, "offset": 12}
    spec["title"]["subtitle"] = _wrapped(source, 130)
    spec["title"]["subtitleColor"] = palette.text
    spec["background"] = palette.background
    spec["padding"] = 16
    return spec


def _wrapped(text: str, width: int = 95) -> list[str]:
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]


def to_png(chart: alt.TopLevelMixin, palette: Palette, title: str, source: str) -> bytes:
    """The chart as a PNG at twice its size, with ``title`` above it and ``source`` under the title."""
    return bytes(vl_convert.vegalite_to_png(_spec(chart, palette, title, source), scale=2))


def to_svg(chart: alt.TopLevelMixin, palette: Palette, title: str, source: str) -> str:
    """The chart as SVG text."""
    return str(vl_convert.vegalite_to_svg(_spec(chart, palette, title, source)))


def to_csv(frame: pd.DataFrame) -> bytes:
    """CSV in UTF-8 with a byte-order mark; text that a spreadsheet would run as a formula gets an apostrophe."""
    safe = frame.copy()
    for column in safe.select_dtypes(include=["object", "str"]):
        text = safe[column]
        risky = text.map(lambda value: isinstance(value, str) and value[:1] in "=+-@\t\r" and value != "")
        safe[column] = text.where(~risky, "'" + text.astype(str))
    return safe.to_csv(index=False).encode("utf-8-sig")
