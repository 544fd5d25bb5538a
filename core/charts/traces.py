"""Charts of reasoning traces: how weight flows from functions to options, effects of interventions, gains."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import axis_title, label_axis, layered, wrapped
from core.i18n import Texts

POINTS = 24
GAP = 0.03
"""Free height between two bands at the same side, as a share of the whole."""


def _places(sizes: pd.Series) -> dict[str, float]:
    """Top of each node in a column of nodes from 0 down, with gaps."""
    tops: dict[str, float] = {}
    at = 0.0
    for name, size in sizes.items():
        tops[str(name)] = at
        at += float(size) + GAP
    return tops


def flow_bands(frame: pd.DataFrame) -> pd.DataFrame:
    """Points of one band per function and option, for :func:`weight_flow`.

    ``frame`` has columns ``source``, ``target`` and ``flow`` (weight x share, 0..1, summing to 1). The result has
    ``band``, ``source``, ``target``, ``flow``, ``x`` (0 at the functions, 1 at the options), ``high`` and ``low``;
    the height of a band equals its flow at every ``x``.
    """
    lefts = frame.groupby("source", sort=False)["flow"].sum()
    rights = frame.groupby("target", sort=False)["flow"].sum()
    left, right = _places(lefts), _places(rights)
    x = np.linspace(0, 1, POINTS)
    bend = x * x * (3 - 2 * x)
    rows = []
    for source, target, flow in frame[["source", "target", "flow"]].itertuples(index=False):
        start, end = left[source], right[target]
        left[source], right[target] = start + flow, end + flow
        top = start + (end - start) * bend
        rows += [
            {"band": f"{source} → {target}", "source": source, "target": target, "flow": flow, "x": a, "high": -b}
            for a, b in zip(x, top, strict=True)
        ]
    bands = pd.DataFrame(rows)
    return bands.assign(low=bands["high"] - bands["flow"])


def weight_flow(frame: pd.DataFrame, palette: Palette, t: Texts) -> alt.LayerChart:
    """Bands from each function to each option, as wide as weight x share; both ends show their name and share.

    ``frame`` as in :func:`flow_bands`, sources and targets in the order to be drawn. Every band has an outline and
    labelled ends, so that it can be read without colour.
    """
    bands = flow_bands(frame)
    sources = list(dict.fromkeys(frame["source"]))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.42, 1.75]))
    area = (
        alt.Chart(bands)
        .mark_area(fillOpacity=0.4, stroke=palette.text, strokeWidth=0.6)
        .encode(
            x=x,
            y=alt.Y("high:Q", axis=None, scale=alt.Scale(zero=False)),
            y2=alt.Y2("low:Q"),
            detail=alt.Detail("band:N"),
            color=alt.Color(
                "source:N",
                legend=None,
                scale=alt.Scale(domain=sources, range=[palette.part(i) for i in range(len(sources))]),
            ),
            tooltip=[
                alt.Tooltip("source:N", title=t("traces.flow_from")),
                alt.Tooltip("target:N", title=t("traces.flow_to")),
                alt.Tooltip("flow:Q", title=t("traces.flow_share"), format=".1%"),
            ],
        )
    )
    names = pd.DataFrame([*_names(frame, "source", -0.03), *_names(frame, "target", 1.03)])
    layers = [
        alt.Chart(names[names["x"] * side < limit])
        .mark_text(align=align, color=palette.text, fontSize=13, lineBreak="\n", baseline="middle")
        .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"), text=alt.Text("label:N"))
        for side, limit, align in ((1, 0, "right"), (-1, -1, "left"))
    ]
    height = max(220, 46 * max(len(sources), frame["target"].nunique()))
    return layered(palette, area, *layers, height=height)


def _names(frame: pd.DataFrame, side: str, x: float) -> list[dict[str, object]]:
    sizes = frame.groupby(side, sort=False)["flow"].sum()
    return [
        {"x": x, "y": -(top + float(sizes[name]) / 2), "label": wrapped(f"{name} {float(sizes[name]):.0%}", 18)}
        for name, top in _places(sizes).items()
    ]


def interval_rows(
    frame: pd.DataFrame, palette: Palette, title: str, marks: dict[str, float], signed: bool
) -> alt.LayerChart:
    """One row per ``label``: a point at ``value`` with a bar from ``low`` to ``high`` (NaN: no bar).

    ``frame`` may have a column ``look`` (:mod:`core.charts.palette`): the side of the model of each row. ``marks`` are
    named vertical rules, such as a threshold; ``signed`` puts 0 in the middle.
    """
    rows = list(dict.fromkeys(frame["label"]))
    ends = frame[["value", "low", "high"]].abs().max().max()
    reach = max(0.02, float(ends) * 1.1, *(abs(v) * 1.1 for v in marks.values()))
    scale = alt.Scale(domain=[-reach, reach] if signed else [0, reach])
    x = alt.X("value:Q", title=axis_title(title), scale=scale, axis=alt.Axis(tickCount=4))
    looks = [palette.looks([look])[0] for look in frame.get("look", pd.Series("all", index=frame.index))]
    frame = frame.assign(
        label=frame["label"].map(wrapped), ink=[one.colour for one in looks], form=[one.shape for one in looks]
    )
    ink = alt.Color("ink:N", scale=None, legend=None)
    y = alt.Y("label:N", sort=[wrapped(row) for row in rows], title=None, axis=label_axis())
    bars = (
        alt.Chart(frame.dropna(subset=["low", "high"]))
        .mark_rule(strokeWidth=3, opacity=0.6)
        .encode(y=y, color=ink, x=alt.X("low:Q", title=axis_title(title), scale=scale), x2=alt.X2("high:Q"))
    )
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=90, opacity=1)
        .encode(
            y=y,
            x=x,
            color=ink,
            shape=alt.Shape("form:N", scale=None, legend=None),
            tooltip=[alt.Tooltip("label:N"), alt.Tooltip("value:Q", format="+.3f" if signed else ".3f")],
        )
    )
    rules = pd.DataFrame([{"mark": name, "at": at} for name, at in marks.items()])
    lines = (
        alt.Chart(rules)
        .mark_rule(color=palette.rule, strokeDash=[4, 3])
        .encode(x=alt.X("at:Q", scale=scale), tooltip=[alt.Tooltip("mark:N")])
    )
    # On the page this height includes axis and titles.
    height = 90 + 40 * len(rows)
    return layered(palette, lines, bars, points, height=height)
