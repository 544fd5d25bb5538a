"""The common look of every chart, on the page and in a file."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Any, Literal

import altair as alt
from altair.utils import schemapi

from core.charts.palette import Palette


def without_checks() -> None:
    """Draw charts of this process without checking them against the Vega-Lite schema, which takes most of the time.

    The app calls this at its start. The tests draw every chart with the check, and so does a notebook.
    """
    schemapi.DEBUG_MODE = False


FONT = "'Source Sans 3', 'Source Sans', 'Noto Sans CJK SC', sans-serif"


NARROW = 260
"""Below this width of a plot, in pixels, a legend has no room beside the names of the rows."""


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


def with_room(form: dict[str, Any]) -> dict[str, Any]:
    """The Vega-Lite ``form`` of a chart, with legends placed so that they fit on a phone.

    Where the names of the rows leave little room, a legend begins above the names and ends at the end of the plot.
    Vega-Lite accepts this setting, but its schema, which Altair checks, does not have it.
    """
    legend = form.setdefault("config", {}).setdefault("legend", {})
    legend["layout"] = {"top": {"anchor": {"signal": f"width < {NARROW} ? 'end' : 'start'"}}}
    return form


def layered(
    palette: Palette, *layers: alt.Chart, height: alt.Step | float | alt.UndefinedType = alt.Undefined
) -> alt.LayerChart:
    """``layers`` as one chart in the common look, as wide as the page; ``height`` in pixels or a step per row."""
    data = layers[0].data
    if all(layer.data is data for layer in layers):
        # Altair does the same, but prints the frame for each layer first, which takes a third of the time of drawing.
        for layer in layers:
            layer.data = alt.Undefined
    else:
        data = alt.Undefined
    # All properties at once, because Altair copies the whole chart for each property that is added later.
    return alt.layer(*layers, data=data, width="container", height=height, config=config(palette))


def zero_line(palette: Palette, axis: Literal["x", "y"] = "x") -> alt.Chart:
    """A layer with a line at 0 of ``axis``."""
    base = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=palette.rule, strokeWidth=1.5)
    return base.encode(x=alt.X("zero:Q")) if axis == "x" else base.encode(y=alt.Y("zero:Q"))


LINE = "\n"
LABEL_CHARS = 24
TITLE_CHARS = 34


def wrapped(text: str, width: int = LABEL_CHARS) -> str:
    """``text`` broken into lines of at most ``width`` Latin characters; a Chinese character counts as two."""
    if any(_wide(c) for c in text):
        found = _wrapped_wide(text, width)
        even = (_wrapped_wide(text, narrow) for narrow in range(width // 2, width))
        return LINE.join(next((lines for lines in even if len(lines) == len(found)), found))
    return LINE.join(textwrap.wrap(text, width, break_long_words=False)) or text


_CLOSING = "，。、；：！？）》」』】〉”’…·%％"
_OPENING = "（《「『【〈“‘"


def _wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def _wrapped_wide(text: str, width: int) -> list[str]:
    # Chinese breaks between any two characters, but not before a closing mark, after an opening one or in a word.
    pieces: list[str] = []
    for char in text:
        last = pieces[-1] if pieces else ""
        in_word = not (_wide(char) or char.isspace() or _wide(last[-1:] or " ") or last.isspace())
        if char in _CLOSING:
            while len(pieces) > 1 and pieces[-1].isspace():
                pieces[-2:] = [pieces[-2] + pieces[-1]]
            pieces[-1:] = [(pieces[-1] if pieces else "") + char]
        elif last and (in_word or last[-1] in _OPENING):
            pieces[-1] += char
        else:
            pieces.append(char)
    lines = [""]
    for piece in pieces:
        if lines[-1].strip() and _columns(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _columns(text: str) -> int:
    return sum(2 if _wide(char) else 1 for char in text)


def lines(texts: Iterable[str]) -> int:
    """The largest number of lines of any of ``texts``."""
    return max((text.count(LINE) + 1 for text in texts), default=1)


def row_step(labels: Iterable[str], least: int) -> alt.Step:
    """The height of a row with room for the longest of ``labels``, in pixels, and of ``least`` at least."""
    return alt.Step(max(least, 15 * lines(labels) + 8))


_BROKEN = (
    r"split(trim(replace(replace(datum.label, regexp('([\\u2e80-\\uffff]{14})', 'g'), '$1\n'), "
    r"regexp('(.{1,30})(\\s+|$)', 'g'), '$1\n')), '\n')"
)
"""A label in lines of at most thirty characters that end between words, or of fourteen Chinese ones."""


def names_legend(**more: Any) -> alt.Legend:
    """A legend of names above the chart, one below the other, each broken so that it fits on a phone."""
    return alt.Legend(**{"title": None, "orient": "top", "columns": 1, "labelExpr": _BROKEN, "symbolOpacity": 1} | more)


def label_axis(**more: Any) -> alt.Axis:
    """An axis of names, broken where :func:`wrapped` broke them."""
    return alt.Axis(**{"labelExpr": r"split(datum.label, '\n')", "labelLineHeight": 15, "labelLimit": 300} | more)


def axis_title(text: str) -> list[str]:
    """An axis title in lines short enough for a phone."""
    return wrapped(text, TITLE_CHARS).split(LINE)
