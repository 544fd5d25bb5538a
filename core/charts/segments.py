"""Published scores of models and baselines as points, one row each."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, names_legend
from core.i18n import Texts

GROUPS = ("China/China", "West/West", "baseline")
_SIDES = {"China/China": "China", "West/West": "West", "baseline": "baseline"}


def segment_chart(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per model and baseline, in the order of ``frame``; a line marks the whole population's own answer.

    ``frame`` has columns ``label``, ``group`` (of :data:`GROUPS`), ``group_name``, ``value`` (0..1), ``developer`` and
    ``whole`` (0..1, the same in each row). The source gives no intervals, so none are drawn.
    """
    groups = [group for group in GROUPS if group in set(frame["group"])]
    named = dict(zip(frame["group"], frame["group_name"], strict=True))
    domain = [named[group] for group in groups]
    looks = palette.looks([_SIDES[group] for group in groups])
    base = alt.Chart(frame)
    y = alt.Y("label:N", sort=list(frame["label"]), title=None, axis=label_axis())
    x = alt.X(
        "value:Q",
        title=axis_title(t("representation.segments_axis")),
        scale=alt.Scale(zero=False, padding=8),
        axis=alt.Axis(format=".2f", tickCount=5),
    )
    rule = base.mark_rule(color=palette.human, strokeDash=[4, 4], strokeWidth=1.5).encode(x=alt.X("mean(whole):Q"))
    points = base.mark_point(size=90, filled=True, opacity=1).encode(
        y=y,
        x=x,
        color=alt.Color(
            "group_name:N",
            scale=alt.Scale(domain=domain, range=[look.colour for look in looks]),
            legend=names_legend(),
        ),
        shape=alt.Shape(
            "group_name:N", scale=alt.Scale(domain=domain, range=[look.shape for look in looks]), legend=names_legend()
        ),
        tooltip=[
            alt.Tooltip("label:N", title=t("chart.model")),
            alt.Tooltip("developer:N", title=t("models.developer")),
            alt.Tooltip("value:Q", title=t("representation.segments_axis"), format=".3f"),
        ],
    )
    return layered(palette, rule, points, height=alt.Step(20))
