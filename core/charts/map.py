"""A map of countries on two axes, with models placed on it."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.china_west import look
from core.charts.palette import Palette
from core.charts.style import axis_title, layered
from core.i18n import Texts

HEIGHT = 460


def map_chart(frame: pd.DataFrame, palette: Palette, t: Texts, axes: tuple[str, str]) -> alt.LayerChart:
    """Countries as points with their code, models as larger marks; a larger mark is further off the plane.

    ``frame`` has columns ``id``, ``label`` (name of a country or model), ``kind`` (``country`` or ``model``), ``group``
    and ``group_name`` (origin of a model), ``x``, ``y`` and ``off`` (distance to the plane, NaN on a map without one).
    ``axes`` are the titles of the two axes.
    """
    x = alt.X("x:Q", title=axis_title(axes[0]), scale=alt.Scale(zero=False, nice=True, padding=12))
    y = alt.Y("y:Q", title=axis_title(axes[1]), scale=alt.Scale(zero=False, nice=True, padding=12))
    countries = frame[frame["kind"] == "country"]
    models = frame[frame["kind"] == "model"]
    tips = [
        alt.Tooltip("label:N", title=t("alignment.country")),
        alt.Tooltip("off:Q", title=t("map.off"), format=".2f"),
    ]
    base = alt.Chart(countries)
    points = base.mark_circle(size=26, color=palette.human, opacity=0.75).encode(x=x, y=y, tooltip=tips)
    # Codes, not names, because forty names would overlap.
    names = base.mark_text(dx=4, align="left", baseline="middle", fontSize=10, color=palette.text, opacity=0.75).encode(
        x=x, y=y, text=alt.Text("id:N"), tooltip=tips
    )
    layers: list[alt.Chart] = [points, names]
    if len(models):
        colour, shape = look(models, palette)
        size = alt.Size("off:Q", scale=alt.Scale(range=[40, 320]), legend=alt.Legend(title=axis_title(t("map.off"))))
        marks = alt.Chart(models).mark_point(filled=True, opacity=0.85, stroke=palette.background)
        layers.append(
            marks.encode(
                x=x,
                y=y,
                color=colour,
                shape=shape,
                size=size,
                tooltip=[
                    alt.Tooltip("label:N", title=t("chart.model")),
                    alt.Tooltip("group_name:N", title=t("chart.origin")),
                    alt.Tooltip("off:Q", title=t("map.off"), format=".2f"),
                ],
            )
        )
    return layered(palette, *layers, height=HEIGHT)
