"""Chart of one instrument: a tick per model, the origins with their intervals, people and the middle of the scale."""

from __future__ import annotations

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, names_legend, wrapped
from core.i18n import Texts
from core.types import Origin

ORIGINS = ("China/China", "West/West", "China/West", "West/China", "West/Singapore", "unknown/unknown")
PUBLICS = ("China", "USA", "world")
_PUBLIC_GROUPS = {"China": "people_CHN", "USA": "people_USA", "world": "world"}


def instrument_chart(
    groups: pd.DataFrame,
    people: pd.DataFrame,
    models: pd.DataFrame,
    palette: Palette,
    t: Texts,
    axis: str,
    span: tuple[float, float],
    middle: float | None,
) -> alt.LayerChart:
    """One row per item. Origins are coloured marks with 95 % intervals, people are marks with shapes of their own.

    ``groups`` has columns ``label``, ``pair`` (of :data:`ORIGINS`), ``name``, ``mean``, ``low``, ``high``, ``models``,
    ``developers``; ``people`` has ``label``, ``place`` (of :data:`PUBLICS`), ``name``, ``value``; ``models`` has
    ``label``, ``model``, ``name``, ``value``. ``span`` is the range of the scale, ``middle`` its middle or
    ``None``.
    """
    groups, people, models = (part.assign(label=part["label"].map(wrapped)) for part in (groups, people, models))
    order = list(dict.fromkeys(groups["label"]))
    pairs = [pair for pair in ORIGINS if pair in set(groups["pair"])]
    places = [place for place in PUBLICS if place in set(people["place"])]
    named = dict(zip(groups["pair"], groups["name"], strict=True)) | dict(
        zip(people["place"], people["name"], strict=True)
    )
    sides = [Origin(base=base, tuner=tuner).side for base, tuner in (pair.split("/") for pair in pairs)]
    looks = palette.looks([*sides, *(_PUBLIC_GROUPS[place] for place in places)])
    domain = [named[key] for key in (*pairs, *places)]
    legend = names_legend()
    colour = alt.Color(
        "name:N",
        scale=alt.Scale(domain=domain, range=[look.colour for look in looks]),
        legend=legend,
    )
    shape = alt.Shape("name:N", scale=alt.Scale(domain=domain, range=[look.shape for look in looks]), legend=legend)
    # Intervals by developer may go beyond the scale; a mean cannot.
    scale, ticks = alt.Scale(domain=list(span), clamp=True), alt.Axis(tickCount=6)
    title = axis_title(axis)
    y = alt.Y("label:N", sort=order, title=None, axis=label_axis())
    offset = alt.YOffset("name:N", sort=domain, scale=alt.Scale(domain=domain))
    layers = []
    if middle is not None:
        rule = alt.Chart(alt.InlineData(values=[{"middle": middle}])).mark_rule(
            color=palette.rule, strokeWidth=1.5, strokeDash=[4, 4]
        )
        layers.append(rule.encode(x=alt.X("middle:Q", scale=scale, title=title, axis=ticks)))
    layers.append(
        alt.Chart(models)
        .mark_tick(thickness=1.5, height=6, opacity=0.4)
        .encode(
            y=y,
            yOffset=offset,
            x=alt.X("value:Q", scale=scale, title=title, axis=ticks),
            color=colour,
            tooltip=[
                alt.Tooltip("model:N", title=t("chart.model")),
                alt.Tooltip("name:N", title=t("chart.origin")),
                alt.Tooltip("value:Q", title=t("chart.value"), format=".2f"),
            ],
        )
    )
    layers.append(
        alt.Chart(groups)
        .mark_rule(strokeWidth=2.5, opacity=0.55)
        .encode(
            y=y,
            yOffset=offset,
            x=alt.X("low:Q", scale=scale, title=title, axis=ticks),
            x2=alt.X2("high:Q"),
            color=colour,
        )
    )
    layers.append(
        alt.Chart(groups)
        .mark_point(size=90, filled=True, opacity=1)
        .encode(
            y=y,
            yOffset=offset,
            x=alt.X("mean:Q", scale=scale, title=title, axis=ticks),
            color=colour,
            shape=shape,
            tooltip=[
                alt.Tooltip("name:N", title=t("chart.origin")),
                alt.Tooltip("mean:Q", title=t("chart.value"), format=".2f"),
                alt.Tooltip("low:Q", title=t("chart.low"), format=".2f"),
                alt.Tooltip("high:Q", title=t("chart.high"), format=".2f"),
                alt.Tooltip("models:Q", title=t("china_west.models")),
                alt.Tooltip("developers:Q", title=t("china_west.developers")),
            ],
        )
    )
    if len(people):
        layers.append(
            alt.Chart(people)
            .mark_point(size=90, filled=True, opacity=1)
            .encode(
                y=y,
                yOffset=offset,
                x=alt.X("value:Q", scale=scale, title=title, axis=ticks),
                color=colour,
                shape=shape,
                tooltip=[
                    alt.Tooltip("name:N", title=t("chart.answered_by")),
                    alt.Tooltip("value:Q", title=t("chart.value"), format=".2f"),
                ],
            )
        )
    return layered(palette, *layers, height=alt.Step(14))
