"""Charts of one country: what sets it apart from the others, where its groups differ, and which models are near."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.china_west import look
from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, row_step, wrapped
from core.i18n import Texts

STEP = 30
DENSE = 20
"""Height of a row in pixels, and of a row of a dense chart."""


def _height(rows: list[str]) -> alt.Step:
    return row_step(rows, STEP)


def apart_chart(mine: pd.DataFrame, others: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per question: all countries as ticks, the mean of the others as a cross, the country as a large circle.

    ``mine`` has columns ``label``, ``value``, ``low``, ``high``, ``others`` (0..1), ``shown``, ``facts``; ``others``
    has ``label``, ``name``, ``value``. Rows are in the order of ``mine``.
    """
    mine, others = (part.assign(row=part["label"].map(wrapped)) for part in (mine, others))
    rows = list(dict.fromkeys(mine["row"]))
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%", tickCount=5)
    title = axis_title(t("country.axis"))
    x = alt.X("value:Q", title=title, scale=scale, axis=axis)
    ticks = (
        alt.Chart(others)
        .mark_tick(thickness=1.5, height=14, opacity=0.45, color=palette.human)
        .encode(
            y=y,
            x=x,
            tooltip=[
                alt.Tooltip("name:N", title=t("world.country")),
                alt.Tooltip("label:N", title=t("chart.question")),
                alt.Tooltip("value:Q", title=t("world.value"), format=".0%"),
            ],
        )
    )
    tooltip = [
        alt.Tooltip("label:N", title=t("chart.question")),
        alt.Tooltip("shown:N", title=t("world.value")),
        alt.Tooltip("others:Q", title=t("country.others"), format=".0%"),
        alt.Tooltip("facts:N", title=t("world.facts")),
    ]
    base = alt.Chart(mine)
    mean = base.mark_point(shape="cross", size=110, filled=True, opacity=1, color=palette.text).encode(
        y=y, x=alt.X("others:Q", title=title, scale=scale, axis=axis), tooltip=tooltip
    )
    spans = base.mark_rule(strokeWidth=3, color=palette.part(0)).encode(
        y=y, x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2=alt.X2("high:Q")
    )
    points = base.mark_circle(size=170, opacity=1, color=palette.part(0)).encode(y=y, x=x, tooltip=tooltip)
    return layered(palette, ticks, mean, spans, points, height=_height(rows))


def groups_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per question: two groups of a country, joined by a line.

    ``frame`` has columns ``label``, ``first``, ``second`` (0..1), ``gap_shown``; ``first_name`` and ``second_name`` are
    the groups in words.
    """
    frame = frame.assign(row=frame["label"].map(wrapped))
    rows = list(dict.fromkeys(frame["row"]))
    sides = ["first", "second"]
    long = frame.melt(["row", "label", "gap_shown", "first_name", "second_name"], sides, "side", "value")
    long["group"] = long["first_name"].where(long["side"] == "first", long["second_name"])
    names = [frame[f"{side}_name"].iloc[0] for side in sides]
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(format=".0%", tickCount=5)
    title = axis_title(t("country.axis"))
    spans = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=3, opacity=0.4, color=palette.human)
        .encode(y=y, x=alt.X("first:Q", title=title, scale=scale, axis=axis), x2=alt.X2("second:Q"))
    )
    legend = alt.Legend(title=None, orient="top")
    points = (
        alt.Chart(long)
        .mark_point(size=130, filled=True, opacity=1)
        .encode(
            y=y,
            x=alt.X("value:Q", title=title, scale=scale, axis=axis),
            color=alt.Color(
                "group:N", scale=alt.Scale(domain=names, range=[palette.part(0), palette.text]), legend=legend
            ),
            shape=alt.Shape("group:N", scale=alt.Scale(domain=names, range=["circle", "square"]), legend=legend),
            tooltip=[
                alt.Tooltip("label:N", title=t("chart.question")),
                alt.Tooltip("group:N", title=t("country.group")),
                alt.Tooltip("value:Q", title=t("world.value"), format=".0%"),
                alt.Tooltip("gap_shown:N", title=t("country.gap")),
            ],
        )
    )
    return layered(palette, spans, points, height=_height(rows))


def nearness_chart(frame: pd.DataFrame, palette: Palette, t: Texts, dense: bool = False) -> alt.LayerChart:
    """One row per model or baseline: its distance to people of a country with the 95 % interval; left is nearer.

    ``frame`` has columns ``label``, ``group``, ``group_name`` (as in :func:`core.charts.china_west.look`),
    ``distance``, ``low``, ``high`` (0..1) and ``ranks`` (in words). A ``dense`` chart has closer rows of one line, so
    that it fits on a screen together with its text.
    """
    frame = frame.assign(row=frame["label"] if dense else frame["label"].map(wrapped))
    rows = list(dict.fromkeys(frame["row"]))
    colour, shape = look(frame, palette)
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    title, axis = axis_title(t("country.distance_axis")), alt.Axis(format=".2f", tickCount=5, labelOverlap=True)
    base = alt.Chart(frame)
    scale = alt.Scale(zero=True)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(
        y=y, x=alt.X("low:Q", title=title, axis=axis, scale=scale), x2=alt.X2("high:Q"), color=colour
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        x=alt.X("distance:Q", title=title, axis=axis, scale=scale),
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("label:N", title=t("chart.model")),
            alt.Tooltip("group_name:N", title=t("chart.origin")),
            alt.Tooltip("distance:Q", title=t("chart.distance"), format=".3f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format=".3f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format=".3f"),
            alt.Tooltip("ranks:N", title=t("country.rank")),
        ],
    )
    return layered(palette, spans, points, height=alt.Step(DENSE) if dense else _height(rows))
