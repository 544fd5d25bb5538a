"""Writes charts as files: PNG and SVG without a browser, and CSV that is safe to open in a spreadsheet."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import LINE, with_room, wrapped
from core.text import drawable, safe_cell

LONGEST_TITLE = 600
"""Most characters of a title or source line in a file."""

WIDTH = 720
"""Width of an exported plot area in pixels."""

PLAIN_WIDTH = 520
"""Width of a plot area that must fit, with its labels, between the margins of a page."""


def _form(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The Vega-Lite form of ``chart``. Shapes of a map, stored as text (``core/charts/shapes.py``), are unpacked."""
    form = with_room(chart.to_dict())
    for part in form.get("layer", ()):
        data = part.get("data", {})
        if isinstance(data.get("values"), str):
            data["values"] = json.loads(data["values"])
    return form


def _spec(chart: alt.TopLevelMixin, palette: Palette, title: str, source: str) -> dict[str, Any]:
    spec = _form(chart)
    spec["width"] = WIDTH
    spec["title"] = {"text": _wrapped(title), "anchor": "start", "fontSize": 15, "offset": 12}
    spec["title"]["subtitle"] = _wrapped(source, 130)
    spec["title"]["subtitleColor"] = palette.text
    spec["background"] = palette.background
    spec["padding"] = 16
    made: dict[str, Any] = _drawable(spec)
    return made


def _drawable(value: Any) -> Any:
    """``value`` with texts that are safe to draw: a NUL in a text ends the process without a message."""
    if isinstance(value, dict):
        return {name: _drawable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_drawable(inner) for inner in value]
    return drawable(value) if isinstance(value, str) else value


def _wrapped(text: str, width: int = 95) -> list[str]:
    return wrapped(drawable(text, LONGEST_TITLE), width).split(LINE)


def to_png(chart: alt.TopLevelMixin, palette: Palette, title: str, source: str) -> bytes:
    """The chart as a PNG at twice its size, with ``title`` above it and ``source`` under the title."""
    import vl_convert

    return bytes(vl_convert.vegalite_to_png(_spec(chart, palette, title, source), scale=2))


def to_svg(chart: alt.TopLevelMixin, palette: Palette, title: str, source: str) -> str:
    """The chart as SVG text."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(_spec(chart, palette, title, source)))


def to_plain_svg(chart: alt.TopLevelMixin, palette: Palette, width: int = PLAIN_WIDTH) -> str:
    """The chart as SVG text without a title of its own, for a page that writes the title above it."""
    import vl_convert

    spec = _form(chart)
    spec["width"] = width
    spec["background"] = palette.background
    return str(vl_convert.vegalite_to_svg(_drawable(spec)))


def to_csv(frame: pd.DataFrame) -> bytes:
    """CSV in UTF-8 with a byte-order mark; text that a spreadsheet would run as a formula gets an apostrophe.

    Column names are treated in the same way. Numbers, also negative ones, stay numbers with a point in every language.
    """
    columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
    exact = (pd.api.types.is_numeric_dtype, pd.api.types.is_datetime64_any_dtype)
    safe = [c if any(test(c) for test in exact) else c.astype(object).map(_cell) for c in columns]
    table = pd.concat(safe, axis=1) if safe else frame
    header = [str(_cell(name)) for name in frame.columns]
    # With this line ending the writer quotes a carriage return too; unquoted, it would begin a new row.
    return str(table.to_csv(index=False, header=header, lineterminator="\r\n")).encode("utf-8-sig")


def _cell(value: object) -> object:
    return safe_cell(value) if isinstance(value, str) else value
