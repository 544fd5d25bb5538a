"""How far each question moved between two runs, beside the expected movement by chance alone."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.series import series_scales
from core.charts.style import axis_title, label_axis, layered, lines, names_legend, wrapped
from core.i18n import Texts

ROW = 26
"""Height of one question in pixels."""


def change_bars(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One bar per question and model, longest first, with a tick at the movement by sampling noise alone.

    ``frame`` has columns ``question``, ``series`` (model), ``look`` (its side), ``total_variation``, ``noise`` (both
    0..1) and ``answers``.
    """
    frame = frame.assign(question=frame["question"].map(wrapped))
    questions = list(dict.fromkeys(frame["question"]))
    scales = series_scales(frame, palette)
    series = scales.names
    height = max(90, len(questions) * max(ROW * len(series), 17 * lines(questions)))
    base = alt.Chart(frame, height=height).encode(
        y=alt.Y("question:N", sort=questions, title=None, axis=label_axis()),
        yOffset=alt.YOffset("series:N", sort=series),
        tooltip=[
            alt.Tooltip("question:N", title=t("compare_runs.question")),
            alt.Tooltip("series:N", title=t("compare_runs.model")),
            alt.Tooltip("total_variation:Q", title=t("compare_runs.moved"), format=".1%"),
            alt.Tooltip("noise:Q", title=t("compare_runs.noise"), format=".1%"),
            alt.Tooltip("answers:Q", title=t("compare_runs.answers")),
        ],
    )
    bars = base.mark_bar().encode(
        x=alt.X(
            "total_variation:Q",
            title=axis_title(t("compare_runs.axis")),
            axis=alt.Axis(format=".1~%", tickCount=5),
            scale=alt.Scale(domainMin=0),
        ),
        color=alt.Color(
            "series:N",
            scale=scales.colour,
            legend=names_legend() if len(series) > 1 else None,
        ),
    )
    ticks = base.mark_tick(color=palette.text, thickness=3, size=ROW * 0.7).encode(x=alt.X("noise:Q"))
    layers = [bars, ticks] if (frame["noise"] > 0).any() else [bars]
    return layered(palette, *layers)
