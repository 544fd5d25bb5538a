"""Published models between two publics: over all questions, and question by question."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, config, label_axis, wrapped
from core.i18n import Texts

SHAPES = ["circle", "diamond", "cross"]


def lean_chart(frame: pd.DataFrame, origins: list[str], palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per model: how much nearer it is to one public than to the other, with its 95 % interval.

    ``origins`` names model origins and then the baselines, in the order of the legend.

    ``frame`` has columns ``model``, ``origin_name``, ``lean``, ``lean_low``, ``lean_high`` (scale points; positive is
    nearer to the USA) and ``n_items``; baselines are rows of an origin of their own. Rows without figures are kept.
    """
    frame = frame.assign(label=frame["model"].map(wrapped))
    order = list(frame["label"])
    reach = float(max(frame["lean_high"].abs().max(), frame["lean_low"].abs().max())) * 1.08
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis())
    scale = alt.Scale(domain=[-reach, reach])
    axis = alt.Axis(format="+.1f", tickCount=5)
    colour = alt.Color(
        "origin_name:N",
        scale=alt.Scale(domain=origins, range=[palette.model(1), palette.model(0), palette.human]),
        legend=alt.Legend(title=None, orient="top", columns=1),
    )
    base = alt.Chart(frame.dropna(subset=["lean"]))
    tooltip = [
        alt.Tooltip("model:N", title=t("chart.model")),
        alt.Tooltip("origin_name:N", title=t("chart.origin")),
        alt.Tooltip("lean:Q", title=t("chart.lean"), format="+.2f"),
        alt.Tooltip("lean_low:Q", title=t("chart.low"), format="+.2f"),
        alt.Tooltip("lean_high:Q", title=t("chart.high"), format="+.2f"),
        alt.Tooltip("n_items:Q", title=t("chart.questions")),
    ]
    zero = alt.Chart(pd.DataFrame({"x": [0]})).mark_rule(color=palette.rule, strokeWidth=1.5).encode(x="x:Q")
    spans = base.mark_rule(strokeWidth=2.5, opacity=0.55).encode(
        y=y,
        x=alt.X("lean_low:Q", scale=scale, title=axis_title(t("chart.lean")), axis=axis),
        x2="lean_high:Q",
        color=colour,
    )
    points = base.mark_point(size=110, filled=True, opacity=1).encode(
        y=y,
        x=alt.X("lean:Q", scale=scale, title=axis_title(t("chart.lean")), axis=axis),
        color=colour,
        shape=alt.Shape("origin_name:N", scale=alt.Scale(domain=origins, range=SHAPES), legend=alt.Legend(title=None)),
        tooltip=tooltip,
    )
    silent = (
        alt.Chart(frame[frame["lean"].isna()])
        .mark_text(align="center", fontStyle="italic", color=palette.human)
        .encode(y=y, x=alt.datum(0, scale=scale), text=alt.value(t("chart.not_asked")))
    )
    return (
        alt.layer(zero, spans, points, silent)
        .properties(width="container", height=alt.Step(29))
        .configure(**config(palette))
    )


def item_chart(publics: pd.DataFrame, answers: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """One row per question: the two publics' mean answers, and every model's as a small tick.

    ``publics`` has columns ``item_id``, ``question``, ``public``, ``mean`` (1..10), ``n``; ``answers`` has
    ``item_id``, ``question``, ``model``, ``mean``. Rows stand in order of appearance in ``publics``.
    A click picks ``item_id`` through the selection ``item``.
    """
    publics, answers = (part.assign(label=part["question"].map(wrapped)) for part in (publics, answers))
    order = list(publics["label"].drop_duplicates())
    names = list(publics["public"].drop_duplicates())
    picked = alt.selection_point(name="item", fields=["item_id"], on="click", clear="dblclick")
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis(labelFontSize=12, labelLineHeight=13))
    x = alt.X(
        "mean:Q", title=axis_title(t("chart.justifiable")), scale=alt.Scale(domain=[1, 10]), axis=alt.Axis(tickCount=10)
    )
    ticks = (
        alt.Chart(answers.dropna(subset=["mean"]))
        .mark_tick(thickness=2, height=12, opacity=0.45, color=palette.human)
        .encode(
            y=y,
            x=x,
            tooltip=[
                alt.Tooltip("model:N", title=t("chart.model")),
                alt.Tooltip("question:N", title=t("chart.question")),
                alt.Tooltip("mean:Q", title=t("chart.mean"), format=".2f"),
            ],
        )
    )
    points = (
        alt.Chart(publics)
        .mark_point(size=130, filled=True, opacity=1, cursor="pointer")
        .encode(
            y=y,
            x=x,
            color=alt.Color(
                "public:N",
                scale=alt.Scale(domain=names, range=[palette.model(1), palette.model(0)]),
                legend=alt.Legend(title=None, orient="top", columns=1),
            ),
            shape=alt.Shape(
                "public:N",
                scale=alt.Scale(domain=names, range=["square", "triangle-up"]),
                legend=alt.Legend(title=None),
            ),
            tooltip=[
                alt.Tooltip("public:N", title=t("chart.public")),
                alt.Tooltip("question:N", title=t("chart.question")),
                alt.Tooltip("mean:Q", title=t("chart.mean"), format=".2f"),
                alt.Tooltip("n:Q", title="n"),
            ],
        )
        .add_params(picked)
    )
    return alt.layer(ticks, points).properties(width="container", height=alt.Step(29)).configure(**config(palette))
