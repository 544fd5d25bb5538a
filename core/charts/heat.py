"""A heat map with one row and one column per name; its cells show their value and can be clicked."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import label_axis, layered, lines, wrapped

SHADES = (0.05, 0.5)  # stays low enough for the figure in the cell to be read in either theme


def laid_out(frame: pd.DataFrame, width: int = 14, reach: tuple[float, float] | None = None) -> pd.DataFrame:
    """The cells of a heat map, for :func:`draw_cells`: names are broken, and ``shade`` is added, 0..1.

    ``frame`` has columns ``row`` and ``column`` (words), ``value`` (more is darker), ``shown`` (text of a cell). Column
    names are broken after ``width`` Latin characters. ``reach`` are the values of the lightest and the darkest cell; by
    default they are the extremes of ``frame``, even if these are close.
    """
    low, high = reach or (float(frame["value"].min()), float(frame["value"].max()) + 1e-9)
    return frame.assign(
        row=frame["row"].map(wrapped),
        column=frame["column"].map(lambda text: wrapped(text, width)),
        shade=(frame["value"] - low) / (high - low),
    )


def draw_cells(
    frame: pd.DataFrame,
    palette: Palette,
    fields: Sequence[str],
    tooltip: list[alt.Tooltip],
    rows: Sequence[str] | None = None,
) -> alt.LayerChart:
    """The heat map of a frame of :func:`laid_out`. Its form depends on the names of rows and columns alone.

    A click picks the columns ``fields`` of the cell through the selection ``cell``; a double click clears it. Rows and
    columns keep their order. ``rows`` are all names that a row of such charts may have, in order; those that ``frame``
    lacks are not shown. So charts with some of them have one form. By default they are the names in ``frame``.
    """
    rows = list(dict.fromkeys(frame["row"]) if rows is None else rows)
    columns = list(dict.fromkeys(frame["column"]))
    picked = alt.selection_point(name="cell", fields=list(fields), on="click", clear="dblclick")
    base = alt.Chart(frame).encode(
        y=alt.Y("row:N", sort=rows, title=None, axis=label_axis()),
        x=alt.X(
            "column:N",
            sort=columns,
            title=None,
            axis=label_axis(orient="top", labelAngle=0, labelPadding=6 + 15 * (lines(columns) - 1)),
        ),
    )
    cells = base.mark_rect(color=palette.part(0), cursor="pointer", stroke=palette.rule).encode(
        fillOpacity=alt.FillOpacity(
            "shade:Q", scale=alt.Scale(domain=[0, 1], range=list(SHADES), clamp=True), legend=None
        ),
        strokeWidth=alt.StrokeWidthValue(0.3, condition={"param": picked.name, "value": 1}),
        tooltip=tooltip,
    )
    figures = base.mark_text(color=palette.text, fontSize=13).encode(text=alt.Text("shown:N"))
    return layered(palette, cells.add_params(picked), figures, height=alt.Step(max(30, 15 * lines(rows) + 10)))
