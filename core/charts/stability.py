"""Charts of the stability page: flips by axis, the matrix of choices, value win rates, the switch curve."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_channels, series_scales
from core.charts.style import axis_title, label_axis, layered, names_legend
from core.i18n import Texts

ROOM = 1.06
"""How far an axis reaches beyond the largest value."""


def flip_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per label and model: flips with their 95 % interval, and a tick at the flips that sampling explains.

    ``frame`` has columns ``label``, ``series``, ``look`` (the side of the model), ``flips``, ``flips_low``,
    ``flips_high``, ``noise`` (0..1) and ``n``. Labels and series keep their order of appearance.
    """
    y, offset, colour, shape, count = series_channels(frame, palette)
    axis = alt.Axis(format="%", tickCount=5, labelOverlap=True, labelSeparation=6)
    title = axis_title(t("stability_chart.flips"))
    top = float(frame[["flips", "flips_high", "noise"]].max().max())
    # A little beyond the last mark; otherwise half of it would be outside.
    scale = alt.Scale(domain=[0, ROOM * top] if top > 0 else [0, 1])
    base = alt.Chart(frame)
    tooltip = [
        alt.Tooltip("series:N", title=t("chart.model")),
        alt.Tooltip("label:N", title=t("stability_chart.what")),
        alt.Tooltip("flips:Q", title=t("stability_chart.flips_short"), format=".1%"),
        alt.Tooltip("flips_low:Q", title=t("chart.low"), format=".1%"),
        alt.Tooltip("flips_high:Q", title=t("chart.high"), format=".1%"),
        alt.Tooltip("noise:Q", title=t("stability_chart.noise"), format=".1%"),
        alt.Tooltip("n:Q", title=t("stability_chart.n")),
    ]
    spans = base.mark_rule(strokeWidth=3, opacity=0.5).encode(
        y=y,
        yOffset=offset,
        x=alt.X("flips_low:Q", title=title, axis=axis, scale=scale),
        x2=alt.X2("flips_high:Q"),
        color=colour,
    )
    noise = base.mark_tick(thickness=3, height=18, color=palette.human).encode(
        y=y, yOffset=offset, x=alt.X("noise:Q", title=title, axis=axis, scale=scale), tooltip=tooltip
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        yOffset=offset,
        x=alt.X("flips:Q", title=title, axis=axis, scale=scale),
        color=colour,
        shape=shape,
        tooltip=tooltip,
    )
    step = alt.Step(max(30, 26 * count), **{"for": "position"})
    return layered(palette, spans, noise, points, height=step)


