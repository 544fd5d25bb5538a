"""Charts of tuned models: before and after in four quadrants, and the losses of a training."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import DASHES, Palette
from core.charts.series import series_channels
from core.charts.style import axis_title, layered, names_legend, zero_line
from core.i18n import Texts


def quadrant_points(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str) -> alt.LayerChart:
    """One row a quadrant and one mark a series (before, after, baselines) with its 95 % interval; a line at 0.

    ``frame`` has columns ``label`` (the quadrant), ``series``, ``look`` (a side, or ``baseline``), ``value``, ``low``,
    ``high`` and ``questions``. An interval that runs out of :func:`shown_range` ends at the edge.
    """
    y, offset, colour, shape, count = series_channels(frame, palette)
    title = axis_title(axis)
    scale = alt.Scale(domain=list(shown_range(frame)), clamp=True)
    base = alt.Chart(frame)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.6).encode(
        y=y, yOffset=offset, color=colour, x=alt.X("low:Q", title=title, scale=scale), x2=alt.X2("high:Q")
    )
    points = base.mark_point(size=90, filled=True, opacity=1).encode(
        y=y,
        yOffset=offset,
        color=colour,
        shape=shape,
        x=alt.X("value:Q", title=title, scale=scale, axis=alt.Axis(format="+.2f", tickCount=5)),
        tooltip=[
            alt.Tooltip("label:N", title=t("tuned.quadrant")),
            alt.Tooltip("series:N", title=t("tuned.who")),
            alt.Tooltip("value:Q", title=t("alignment.value"), format="+.3f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format="+.3f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format="+.3f"),
            alt.Tooltip("questions:Q", title=t("chart.questions")),
        ],
    )
    return layered(
        palette, zero_line(palette), spans, points, height=alt.Step(16 * max(count, 2), **{"for": "position"})
    )


def shown_range(frame: pd.DataFrame) -> tuple[float, float]:
    """The ends of the axis: those of the intervals and 0, at most 0.5 beyond the outermost value.

    An interval over few batteries can be ten times as wide as everything else.
    """
    least, most = min(0.0, float(frame["value"].min())), max(0.0, float(frame["value"].max()))
    return max(least - 0.5, min(least, float(frame["low"].min()))), min(
        most + 0.5, max(most, float(frame["high"].max()))
    )


_LOSSES = 420
"""Pixels of the whole chart; a page counts legend and axis in."""


def loss_lines(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """The divergence from people on each part against the steps of the training.

    ``frame`` has columns ``step``, ``series`` (the name of the part) and ``value`` (nats).
    """
    names = list(dict.fromkeys(frame["series"]))
    legend = names_legend(symbolType="stroke", symbolStrokeWidth=2.5, symbolSize=400)
    colour = alt.Color(
        "series:N", scale=alt.Scale(domain=names, range=[palette.part(i) for i in range(len(names))]), legend=legend
    )
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=names, range=DASHES[: len(names)]), legend=legend)
    x = alt.X("step:Q", title=axis_title(t("tuned.step")), axis=alt.Axis(tickCount=5, format="d"))
    y = alt.Y("value:Q", title=axis_title(t("tuned.divergence")), scale=alt.Scale(domainMin=0))
    base = alt.Chart(frame)
    lines = base.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    points = base.mark_point(size=50, filled=True, opacity=1).encode(
        x=x,
        y=y,
        color=colour,
        tooltip=[
            alt.Tooltip("series:N", title=t("tuned.part")),
            alt.Tooltip("step:Q", title=t("tuned.step")),
            alt.Tooltip("value:Q", title=t("tuned.divergence"), format=".3f"),
        ],
    )
    return layered(palette, lines, points, height=_LOSSES)
