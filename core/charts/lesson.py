"""Charts of the lesson: one question in every order, and points with intervals beside their comparisons."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_scales
from core.charts.style import axis_title, label_axis, layered, lines, names_legend, wrapped
from core.i18n import Texts

SHAPES = ["diamond", "circle"]


def order_dots(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per option: its share in each printed order, with a different mark where it was first.

    ``frame`` has columns ``option`` (in scale order), ``share`` (0..1), ``stood`` (words for the place), ``first``
    (whether it was first), ``printed`` (1-based place) and ``even`` (1/K, drawn as a rule).
    """
    frame = frame.assign(row=frame["option"].map(wrapped))
    rows = list(dict.fromkeys(frame["row"]))
    words = list(dict.fromkeys(frame.sort_values("first", ascending=False)["stood"]))
    x = alt.X(
        "share:Q",
        title=axis_title(t("learn.order_axis")),
        axis=alt.Axis(format="%", tickCount=5),
        scale=alt.Scale(domainMin=0),
    )
    legend = names_legend()
    points = (
        alt.Chart(frame)
        .mark_point(size=120, filled=True, opacity=0.9)
        .encode(
            y=alt.Y("row:N", sort=rows, title=None, axis=label_axis()),
            x=x,
            color=alt.Color(
                "stood:N", scale=alt.Scale(domain=words, range=[palette.part(1), palette.part(0)]), legend=legend
            ),
            shape=alt.Shape("stood:N", scale=alt.Scale(domain=words, range=SHAPES), legend=legend),
            tooltip=[
                alt.Tooltip("option:N", title=t("chart.option")),
                alt.Tooltip("printed:Q", title=t("learn.order_place")),
                alt.Tooltip("share:Q", title=t("chart.share"), format=".1%"),
            ],
        )
    )
    even = (
        alt.Chart(frame.head(1))
        .mark_rule(color=palette.human, strokeDash=[5, 4], strokeWidth=1.5)
        .encode(x=alt.X("even:Q", title=axis_title(t("learn.order_axis"))))
    )
    step = alt.Step(max(34, 15 * lines(rows) + 12))
    return layered(palette, even, points, height=step)


def interval_dots(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str, percent: bool) -> alt.LayerChart:
    """Points with their 95 % intervals: one row per ``label``, in it one mark per ``series`` side by side.

    ``frame`` has columns ``label``, ``series``, ``look`` (a side, ``people`` or ``baseline``), ``value``, ``low``,
    ``high`` and ``n``; labels and series keep their order of appearance. ``percent`` writes the axis in percent.
    """
    frame = frame.assign(row=frame["label"].map(wrapped))
    rows, scales = list(dict.fromkeys(frame["row"])), series_scales(frame, palette)
    form = ".1%" if percent else ".3f"
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    each = frame.groupby("row")["series"].nunique().max()
    # Side by side only where a row has several marks; otherwise a single point would be off its label.
    offset = alt.YOffset("series:N", sort=scales.names) if each > 1 else alt.YOffset()
    scale, ticks = alt.Scale(domainMin=0), alt.Axis(format="%" if percent else ".2f", tickCount=5)
    title = axis_title(axis)
    legend = names_legend()
    colour = alt.Color("series:N", scale=scales.colour, legend=legend)
    base = alt.Chart(frame)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.6).encode(
        y=y, yOffset=offset, x=alt.X("low:Q", title=title, scale=scale, axis=ticks), x2=alt.X2("high:Q"), color=colour
    )
    points = base.mark_point(size=120, filled=True, opacity=1).encode(
        y=y,
        yOffset=offset,
        x=alt.X("value:Q", title=title, scale=scale, axis=ticks),
        color=colour,
        shape=alt.Shape("series:N", scale=scales.shape, legend=legend),
        tooltip=[
            alt.Tooltip("label:N", title=t("learn.row")),
            alt.Tooltip("series:N", title=t("learn.series")),
            alt.Tooltip("value:Q", title=t("learn.value"), format=form),
            alt.Tooltip("low:Q", title=t("chart.low"), format=form),
            alt.Tooltip("high:Q", title=t("chart.high"), format=form),
            alt.Tooltip("n:Q", title=t("learn.n")),
        ],
    )
    step = alt.Step(max(15 * lines(rows) + 14, 20 * each + 8), **{"for": "position"})
    return layered(palette, spans, points, height=step)
