"""How far each answer is from real people, beside an even guess and the mean of other countries."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import LINE, axis_title, label_axis, layered, lines, names_legend, wrapped
from core.i18n import Texts


def distance_strip(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per answer: its distance, both baselines and the noise floor, on one axis from 0 (same as people).

    ``frame`` has columns ``series`` (its lines are kept), ``look`` (the side of the model), ``distance``, ``uniform``,
    ``others`` (NaN where unknown), ``floor_low``, ``floor_high``; distances 0..1.
    """
    split = frame["series"].map(lambda name: LINE.join(wrapped(line) for line in name.split(LINE)))
    frame = frame.assign(series=split)
    rows = list(dict.fromkeys(frame["series"]))
    marks = {"answer": t("chart.answer"), "uniform": t("chart.uniform"), "others": t("chart.others")}
    long = frame.melt(
        id_vars=["series", "look"],
        value_vars=["distance", "uniform", "others"],
        var_name="mark",
        value_name="value",
    ).dropna(subset=["value"])
    long["mark"] = long["mark"].replace({"distance": "answer"}).map(marks)
    domain = list(marks.values())
    plain = {marks["uniform"]: palette.rule, marks["others"]: palette.human}
    long["ink"] = [plain.get(mark) or palette.hue(look) for mark, look in zip(long["mark"], long["look"], strict=True)]
    y = alt.Y(
        "series:N",
        sort=rows,
        title=None,
        axis=label_axis(),
    )
    x = alt.X(
        "value:Q", title=axis_title(t("chart.distance")), scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=5)
    )
    band = (
        alt.Chart(frame.dropna(subset=["floor_high"]))
        .mark_bar(height=16, opacity=0.28, color=palette.human)
        .encode(
            y=y,
            x=alt.X("floor_low:Q", title=axis_title(t("chart.distance"))),
            x2=alt.X2("floor_high:Q"),
            tooltip=[
                alt.Tooltip("floor_low:Q", title=t("chart.floor_low"), format=".3f"),
                alt.Tooltip("floor_high:Q", title=t("chart.floor_high"), format=".3f"),
            ],
        )
    )
    points = (
        alt.Chart(long)
        .mark_point(size=110, filled=True, opacity=1)
        .encode(
            y=y,
            x=x,
            shape=alt.Shape(
                "mark:N",
                scale=alt.Scale(domain=domain, range=["circle", "cross", "triangle-up"]),
                legend=names_legend(symbolFillColor=palette.text, symbolStrokeColor=palette.text),
            ),
            color=alt.Color("ink:N", scale=None, legend=None),
            tooltip=[
                alt.Tooltip("series:N", title=t("chart.answered_by")),
                alt.Tooltip("mark:N", title=t("chart.mark")),
                alt.Tooltip("value:Q", title=t("chart.distance"), format=".3f"),
            ],
        )
    )
    return layered(palette, band, points, height=alt.Step(15 * lines(rows) + 16))
