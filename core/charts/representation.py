"""Groups of people by their distance to a model: a heat map, and the gap of each group with its interval."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.heat import heat_map
from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, lines, wrapped, zero_line
from core.i18n import Texts


def group_heat(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row a group, one column a way of asking; darker is further, and each cell says its distance.

    ``frame`` has columns ``key`` (dimension and group), ``label``, ``told``, ``told_label``, ``distance``,
    ``distance_low``, ``distance_high`` (0..1), ``questions``. A click picks ``key`` and ``told`` through the selection
    ``cell``.
    """
    tooltip = [
        alt.Tooltip("label:N", title=t("representation.group")),
        alt.Tooltip("told_label:N", title=t("representation.told")),
        alt.Tooltip("distance:Q", title=t("chart.distance"), format=".3f"),
        alt.Tooltip("distance_low:Q", title=t("chart.low"), format=".3f"),
        alt.Tooltip("distance_high:Q", title=t("chart.high"), format=".3f"),
        alt.Tooltip("questions:Q", title=t("chart.questions")),
    ]
    shown = frame["distance"].map(lambda v: f"{v:.3f}")
    cells = frame.assign(row=frame["label"], column=frame["told_label"], value=frame["distance"], shown=shown)
    return heat_map(cells, palette, ("key", "told"), tooltip, width=12)


def gap_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """How much further each group stands than the other groups of its dimension, with the 95 % interval.

    ``frame`` has columns ``label``, ``gap``, ``gap_low``, ``gap_high`` (-1..1), ``p_adjusted``, ``verdict`` (words),
    ``flagged``, ``gap_even``. A diamond is a gap that noise does not explain, a circle one that it may; the upright
    tick is where an even guess over the options would stand.
    """
    frame = frame.assign(row=frame["label"].map(wrapped))
    rows = list(dict.fromkeys(frame["row"]))
    words = list(dict.fromkeys(frame.sort_values("flagged")["verdict"]))
    first = frame.drop_duplicates("verdict").set_index("verdict")["flagged"]
    colours = [palette.model(1) if first[word] else palette.human for word in words]
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    x = alt.X("gap:Q", title=axis_title(t("representation.gap_axis")), axis=alt.Axis(format="+.2f", tickCount=5))
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=words, range=colours),
        legend=alt.Legend(title=None, orient="top", columns=1),
    )
    shape = alt.Shape(
        "verdict:N",
        scale=alt.Scale(domain=words, range=["diamond" if first[word] else "circle" for word in words]),
        legend=alt.Legend(title=None, orient="top", columns=1),
    )
    base = alt.Chart(frame)
    zero = zero_line(palette)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.6).encode(
        y=y, x=alt.X("gap_low:Q", title=axis_title(t("representation.gap_axis"))), x2=alt.X2("gap_high:Q"), color=colour
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        x=x,
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("label:N", title=t("representation.group")),
            alt.Tooltip("gap:Q", title=t("representation.gap"), format="+.3f"),
            alt.Tooltip("gap_low:Q", title=t("chart.low"), format="+.3f"),
            alt.Tooltip("gap_high:Q", title=t("chart.high"), format="+.3f"),
            alt.Tooltip("p_adjusted:Q", title=t("representation.p"), format=".3f"),
        ],
    )
    even = base.mark_tick(thickness=2, height=14, color=palette.text, opacity=0.7).encode(
        y=y,
        x=alt.X("gap_even:Q"),
        tooltip=[
            alt.Tooltip("label:N", title=t("representation.group")),
            alt.Tooltip("gap_even:Q", title=t("representation.gap_even"), format="+.3f"),
        ],
    )
    return layered(palette, zero, spans, even, points, height=alt.Step(max(26, 15 * lines(rows) + 6)))
