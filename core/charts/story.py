"""Charts of the story: the answers of two publics to one question, and what moves the answers of models."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, wrapped
from core.i18n import Texts

LARGE = 14
"""Size of letters that can be read from the other end of a room."""


def publics_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """The distribution of the people of two countries over a scale from 1 to 10.

    ``frame`` has columns ``public`` (in the order China, USA), ``code`` (1..10) and ``share`` (0..1).
    """
    names = list(dict.fromkeys(frame["public"]))
    legend = alt.Legend(title=None, orient="top", labelFontSize=LARGE, symbolSize=160)
    looks = palette.looks(["people_CHN", "people_USA"])
    base = alt.Chart(frame).encode(
        x=alt.X(
            "code:O",
            title=axis_title(t("chart.justifiable")),
            axis=alt.Axis(labelAngle=0, labelFontSize=LARGE),
        ),
        y=alt.Y("share:Q", title=t("story.people_axis"), axis=alt.Axis(format=".0%", tickCount=4, labelFontSize=LARGE)),
        color=alt.Color(
            "public:N", scale=alt.Scale(domain=names, range=[look.colour for look in looks]), legend=legend
        ),
    )
    lines = base.mark_line(strokeWidth=2.5, opacity=0.6)
    points = base.mark_point(size=150, filled=True, opacity=1).encode(
        shape=alt.Shape("public:N", scale=alt.Scale(domain=names, range=[look.shape for look in looks]), legend=legend),
        tooltip=[
            alt.Tooltip("public:N", title=t("chart.answered_by")),
            alt.Tooltip("code:O", title=t("chart.option")),
            alt.Tooltip("share:Q", title=t("chart.share"), format=".1%"),
        ],
    )
    return layered(palette, lines, points, height=340)


def moved_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One bar per model: what moves its answers, in three parts: the question, how it was asked, and both together.

    ``frame`` has columns ``name``, ``part`` (in words, in order), ``place`` (0, 1, 2 in that order) and ``share``
    (0..1).
    """
    frame = frame.assign(row=frame["name"].map(wrapped))
    rows, parts = (list(dict.fromkeys(frame[name])) for name in ("row", "part"))
    colours = [palette.part(0), palette.part(1), palette.rule]
    legend = alt.Legend(title=None, orient="top", columns=1, labelFontSize=LARGE, labelLimit=500)
    bars = (
        alt.Chart(frame)
        .mark_bar(stroke=palette.background, strokeWidth=1)
        .encode(
            y=alt.Y("row:N", sort=rows, title=None, axis=label_axis(labelFontSize=LARGE, labelLineHeight=17)),
            x=alt.X(
                "share:Q",
                title=axis_title(t("story.moved_axis")),
                axis=alt.Axis(format=".0%", tickCount=5, labelFontSize=LARGE),
                scale=alt.Scale(domain=[0, 1]),
                stack="zero",
            ),
            color=alt.Color("part:N", scale=alt.Scale(domain=parts, range=colours), legend=legend),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("name:N", title=t("chart.model")),
                alt.Tooltip("part:N", title=t("card.part")),
                alt.Tooltip("share:Q", title=t("card.share"), format=".0%"),
            ],
        )
    )
    return layered(palette, bars, height=alt.Step(58))
