"""A map of the world, coloured by a value of each place."""

from __future__ import annotations

import json
from typing import Literal

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.shapes import centres, hatching, numeric_code, spots, topology_text
from core.charts.style import LINE, layered, wrapped
from core.i18n import Texts

PICKED, PICKED_POINT = "place", "point"
"""Selections with the ``country`` of the clicked shape or point."""
HEIGHT = 460
LEGEND_CHARS = 52


Look = Literal["more", "nearer", "either"]
"""Larger values are darker; smaller (nearer) values are darker; or pale in the middle with a hue on either side."""


def shades(palette: Palette, look: Look) -> list[str]:
    """Colours from the lowest value to the highest."""
    green, purple = palette.part(0), palette.part(1)
    if look == "either":
        return [green, palette.tint(green, 0.45), palette.tint(palette.rule, 0.2), palette.tint(purple, 0.45), purple]
    stops = [palette.tint(green, part) for part in (0.18, 0.38, 0.58, 0.78, 1.0)]
    return stops if look == "more" else stops[::-1]


def world_map(
    frame: pd.DataFrame,
    palette: Palette,
    t: Texts,
    title: str,
    reach: tuple[float, float],
    *,
    look: Look = "more",
    percent: bool = True,
) -> alt.LayerChart:
    """Shapes coloured by ``value``, points for small places, hatching where no value is known.

    ``frame`` has columns ``country`` (ISO 3166-1 alpha-3), ``name``, ``value``, ``shown`` (the value in words),
    ``facts`` (n, year and weights in words) and ``mark`` (text on the place, mostly empty). ``reach`` are the values
    of the first and the last colour. A click picks ``country`` through the selections :data:`PICKED` and
    :data:`PICKED_POINT`.
    """
    known = frame.dropna(subset=["value"]).assign(id=lambda f: f["country"].map(numeric_code))
    low, high = reach
    stops = shades(palette, look)
    domain = [low + (high - low) * place / (len(stops) - 1) for place in range(len(stops))]
    legend = alt.Legend(
        title=wrapped(title, LEGEND_CHARS).split(LINE),
        orient="bottom",
        direction="horizontal",
        gradientLength=240,
        titleLimit=0,
        format=".0%" if percent else ".2f",
        tickCount=5,
    )
    scale = alt.Scale(domain=domain, range=stops, clamp=True)
    tooltip = [
        alt.Tooltip("name:N", title=t("world.country")),
        alt.Tooltip("shown:N", title=t("world.value")),
        alt.Tooltip("facts:N", title=t("world.facts")),
    ]
    land = alt.Data(values=topology_text(), format=alt.TopoDataFormat(type="topojson", feature="countries"))
    lines = alt.Data(values=json.dumps(hatching(known["country"])), format=alt.JsonDataFormat(type="json"))
    place = alt.selection_point(name=PICKED, fields=["country"], on="click", clear="dblclick")
    point = alt.selection_point(name=PICKED_POINT, fields=["country"], on="click", clear="dblclick")
    fields = ["country", "name", "value", "shown", "facts"]
    ground = alt.Chart(land).mark_geoshape(
        aria=False, fill=palette.tint(palette.rule, 0.08), stroke=palette.tint(palette.rule, 0.6), strokeWidth=0.5
    )
    shapes = (
        alt.Chart(land)
        .transform_lookup(lookup="id", from_=alt.LookupData(data=known.dropna(subset=["id"]), key="id", fields=fields))
        .mark_geoshape(stroke=palette.background, cursor="pointer")
        .encode(
            color=alt.Color("value:Q", scale=scale, legend=legend),
            stroke=alt.condition(place, alt.value(palette.text), alt.value(palette.background), empty=False),
            strokeWidth=alt.condition(place, alt.value(2), alt.value(0.6), empty=False),
            tooltip=tooltip,
        )
        .add_params(place)
    )
    stripes = alt.Chart(lines).mark_geoshape(
        aria=False, filled=False, stroke=palette.rule, strokeWidth=0.7, opacity=0.55
    )
    small = known[known["country"].isin(list(spots()))]
    small = small.assign(
        longitude=[spots()[code].longitude for code in small["country"]],
        latitude=[spots()[code].latitude for code in small["country"]],
    )
    points = (
        alt.Chart(small)
        .mark_circle(size=46, stroke=palette.text, cursor="pointer", opacity=1)
        .encode(
            longitude=alt.Longitude("longitude:Q"),
            latitude=alt.Latitude("latitude:Q"),
            color=alt.Color("value:Q", scale=scale, legend=legend),
            strokeWidth=alt.condition(point, alt.value(2.5), alt.value(0.7), empty=False),
            tooltip=tooltip,
        )
        .add_params(point)
    )
    layers = [ground, stripes, shapes, points]
    marked = known[known["mark"].ne("") & known["country"].isin(list(centres()))]
    if len(marked):
        marked = marked.assign(
            longitude=[centres()[code].longitude for code in marked["country"]],
            latitude=[centres()[code].latitude for code in marked["country"]],
        )
        base = alt.Chart(marked).encode(
            longitude=alt.Longitude("longitude:Q"), latitude=alt.Latitude("latitude:Q"), tooltip=tooltip
        )
        discs = base.mark_circle(size=330, color=palette.background, stroke=palette.text, opacity=1)
        layers += [discs, base.mark_text(fontSize=11, color=palette.text).encode(text=alt.Text("mark:N"))]
    drawn = layered(palette, *layers, height=HEIGHT)
    # Rotated a little, so that the edge of the map runs through the Bering Strait and not through Russia.
    drawn.projection = alt.Projection(type="equalEarth", rotate=[-11, 0, 0])
    return drawn
