"""Bars of answer shares: real people beside models, option by option."""

from __future__ import annotations

import math
from collections.abc import Iterable

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_scales
from core.charts.style import axis_title, label_axis, layered, lines, names_legend, wrapped, zero_line
from core.i18n import Texts

BAR = 11
"""Height of one bar in pixels."""


def _step(options: list[str], series: int, bar: int) -> alt.Step:
    """Height of one bar with its gap. It is a step, because Streamlit counts legend and axis in a fixed height."""
    return alt.Step(max(bar + 3, (15 * lines(options) + 8) / series))


REACH_STEP = 0.1


def reach_of(frames: Iterable[pd.DataFrame]) -> float:
    """The common end of the axes of several charts of shares, 0..1, so that their bars can be compared."""
    ends = [frame[name] for frame in frames for name in ("share", "high") if name in frame]
    every = pd.concat(ends).dropna() if ends else pd.Series(dtype=float)
    longest = float(every.max()) if len(every) else 1.0
    return min(1.0, math.ceil(longest / REACH_STEP - 1e-9) * REACH_STEP)


def option_bars(frame: pd.DataFrame, palette: Palette, t: Texts, reach: float | None = None) -> alt.LayerChart:
    """Grouped bars, one group per option in scale order, with intervals where they are known.

    ``frame`` has columns ``option``, ``place`` (scale order), ``series`` (name in the legend), ``kind`` (``human``,
    ``persona`` or ``twin``), ``look`` (``people``, or the side of the model) and perhaps ``member``
    (:func:`.series.series_scales`), ``faded`` (little valid mass) and ``share`` (0..1, NaN where unknown). ``low`` and
    ``high``, if present, are the ends of its interval. ``reach`` is the end of the axis, which charts side by side
    share. Series keep their order of appearance. Twins are outlined, so that the chart can be read without colour.
    """
    scales = series_scales(frame, palette)
    series, colours = scales.names, scales.colour.range
    first = frame.drop_duplicates("series").set_index("series")
    frame = frame.assign(label=frame["option"].map(wrapped))
    options = list(frame.sort_values("place")["label"].drop_duplicates())
    fills = [
        palette.tint(colour) if first.loc[name, "kind"] == "twin" else colour
        for name, colour in zip(series, colours, strict=True)
    ]
    legend = names_legend(symbolStrokeWidth=1.5, symbolType="square")
    bars = alt.Chart(frame).mark_bar(strokeWidth=1.5, height=alt.RelativeBandSize(0.8))
    y, offset = alt.Y("label:N", sort=options, title=None, axis=label_axis()), alt.YOffset("series:N", sort=series)
    scale = alt.Scale(domainMin=0) if reach is None else alt.Scale(domain=[0, reach])
    axis = alt.Axis(format="%", tickCount=5)
    chart = bars.encode(
        y=y,
        yOffset=offset,
        x=alt.X("share:Q", title=t("chart.share"), axis=axis, scale=scale),
        fill=alt.Fill("series:N", scale=alt.Scale(domain=series, range=fills), legend=legend),
        stroke=alt.Stroke("series:N", scale=scales.colour, legend=legend),
        opacity=alt.OpacityValue(1, condition={"test": "datum.faded", "value": 0.4}),
        tooltip=[
            alt.Tooltip("series:N", title=t("chart.answered_by")),
            alt.Tooltip("option:N", title=t("chart.option")),
            alt.Tooltip("share:Q", title=t("chart.share"), format=".1%"),
        ],
    )
    layers = [chart]
    known = frame.dropna(subset=["low", "high"]) if {"low", "high"} <= set(frame.columns) else frame.iloc[:0]
    if len(known):
        spans = alt.Chart(known).mark_rule(strokeWidth=1.5, color=palette.text)
        ends = alt.X("low:Q", title=t("chart.share"), axis=axis, scale=scale)
        layers.append(spans.encode(y=y, yOffset=offset, x=ends, x2=alt.X2("high:Q")))
    return layered(palette, *layers, height=_step(options, len(series), BAR))


def difference_bars(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """Signed bars of a change, one per option and series.

    ``frame`` has columns ``option``, ``place``, ``series``, ``look`` (the side of the model) and ``change`` (-1..1,
    shares after minus before).
    """
    scales = series_scales(frame, palette)
    frame = frame.assign(label=frame["option"].map(wrapped))
    options = list(frame.sort_values("place")["label"].drop_duplicates())
    limit = max(0.02, float(frame["change"].abs().max()) * 1.1)
    bars = alt.Chart(frame).mark_bar(height=alt.RelativeBandSize(0.8))
    signed = bars.encode(
        y=alt.Y("label:N", sort=options, title=None, axis=label_axis()),
        yOffset=alt.YOffset("series:N", sort=scales.names),
        x=alt.X(
            "change:Q",
            title=axis_title(t("chart.change")),
            axis=alt.Axis(format="+.0%", tickCount=5),
            scale=alt.Scale(domain=[-limit, limit]),
        ),
        color=alt.Color(
            "series:N",
            scale=scales.colour,
            legend=names_legend(),
        ),
        tooltip=[
            alt.Tooltip("series:N", title=t("chart.answered_by")),
            alt.Tooltip("option:N", title=t("chart.option")),
            alt.Tooltip("change:Q", title=t("chart.change"), format="+.1%"),
        ],
    )
    zero = zero_line(palette)
    return layered(palette, signed, zero, height=_step(options, len(scales.names), BAR + 3))
