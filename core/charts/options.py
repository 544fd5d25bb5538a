"""Bars of answer shares: real people beside what models said, option by option."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import config
from core.i18n import Texts

BAR = 11
"""Height of one bar in pixels."""


def option_bars(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.Chart:
    """Grouped bars, one group per option in scale order.

    ``frame`` has columns ``option``, ``place`` (scale order), ``series`` (name in the legend), ``kind`` (``human``,
    ``persona`` or ``twin``), ``model_place`` (0-based, picks the colour), ``faded`` (little valid mass) and ``share``
    (0..1, NaN where unknown). Series keep their order of appearance. Twins are outlined, so that the picture also
    reads without colour.
    """
    series = list(dict.fromkeys(frame["series"]))
    first = frame.drop_duplicates("series").set_index("series")
    colours = [
        palette.human if first.loc[name, "kind"] == "human" else palette.model(int(first.loc[name, "model_place"]))
        for name in series
    ]
    options = list(frame.sort_values("place")["option"].drop_duplicates())
    scale = alt.Scale(domain=series, range=colours)
    fills = alt.Scale(domain=series, range=[0.1 if first.loc[name, "kind"] == "twin" else 0.95 for name in series])
    legend = alt.Legend(title=None, orient="top", columns=1, symbolStrokeWidth=1.5, symbolType="square")
    base = alt.Chart(frame, height=max(120, len(options) * (len(series) * BAR + 8)))
    y: dict[str, Any] = {
        "y": alt.Y("option:N", sort=options, title=None, axis=alt.Axis(labelLimit=230)),
        "yOffset": alt.YOffset("series:N", sort=series, scale=alt.Scale(paddingInner=0.25)),
    }
    bars = base.mark_bar(strokeWidth=1.5).encode(
        **y,
        x=alt.X(
            "share:Q", title=t("chart.share"), axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domainMin=0)
        ),
        color=alt.Color("series:N", scale=scale, sort=series, legend=legend),
        stroke=alt.Stroke("series:N", scale=scale, sort=series, legend=legend),
        fillOpacity=alt.FillOpacity("series:N", scale=fills, sort=series, legend=legend),
        opacity=alt.condition("datum.faded", alt.value(0.4), alt.value(1)),
        tooltip=[
            alt.Tooltip("series:N", title=t("chart.answered_by")),
            alt.Tooltip("option:N", title=t("chart.option")),
            alt.Tooltip("share:Q", title=t("chart.share"), format=".1%"),
        ],
    )
    return bars.properties(width="container").configure(**config(palette))


def difference_bars(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """Signed bars of a change, one per option and series.

    ``frame`` has columns ``option``, ``place``, ``series``, ``model_place`` and ``change`` (-1..1, shares after minus
    before).
    """
    series = list(dict.fromkeys(frame["series"]))
    colours = [palette.model(int(p)) for p in frame.drop_duplicates("series")["model_place"]]
    options = list(frame.sort_values("place")["option"].drop_duplicates())
    limit = max(0.02, float(frame["change"].abs().max()) * 1.1)
    base = alt.Chart(frame, height=max(120, len(options) * (len(series) * (BAR + 2) + 8)))
    bars = base.mark_bar().encode(
        y=alt.Y("option:N", sort=options, title=None, axis=alt.Axis(labelLimit=230)),
        yOffset=alt.YOffset("series:N", sort=series),
        x=alt.X(
            "change:Q",
            title=t("chart.change"),
            axis=alt.Axis(format="+.0%", tickCount=5),
            scale=alt.Scale(domain=[-limit, limit]),
        ),
        color=alt.Color(
            "series:N",
            scale=alt.Scale(domain=series, range=colours),
            legend=alt.Legend(title=None, orient="top", columns=1),
        ),
        tooltip=[
            alt.Tooltip("series:N", title=t("chart.answered_by")),
            alt.Tooltip("option:N", title=t("chart.option")),
            alt.Tooltip("change:Q", title=t("chart.change"), format="+.1%"),
        ],
    )
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=palette.rule).encode(x="x:Q")
    return alt.layer(bars, zero).properties(width="container").configure(**config(palette))