def choice_matrix(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """Dilemmas as rows, variants as columns: the colour shows how likely action a is, the letter the choice.

    ``frame`` has columns ``row``, ``column``, ``p`` (0..1, NaN where nothing was chosen) and ``mark`` (a short sign).
    """
    rows, columns = list(dict.fromkeys(frame["row"])), list(dict.fromkeys(frame["column"]))
    x = alt.X("column:N", sort=columns, title=None, axis=label_axis(orient="top", labelAngle=-60, labelLimit=120))
    y = alt.Y("row:N", sort=rows, title=None, axis=alt.Axis(labelLimit=170))
    base = alt.Chart(frame)
    tooltip = [
        alt.Tooltip("row:N", title=t("stability_chart.dilemma")),
        alt.Tooltip("column:N", title=t("stability_chart.variant")),
        alt.Tooltip("p:Q", title=t("stability_chart.p_a"), format=".0%"),
        alt.Tooltip("mark:N", title=t("stability_chart.choice")),
    ]
    boxes = base.mark_rect(stroke=palette.background, strokeWidth=1).encode(
        x=x,
        y=y,
        color=alt.Color(
            "p:Q",
            scale=alt.Scale(
                domain=[0, 0.5, 1],
                range=[palette.part(1), palette.background, palette.part(0)],
                interpolate="rgb",  # the default passes through hues of neither colour
                clamp=True,
            ),
            legend=alt.Legend(title=t("stability_chart.p_a"), orient="top", format=".0%", gradientLength=160),
        ),
        tooltip=tooltip,
    )
    signs = base.mark_text(fontSize=12, color=palette.text).encode(x=x, y=y, text=alt.Text("mark:N"), tooltip=tooltip)
    return layered(palette, boxes, signs, height=alt.Step(18))


def win_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per value and model: how often it wins, with its 95 % interval and a line at one half.

    ``frame`` has columns ``value``, ``series``, ``look`` (the side of the model), ``win``, ``low``, ``high`` (0..1;
    NaN ends where n is 1) and ``n``.
    """
    values, scales = list(dict.fromkeys(frame["value"])), series_scales(frame, palette)
    y = alt.Y("value:N", sort=values, title=None, axis=label_axis())
    offset = alt.YOffset("series:N", sort=scales.names)
    legend = names_legend()
    colour = alt.Color("series:N", scale=scales.colour, legend=legend)
    title = axis_title(t("stability_chart.win"))
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format="%", tickCount=5)
    base = alt.Chart(frame)
    even = alt.Chart(pd.DataFrame({"x": [0.5]})).mark_rule(color=palette.rule, strokeWidth=1.5)
    spans = base.mark_rule(strokeWidth=3, opacity=0.5).encode(
        y=y, yOffset=offset, x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2=alt.X2("high:Q"), color=colour
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        yOffset=offset,
        x=alt.X("win:Q", title=title, scale=scale, axis=axis),
        color=colour,
        shape=alt.Shape("series:N", scale=scales.shape, legend=legend),
        tooltip=[
            alt.Tooltip("series:N", title=t("chart.model")),
            alt.Tooltip("value:N", title=t("stability_chart.value")),
            alt.Tooltip("win:Q", title=t("stability_chart.win"), format=".0%"),
            alt.Tooltip("low:Q", title=t("chart.low"), format=".0%"),
            alt.Tooltip("high:Q", title=t("chart.high"), format=".0%"),
            alt.Tooltip("n:Q", title=t("stability_chart.n")),
        ],
    )
    step = alt.Step(max(28, 22 * len(scales.names)), **{"for": "position"})
    return layered(
        palette, even.encode(x=alt.X("x:Q", title=title, scale=scale, axis=axis)), spans, points, height=step
    )


def switch_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """Probability of action b by step of the escalation, one line per series, with 95 % bands.

    ``frame`` has columns ``step`` (0 is the plain wording), ``series``, ``look`` (the side of the model), ``p_b``,
    ``low``, ``high`` (0..1) and ``n``.
    """
    scales, legend = (
        series_scales(frame, palette),
        names_legend(symbolType="stroke", symbolStrokeWidth=2.5, symbolSize=400),
    )
    x = alt.X("step:Q", title=axis_title(t("stability_chart.step")), axis=alt.Axis(values=list(range(6)), format="d"))
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format="%", tickCount=5)
    title = axis_title(t("stability_chart.p_b"))
    colour = alt.Color("series:N", scale=scales.colour, legend=legend)
    base = alt.Chart(frame)
    band = base.mark_area(opacity=0.15).encode(
        x=x, y=alt.Y("low:Q", scale=scale, title=title, axis=axis), y2=alt.Y2("high:Q"), color=colour
    )
    line = base.mark_line(point=alt.OverlayMarkDef(size=70, filled=True)).encode(
        x=x,
        y=alt.Y("p_b:Q", scale=scale, title=title, axis=axis),
        color=colour,
        strokeDash=alt.StrokeDash("series:N", scale=scales.dash, legend=legend),
        tooltip=[
            alt.Tooltip("series:N", title=t("stability_chart.what")),
            alt.Tooltip("step:Q", title=t("stability_chart.step")),
            alt.Tooltip("p_b:Q", title=t("stability_chart.p_b"), format=".0%"),
            alt.Tooltip("low:Q", title=t("chart.low"), format=".0%"),
            alt.Tooltip("high:Q", title=t("chart.high"), format=".0%"),
            alt.Tooltip("n:Q", title=t("stability_chart.n")),
        ],
    )
    return layered(palette, band, line, height=280)
