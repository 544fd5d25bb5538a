"""Simulated citizens by arm or by group: a value with its interval, beside the band of as few real people."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, lines, names_legend, wrapped
from core.i18n import Texts
from core.types import Side


def band_chart(
    frame: pd.DataFrame,
    palette: Palette,
    t: Texts,
    axis: str,
    marks: Mapping[str, str],
    band: str,
    drawn: pd.DataFrame | None,
    side: Side,
) -> alt.LayerChart:
    """One row per label: a circle with its 95 % interval, a band, and further marks on the same axis.

    ``frame`` has columns ``label``, ``value``, ``low``, ``high``, ``band_low``, ``band_high`` (0..1), ``questions``,
    ``citizens``, and those of ``marks``, which maps a column to the words of the legend and begins with ``value``.
    ``band`` is the tooltip text of the band. Labels keep their order. ``drawn`` (``label``, ``at``, ``seed``)
    adds an upright tick for each draw of people. ``side`` is that of the model that simulates them.
    """
    frame = frame.assign(row=frame["label"].map(wrapped))
    rows, words = list(dict.fromkeys(frame["row"])), list(marks.values())
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    title, scale = axis_title(axis), alt.Scale(domainMin=0)
    long = frame.melt(
        id_vars=["row", "label", "low", "high", "questions", "citizens"],
        value_vars=list(marks),
        var_name="mark",
        value_name="at",
    ).dropna(subset=["at"])
    long["mark"] = long["mark"].map(marks)
    legend = names_legend()
    (look,) = palette.looks([side])
    shapes, colours = [look.shape, "cross", "triangle-up"], [look.colour, palette.rule, palette.human]
    shading = (
        alt.Chart(frame)
        .mark_bar(height=16, opacity=0.28, color=palette.human)
        .encode(
            y=y,
            x=alt.X("band_low:Q", title=title, scale=scale),
            x2=alt.X2("band_high:Q"),
            tooltip=[
                alt.Tooltip("band_low:Q", title=f"{band}, 5 %", format=".3f"),
                alt.Tooltip("band_high:Q", title=f"{band}, 95 %", format=".3f"),
            ],
        )
    )
    spans = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2.5, opacity=0.6, color=look.colour)
        .encode(y=y, x=alt.X("low:Q", title=title, scale=scale), x2=alt.X2("high:Q"))
    )
    points = (
        alt.Chart(long)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            y=y,
            x=alt.X("at:Q", title=title, scale=scale, axis=alt.Axis(format=".2f", tickCount=5)),
            shape=alt.Shape("mark:N", scale=alt.Scale(domain=words, range=shapes[: len(words)]), legend=legend),
            color=alt.Color("mark:N", scale=alt.Scale(domain=words, range=colours[: len(words)]), legend=legend),
            tooltip=[
                alt.Tooltip("label:N", title=t("citizens.arm")),
                alt.Tooltip("mark:N", title=t("chart.mark")),
                alt.Tooltip("at:Q", title=axis, format=".3f"),
                alt.Tooltip("low:Q", title=t("chart.low"), format=".3f"),
                alt.Tooltip("high:Q", title=t("chart.high"), format=".3f"),
                alt.Tooltip("questions:Q", title=t("chart.questions")),
                alt.Tooltip("citizens:Q", title=t("citizens.citizens")),
            ],
        )
    )
    ticks = []
    if drawn is not None:
        each = alt.Chart(drawn.assign(row=drawn["label"].map(wrapped)))
        tick = each.mark_tick(thickness=2, height=14, color=palette.text, opacity=0.8).encode(
            y=y,
            x=alt.X("at:Q", title=title, scale=scale),
            tooltip=[
                alt.Tooltip("label:N", title=t("citizens.arm")),
                alt.Tooltip("seed:Q", title=t("citizens.seed")),
                alt.Tooltip("at:Q", title=axis, format=".3f"),
            ],
        )
        ticks.append(tick)
    return layered(palette, shading, spans, points, *ticks, height=alt.Step(max(30, 15 * lines(rows) + 10)))
