"""Groups of people by their distance to a model: a heat map, and the gap of each group with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.charts.heat import draw_cells, laid_out
from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, lines, names_legend, wrapped, zero_line
from core.i18n import Texts


def group_heat(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per group, one column per way of asking; darker is further, and each cell shows its distance.

    ``frame`` has columns ``key`` (dimension and group), ``label``, ``told``, ``told_label``, ``shared``,
    ``shared_low``, ``shared_high`` (distance 0..1 on the questions that all columns have), ``questions_shared``. A
    click picks ``key`` and ``told`` through the selection ``cell``.
    """
    return draw_heat(heat_cells(frame), palette, t)


def heat_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """The data of :func:`group_heat`, for :func:`draw_heat`."""
    known = frame.dropna(subset=["shared"])
    shown = known["shared"].map(lambda v: f"{v:.3f}")
    return laid_out(
        known.assign(row=known["label"], column=known["told_label"], value=known["shared"], shown=shown), width=12
    )


def draw_heat(cells: pd.DataFrame, palette: Palette, t: Texts, rows: Sequence[str] | None = None) -> alt.LayerChart:
    """The chart of :func:`heat_cells`. Its form depends on the names of rows and columns alone.

    ``rows`` as in :func:`core.charts.heat.draw_cells`.
    """
    tooltip = [
        alt.Tooltip("label:N", title=t("representation.group")),
        alt.Tooltip("told_label:N", title=t("representation.told")),
        alt.Tooltip("shared:Q", title=t("chart.distance"), format=".3f"),
        alt.Tooltip("shared_low:Q", title=t("chart.low"), format=".3f"),
        alt.Tooltip("shared_high:Q", title=t("chart.high"), format=".3f"),
        alt.Tooltip("questions_shared:Q", title=t("chart.questions")),
    ]
    return draw_cells(cells, palette, ("key", "told"), tooltip, rows)


def gap_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """How much further each group is than the other groups of its dimension, net of an even guess, with intervals.

    ``frame`` has columns ``label``, ``net``, ``net_low``, ``net_high`` (-1..1), ``p_adjusted``, ``verdict`` (words),
    ``flagged``, ``gap_even``, ``gap_whole``. A diamond is a gap that noise and both baselines do not explain, a circle
    one that they may explain. The upright tick is the gap of the whole population's own answer, given to everybody.
    """
    return draw_gaps(gap_rows(frame), palette, t)


def gap_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The data of :func:`gap_chart`, for :func:`draw_gaps`."""
    return frame.assign(row=frame["label"].map(wrapped), whole=frame["gap_whole"] - frame["gap_even"])


def gap_verdicts(frame: pd.DataFrame) -> dict[str, bool]:
    """The verdicts of :func:`gap_rows` and whether each is flagged; those that are not come first."""
    found = dict(zip(frame["verdict"], frame["flagged"].astype(bool), strict=True))
    return dict(sorted(found.items(), key=lambda one: one[1]))


def draw_gaps(frame: pd.DataFrame, palette: Palette, t: Texts, rows: Sequence[str] | None = None) -> alt.LayerChart:
    """The chart of :func:`gap_rows`. Its form depends on the names of rows and on :func:`gap_verdicts` alone.

    ``rows`` as in :func:`core.charts.heat.draw_cells`.
    """
    rows = list(dict.fromkeys(frame["row"]) if rows is None else rows)
    first = gap_verdicts(frame)
    words = list(first)
    colours = [palette.part(1) if first[word] else palette.human for word in words]
    y = alt.Y("row:N", sort=rows, title=None, axis=label_axis())
    x = alt.X("net:Q", title=axis_title(t("representation.gap_axis")), axis=alt.Axis(format="+.3f", tickCount=5))
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=words, range=colours),
        legend=names_legend(),
    )
    shape = alt.Shape(
        "verdict:N",
        scale=alt.Scale(domain=words, range=["diamond" if first[word] else "circle" for word in words]),
        legend=names_legend(),
    )
    base = alt.Chart(frame)
    zero = zero_line(palette)
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.6).encode(
        y=y, x=alt.X("net_low:Q", title=axis_title(t("representation.gap_axis"))), x2=alt.X2("net_high:Q"), color=colour
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        x=x,
        color=colour,
        shape=shape,
        tooltip=[
            alt.Tooltip("label:N", title=t("representation.group")),
            alt.Tooltip("net:Q", title=t("representation.net"), format="+.3f"),
            alt.Tooltip("net_low:Q", title=t("chart.low"), format="+.3f"),
            alt.Tooltip("net_high:Q", title=t("chart.high"), format="+.3f"),
            alt.Tooltip("p_adjusted:Q", title=t("representation.p"), format=".3f"),
        ],
    )
    even = base.mark_tick(thickness=2, height=14, color=palette.text, opacity=0.7).encode(
        y=y,
        x=alt.X("whole:Q"),
        tooltip=[
            alt.Tooltip("label:N", title=t("representation.group")),
            alt.Tooltip("whole:Q", title=t("representation.gap_whole"), format="+.3f"),
        ],
    )
    return layered(palette, zero, spans, even, points, height=alt.Step(max(26, 15 * lines(rows) + 6)))
