"""Charts of models and countries: a matrix of skill, and skill by traits of a model."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.china_west import look
from core.charts.heat import draw_cells, laid_out
from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, row_step, wrapped, zero_line
from core.i18n import DEFAULT, Texts
from core.i18n.locale import number

FULL_SKILL = (0.0, 1.0)
"""Skills of the lightest and the darkest cell: no better than the baseline, and a perfect match."""


def skill_matrix(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per country, one column per model; each cell shows its value, the number of questions, and whether it
    beats the baseline.

    ``frame`` has columns ``model_id``, ``model``, ``country``, ``place``, ``value``, ``low``, ``high``, ``questions``,
    ``better`` (the interval is above the baseline). A click picks ``model_id`` and ``country`` through ``cell``.
    """
    return draw_matrix(matrix_cells(frame), palette, t)


def matrix_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The data of :func:`skill_matrix`, for :func:`draw_matrix`."""
    shown = frame["value"].map(lambda v: number(v, DEFAULT, 2, signed=True)) + frame["better"].map(
        {True: " ▲", False: ""}
    )
    shown += frame["questions"].map(lambda n: f" ({n})")
    return laid_out(frame.assign(row=frame["place"], column=frame["model"], shown=shown), reach=FULL_SKILL)


def draw_matrix(cells: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """The chart of :func:`matrix_cells`. Its form depends on the names of rows and columns alone."""
    tooltip = [
        alt.Tooltip("model:N", title=t("chart.model")),
        alt.Tooltip("place:N", title=t("alignment.country")),
        alt.Tooltip("value:Q", title=t("alignment.value"), format="+.3f"),
        alt.Tooltip("low:Q", title=t("chart.low"), format="+.3f"),
        alt.Tooltip("high:Q", title=t("chart.high"), format="+.3f"),
        alt.Tooltip("questions:Q", title=t("chart.questions")),
    ]
    return draw_cells(cells, palette, ("model_id", "country"), tooltip)


def skill_intervals(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str, group: str = "all") -> alt.LayerChart:
    """One row per name: its skill with the 95 % interval, a line at 0 (the baseline), the noise floor as a band.

    ``frame`` has columns ``name``, ``value``, ``low``, ``high``, ``questions`` and, where known, ``floor_low`` and
    ``floor_high`` (the scores of draws from people themselves). ``group`` is the side of the model of all rows; rows of
    several models are ``all``.
    """
    return draw_intervals(interval_rows(frame), palette, t, axis, group)


def interval_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The data of :func:`skill_intervals`, for :func:`draw_intervals`."""
    return frame.assign(row=frame["name"].map(wrapped))


def draw_intervals(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str, group: str = "all") -> alt.LayerChart:
    """The chart of :func:`interval_rows`.

    Where all floors are known, its form depends on the names of rows, ``axis`` and ``group`` alone.
    """
    (mine,) = palette.looks([group])
    rows = list(dict.fromkeys(frame["row"]))
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    title = axis_title(axis)
    zero = zero_line(palette)
    known = frame if frame["floor_low"].notna().all() else frame.dropna(subset=["floor_low"])
    band = (
        alt.Chart(known)
        .mark_bar(height=14, opacity=0.3, color=palette.human)
        .encode(y=y, x=alt.X("floor_low:Q", title=title), x2=alt.X2("floor_high:Q"))
    )
    spans = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2.5, opacity=0.6, color=mine.colour)
        .encode(y=y, x=alt.X("low:Q", title=title), x2=alt.X2("high:Q"))
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=110, filled=True, opacity=1, color=mine.colour, shape=mine.shape)
        .encode(
            y=y,
            x=alt.X("value:Q", title=title, axis=alt.Axis(format="+.2f", tickCount=5)),
            tooltip=[
                alt.Tooltip("name:N", title=t("alignment.row")),
                alt.Tooltip("value:Q", title=t("alignment.value"), format="+.3f"),
                alt.Tooltip("low:Q", title=t("chart.low"), format="+.3f"),
                alt.Tooltip("high:Q", title=t("chart.high"), format="+.3f"),
                alt.Tooltip("questions:Q", title=t("chart.questions")),
            ],
        )
    )
    # A screen reader announces a layer without marks as a picture without a name.
    bands = [band] if len(known) else []
    return layered(palette, *bands, zero, spans, points, height=row_step(rows, 28))


def size_scatter(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str) -> alt.LayerChart:
    """Skill against size: one point per model with its 95 % interval; no line, because there are too few points.

    ``frame`` has columns ``name``, ``group`` and ``group_name`` (the side of the model), ``trait`` (billion
    parameters), ``value``, ``low``, ``high``, ``floor_low``, ``floor_high`` (one noise floor for all) and
    ``questions``.
    """
    reach = [frame["trait"].min() / 1.5, frame["trait"].max() * 1.5]
    x = alt.X(
        "trait:Q",
        title=axis_title(t("alignment.size_axis")),
        scale=alt.Scale(type="log", domain=reach, nice=False),
        axis=alt.Axis(tickCount=4, format="~g"),
    )
    title = axis_title(axis)
    base = alt.Chart(frame)
    floor = (
        alt.Chart(frame.iloc[:1])
        .mark_rect(opacity=0.3, color=palette.human)
        .encode(y=alt.Y("floor_low:Q", title=title), y2=alt.Y2("floor_high:Q"))
    )
    zero = zero_line(palette, "y")
    colour, shape = look(frame, palette)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.6).encode(
        x=x, y=alt.Y("low:Q", title=title), y2=alt.Y2("high:Q"), color=colour
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        x=x,
        color=colour,
        shape=shape,
        y=alt.Y("value:Q", title=title, axis=alt.Axis(format="+.2f", tickCount=5)),
        tooltip=[
            alt.Tooltip("name:N", title=t("chart.model")),
            alt.Tooltip("trait:Q", title=t("alignment.size_axis")),
            alt.Tooltip("value:Q", title=t("alignment.value"), format="+.3f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format="+.3f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format="+.3f"),
            alt.Tooltip("questions:Q", title=t("chart.questions")),
        ],
    )
    names = base.mark_text(align="left", dx=10, dy=-10, fontSize=13, color=palette.text).encode(
        x=x, y=alt.Y("value:Q"), text=alt.Text("name:N")
    )
    return layered(palette, floor, zero, spans, points, names, height=260)
