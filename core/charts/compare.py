"""Several sides in one chart: the figures of each side on a shared scale, and how far each is from the pinned one."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_scales
from core.charts.style import axis_title, label_axis, layered, lines, names_legend, wrapped, zero_line
from core.i18n import Texts

ROW = 20
"""Height of one side in pixels."""


def side_points(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str, percent: bool) -> alt.LayerChart:
    """One row per place with one mark per side, its 95 % interval, and ticks at the baselines of that side.

    ``frame`` has columns ``name`` (the place), ``series`` (what is compared), ``look`` (the side of its model),
    ``side_place`` (0-based), ``value``, ``low``, ``high``, ``n``, ``even`` and ``others`` (NaN where there is no such
    baseline). Places and series keep their order.
    """
    frame = frame.assign(row=frame["name"].map(wrapped))
    rows, series = _order(frame, "row"), _order(frame.sort_values("side_place", kind="stable"), "series")
    form = ".0~%" if percent else ".3~f"
    title = axis_title(axis)
    x = alt.X("value:Q", title=title, axis=alt.Axis(format=form, tickCount=5), scale=alt.Scale(zero=False, nice=True))
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    offset = alt.YOffset("series:N", sort=series)
    colour, shape = _looks(frame, palette)
    tooltip = _tooltip(t, "value", ".1%" if percent else ".3f")
    base = alt.Chart(frame).encode(y=y, yOffset=offset, tooltip=tooltip)
    layers: list[alt.Chart] = []
    for name, ink in (("even", palette.text), ("others", palette.human)):
        known = frame.dropna(subset=[name])
        if len(known):
            ticks = alt.Chart(known).mark_tick(thickness=3, height=ROW - 5, color=ink, opacity=0.65)
            layers.append(ticks.encode(y=y, yOffset=offset, x=alt.X(f"{name}:Q", title=title), tooltip=tooltip))
    spans = base.mark_rule(strokeWidth=3, opacity=0.5).encode(
        x=alt.X("low:Q", title=title), x2=alt.X2("high:Q"), color=colour
    )
    points = base.mark_point(size=95, filled=True, opacity=1).encode(x=x, color=colour, shape=shape)
    return layered(palette, *layers, spans, points, height=_step(rows, len(series)))


def side_differences(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str, percent: bool) -> alt.LayerChart:
    """One row per place with one mark per side: the side minus the pinned one with its 95 % interval, a line at 0.

    ``frame`` has columns ``name``, ``series``, ``look``, ``side_place``, ``difference``, ``low``, ``high``, ``n``,
    ``words`` (the verdict) and ``beyond`` (more than noise). Differences that noise may explain are hollow.
    """
    frame = frame.assign(row=frame["name"].map(wrapped))
    rows, series = _order(frame, "row"), _order(frame.sort_values("side_place", kind="stable"), "series")
    title = axis_title(axis)
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    offset = alt.YOffset("series:N", sort=series)
    colour, shape = _looks(frame, palette)
    tooltip = [
        *_tooltip(t, "difference", "+.1%" if percent else "+.3f"),
        alt.Tooltip("words:N", title=t("compare.verdict")),
    ]
    zero = zero_line(palette)
    base = alt.Chart(frame).encode(y=y, yOffset=offset, tooltip=tooltip)
    spans = base.mark_rule(strokeWidth=3, opacity=0.5).encode(
        x=alt.X("low:Q", title=title), x2=alt.X2("high:Q"), color=colour
    )
    x = alt.X("difference:Q", title=title, axis=alt.Axis(format="+.0~%" if percent else "+.3~f", tickCount=5))
    points = base.mark_point(size=95, opacity=1, strokeWidth=2).encode(
        x=x,
        color=colour,
        shape=shape,
        fill=alt.condition("datum.beyond", colour, alt.value(palette.background)),
    )
    return layered(palette, zero, spans, points, height=_step(rows, len(series)))


def _order(frame: pd.DataFrame, name: str) -> list[str]:
    return list(dict.fromkeys(frame[name]))


def _looks(frame: pd.DataFrame, palette: Palette) -> tuple[alt.Color, alt.Shape]:
    # By place, so that what is compared looks the same where one of the others has no figure.
    scales, legend = series_scales(frame.sort_values("side_place", kind="stable"), palette), names_legend()
    return (
        alt.Color("series:N", scale=scales.colour, legend=legend),
        alt.Shape("series:N", scale=scales.shape, legend=legend),
    )


def _tooltip(t: Texts, value: str, form: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=t("compare.place")),
        alt.Tooltip("series:N", title=t("compare.side")),
        alt.Tooltip(f"{value}:Q", title=t("compare.value"), format=form),
        alt.Tooltip("low:Q", title=t("chart.low"), format=form),
        alt.Tooltip("high:Q", title=t("chart.high"), format=form),
        alt.Tooltip("n:Q", title=t("compare.items")),
    ]


def _step(rows: Sequence[str], sides: int) -> alt.Step:
    return alt.Step(max(26, ROW * sides + 6, 15 * lines(rows) + 6), **{"for": "position"})
