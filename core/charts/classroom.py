"""Charts of a class: what the pupils guessed, beside the answer."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_scales
from core.charts.style import axis_title, label_axis, layered, names_legend, wrapped
from core.i18n import Texts

LARGE = 14
"""Size of letters that can be read from the other end of a room."""
BINS = 20
"""Most bars that the guesses of a number are drawn in."""


def number_chart(
    guesses: Sequence[int], top: int, answers: pd.DataFrame, palette: Palette, t: Texts, axis: str
) -> alt.LayerChart:
    """Guesses of a number from 0 to ``top`` as bars, and the answers as lines across them.

    ``answers`` has columns ``name`` (in words, in order; the first is what was guessed), ``look`` (``people``,
    ``baseline`` or the side of a model), ``value``, ``low`` and ``high`` (0..top; NaN where no interval is known). The
    band is the interval of the first.
    """
    width = max(1, math.ceil(top / BINS))
    # The last bar takes in the end of the scale, so that it is as wide as the others.
    last = max(0, math.ceil(top / width) - 1)
    counts = Counter(min(value // width, last) for value in guesses)
    bars = pd.DataFrame(
        [{"start": n * width, "end": (n + 1) * width, "pupils": counts[n]} for n in sorted(counts)],
        columns=["start", "end", "pupils"],
    )
    scale = alt.Scale(domain=[0, top], nice=False)
    most = max([*counts.values(), 4])
    y = alt.Y(
        "pupils:Q",
        title=t("class.pupils_axis"),
        scale=alt.Scale(domain=[0, most]),
        axis=alt.Axis(format="d", tickMinStep=1, labelFontSize=LARGE),
    )
    x_axis = alt.Axis(labelFontSize=LARGE, tickCount=5)
    drawn = (
        alt.Chart(bars)
        .mark_bar(color=palette.part(0), opacity=0.75, stroke=palette.background)
        .encode(
            x=alt.X("start:Q", title=axis_title(axis), scale=scale, axis=x_axis),
            x2=alt.X2("end:Q"),
            y=y,
            y2=alt.Y2(datum=0),
            tooltip=[alt.Tooltip("start:Q", title=axis), alt.Tooltip("pupils:Q", title=t("class.pupils_axis"))],
        )
    )
    known = answers.head(1).dropna(subset=["low", "high"])
    band = (
        alt.Chart(known)
        .mark_rect(color=palette.human, opacity=0.25)
        .encode(x=alt.X("low:Q", scale=scale), x2=alt.X2("high:Q"))
    )
    scales = series_scales(answers, palette, "name")
    legend = names_legend(labelFontSize=LARGE, symbolType="stroke", symbolSize=300, symbolStrokeWidth=3)
    lines = (
        alt.Chart(answers)
        .mark_rule(strokeWidth=3)
        .encode(
            x=alt.X("value:Q", scale=scale, title=axis_title(axis), axis=x_axis),
            color=alt.Color("name:N", scale=scales.colour, legend=legend),
            strokeDash=alt.StrokeDash("name:N", scale=scales.dash, legend=legend),
            tooltip=[alt.Tooltip("name:N", title=t("learn.series")), alt.Tooltip("value:Q", title=axis, format=".1f")],
        )
    )
    return layered(palette, drawn, band, lines, height=300)


def choice_chart(
    guesses: Sequence[int], options: Sequence[str], right: int, palette: Palette, t: Texts
) -> alt.LayerChart:
    """One bar per option: how many pupils chose it; the option at place ``right`` is the answer and says so."""
    counts = Counter(guesses)
    says = [t("class.is_answer") if place == right else t("class.is_none") for place in range(len(options))]
    frame = pd.DataFrame(
        {
            "row": [wrapped(option) for option in options],
            "option": list(options),
            "pupils": [counts[place] for place in range(len(options))],
            "says": says,
        }
    )
    words = [t("class.is_answer"), t("class.is_none")]
    most = max([*counts.values(), 4])
    y = alt.Y("row:N", sort=list(frame["row"]), title=None, axis=label_axis(labelFontSize=LARGE, labelLineHeight=17))
    x = alt.X(
        "pupils:Q",
        title=t("class.pupils_axis"),
        scale=alt.Scale(domain=[0, most]),
        axis=alt.Axis(format="d", tickMinStep=1, labelFontSize=LARGE),
    )
    bars = (
        alt.Chart(frame)
        .mark_bar(height=alt.RelativeBandSize(0.7), strokeWidth=2)
        .encode(
            y=y,
            x=x,
            fill=alt.Fill(
                "says:N",
                scale=alt.Scale(domain=words, range=[palette.part(0), palette.tint(palette.human)]),
                legend=names_legend(labelFontSize=LARGE),
            ),
            stroke=alt.Stroke(
                "says:N", scale=alt.Scale(domain=words, range=[palette.part(0), palette.human]), legend=None
            ),
            tooltip=[
                alt.Tooltip("option:N", title=t("chart.option")),
                alt.Tooltip("pupils:Q", title=t("class.pupils_axis")),
            ],
        )
    )
    return layered(palette, bars, height=alt.Step(56))
