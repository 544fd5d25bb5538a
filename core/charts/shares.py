"""What moves the answers of models: shares of a whole with their intervals, one row per part."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_channels
from core.charts.style import axis_title, layered
from core.i18n import Texts


def share_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per part and model: its share with the 95 % interval.

    ``frame`` has columns ``label``, ``series``, ``look`` (the side of the model), ``share``, ``low``, ``high`` (0..1).
    Labels and series keep their order of appearance.
    """
    title = axis_title(t("stability.moving_axis"))
    y, offset, colour, shape, count = series_channels(frame, palette)
    axis, scale = alt.Axis(format="%", tickCount=5, labelOverlap=True), alt.Scale(domain=[0, 1])
    base = alt.Chart(frame)
    spans = base.mark_rule(strokeWidth=3, opacity=0.5).encode(
        y=y,
        yOffset=offset,
        x=alt.X("low:Q", title=title, axis=axis, scale=scale),
        x2=alt.X2("high:Q"),
        color=colour,
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        yOffset=offset,
        x=alt.X("share:Q", title=title, axis=axis, scale=scale),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("series:N", title=t("chart.model")),
            alt.Tooltip("label:N", title=t("stability_chart.what")),
            alt.Tooltip("share:Q", title=t("stability_column.share"), format=".1%"),
            alt.Tooltip("low:Q", title=t("chart.low"), format=".1%"),
            alt.Tooltip("high:Q", title=t("chart.high"), format=".1%"),
        ],
    )
    step = alt.Step(max(26, 20 * count), **{"for": "position"})
    return layered(palette, spans, points, height=step)
