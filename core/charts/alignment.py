"""Models against countries: a matrix of skill, and skill by what is known of a model."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, config, label_axis, lines, wrapped
from core.i18n import Texts


def skill_matrix(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row a country, one column a model; each cell says its value and is outlined where it beats the baseline.

    ``frame`` has columns ``model_id``, ``model``, ``country``, ``place``, ``value``, ``low``, ``high``, ``questions``,
    ``better`` (the interval lies above the baseline). A click picks ``model_id`` and ``country`` through ``cell``.
    """
    frame = frame.assign(
        row=frame["place"].map(wrapped),
        column=frame["model"].map(lambda name: wrapped(name, 14)),
        shown=frame["value"].map(lambda v: f"{v:+.2f}") + frame["better"].map({True: " ▲", False: ""}),
    )
    rows, columns = (list(dict.fromkeys(frame[name])) for name in ("row", "column"))
    picked = alt.selection_point(name="cell", fields=["model_id", "country"], on="click", clear="dblclick")
    base = alt.Chart(frame).encode(
        y=alt.Y("row:N", sort=rows, title=None, axis=label_axis()),
        x=alt.X(
            "column:N",
            sort=columns,
            title=None,
            axis=label_axis(orient="top", labelAngle=0, labelPadding=6 + 15 * (lines(columns) - 1)),
        ),
    )
    reach = [float(frame["value"].min()), float(frame["value"].max()) + 1e-9]
    cells = base.mark_rect(color=palette.model(0), cursor="pointer", stroke=palette.rule).encode(
        fillOpacity=alt.FillOpacity("value:Q", scale=alt.Scale(domain=reach, range=[0.05, 0.5]), legend=None),
        strokeWidth=alt.condition(picked, alt.value(1), alt.value(0.3)),
        tooltip=[
            alt.Tooltip("model:N", title=t("chart.model")),
            alt.Tooltip("place:N", title=t("alignment.country")),
            alt.Tooltip("value:Q", title=t("alignment.value"), format="+.3f"),
            alt.Tooltip("low:Q", title=t("chart.low"), format="+.3f"),
            alt.Tooltip("high:Q", title=t("chart.high"), format="+.3f"),
            alt.Tooltip("questions:Q", title=t("chart.questions")),
        ],
    )
    figures = base.mark_text(color=palette.text, fontSize=13).encode(text="shown:N")
    return (
        alt.layer(cells.add_params(picked), figures)
        .properties(width="container", height=alt.Step(max(30, 15 * lines(rows) + 10)))
        .configure(**config(palette))
    )


def skill_intervals(frame: pd.DataFrame, palette: Palette, t: Texts, axis: str) -> alt.LayerChart:
    """One row a name: its skill with the 95 % interval, a line at 0 (the baseline), the noise floor as a band.

    ``frame`` has columns ``name``, ``value``, ``low``, ``high``, ``questions`` and, where known, ``floor_low`` and
    ``floor_high`` (what draws from people themselves would score).
    """
    frame = frame.assign(row=frame["name"].map(wrapped))
    rows = list(dict.fromkeys(frame["row"]))
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    title = axis_title(axis)
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=palette.rule, strokeWidth=1.5).encode(x="x:Q")
    known = frame.dropna(subset=["floor_low"])
    band = (
        alt.Chart(known)
        .mark_bar(height=14, opacity=0.3, color=palette.human)
        .encode(y=y, x=alt.X("floor_low:Q", title=title), x2="floor_high:Q")
    )
    spans = (
        alt.Chart(frame)
        .mark_rule(strokeWidth=2.5, opacity=0.6, color=palette.model(0))
        .encode(y=y, x=alt.X("low:Q", title=title), x2="high:Q")
    )
    points = (
        alt.Chart(frame)
        .mark_point(size=110, filled=True, opacity=1, color=palette.model(0))
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
    return (
        # A layer without marks is a picture without a name to a screen reader.
        alt.layer(*([band] if len(known) else []), zero, spans, points)
        .properties(width="container", height=alt.Step(max(28, 15 * lines(rows) + 8)))
        .configure(**config(palette))
    )
