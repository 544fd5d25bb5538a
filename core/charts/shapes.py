"""Shapes of countries for a map, from Natural Earth; ``data/SOURCES.md`` describes them and their omissions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pycountry

from core.errors import DataError, said
from core.once import once
from core.settings import DATA
from core.stats.distances import Array

FOLDER = DATA / "shapes"
ANTARCTICA = "010"
SMALL = 6.0
"""Square degrees at the equator under which a shape is too small to be clicked, so that it also gets a point."""
HALF_EARTH = 180.0
STRIPES = 2.6
"""Degrees between two lines of the hatching."""


class Spot(NamedTuple):
    """Where the point of a place is drawn, in degrees."""

    longitude: float
    latitude: float


@once
def topology() -> dict[str, Any]:
    """The TopoJSON of all countries but Antarctica, as Vega-Lite takes it; ids are ISO 3166-1 numeric, three digits.

    Raises :class:`~core.errors.DataError` where the shipped file cannot be read.
    """
    try:
        whole = json.loads((FOLDER / "countries-110m.json").read_text("utf-8"))
        shapes = whole["objects"]["countries"]["geometries"]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(said("shapes_unreadable", reason=error)) from error
    kept = [{key: one[key] for key in ("type", "arcs", "id") if key in one} for one in shapes]
    kept = [one for one in kept if one.get("id") != ANTARCTICA]
    objects = {"countries": {"type": "GeometryCollection", "geometries": kept}}
    return {**whole, "objects": objects}


@once
def topology_text() -> str:
    """:func:`topology` as JSON text. A chart takes it as text, because Altair copies other data point by point."""
    return json.dumps(topology(), separators=(",", ":"))


@once
def numeric_code(iso3: str) -> str | None:
    """The ISO 3166-1 numeric code of a place, which names its shape; ``None`` where ISO does not list it."""
    found = pycountry.countries.get(alpha_3=iso3)
    return str(found.numeric) if found else None


@once
def _rings() -> dict[int, list[Array]]:
    """Outlines of each shape by its place in the topology, as (n, 2) arrays of longitude and latitude."""
    made = topology()
    scale, start = np.array(made["transform"]["scale"]), np.array(made["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + start for arc in made["arcs"]]

    def ring(numbers: list[int]) -> Array:
        # A negative number is an arc in reverse order; neighbouring arcs share their first and last point.
        parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
        return np.concatenate([part[:-1] for part in parts])

    out: dict[int, list[Array]] = {}
    for place, shape in enumerate(made["objects"]["countries"]["geometries"]):
        polygons = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
        out[place] = [ring(numbers) for polygon in polygons for numbers in polygon]
    return out


@once
def _largest() -> dict[str, tuple[Spot, float]]:
    """Centre and area of the largest part of every shape that has a code."""
    out = {}
    for place, shape in enumerate(topology()["objects"]["countries"]["geometries"]):
        country = pycountry.countries.get(numeric=shape.get("id") or "")
        if country:
            middle, area = max((_middle(ring) for ring in _rings()[place]), key=lambda found: found[1])
            out[str(country.alpha_3)] = Spot(float(middle[0]), float(middle[1])), area
    return out


@once
def _without_shape() -> dict[str, Spot]:
    table = pd.read_csv(FOLDER / "points.csv")
    listed = zip(table["country_iso3"], table["longitude"], table["latitude"], strict=True)
    return {str(code): Spot(float(east), float(north)) for code, east, north in listed}


@once
def spots() -> dict[str, Spot]:
    """Positions of points by ISO 3166-1 alpha-3 code: for places without a shape or with a very small one.

    Hong Kong and Macao are a little beside their place, so that they do not overlap.
    """
    small = {code: spot for code, (spot, area) in _largest().items() if area < SMALL}
    return {**small, **_without_shape()}


@once
def centres() -> dict[str, Spot]:
    """Positions of the number on each place, by ISO 3166-1 alpha-3 code."""
    return {**{code: spot for code, (spot, _) in _largest().items()}, **_without_shape()}


def _middle(ring: Array) -> tuple[Array, float]:
    """Centre of an outline, and its area in square degrees at the equator."""
    width = np.cos(np.radians(ring[:, 1].mean()))
    after = np.roll(ring, -1, axis=0)
    area = abs(float((ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum())) / 2 * float(width)
    return (ring.min(axis=0) + ring.max(axis=0)) / 2, area


def is_drawn(iso3: str) -> bool:
    """Whether a place has a shape or a point."""
    return iso3 in centres()


@once
def _stripes(place: int) -> list[list[list[float]]]:
    """Slanted lines inside the shape at ``place``; longitude + latitude is constant along each."""
    # An outline that is cut at the 180th meridian would be hatched around the whole earth.
    starts = [ring for ring in _rings()[place] if np.ptp(ring[:, 0]) < HALF_EARTH]
    if not starts:
        return []
    ends = [np.roll(ring, -1, axis=0) for ring in starts]
    a, b = np.concatenate(starts), np.concatenate(ends)
    low, high = a.sum(axis=1), b.sum(axis=1)
    found = []
    for level in np.arange(np.ceil(low.min() / STRIPES), np.floor(low.max() / STRIPES) + 1) * STRIPES:
        crossing = (low <= level) != (high <= level)
        part = (level - low[crossing]) / (high[crossing] - low[crossing])
        east = np.sort(a[crossing, 0] + part * (b[crossing, 0] - a[crossing, 0]))
        # Outlines are closed, so a line enters and leaves them alternately.
        found += [
            [[round(float(x), 2), round(float(level - x), 2)] for x in pair]
            for pair in zip(east[::2], east[1::2], strict=True)
        ]
    return found


def hatching(known: Iterable[str]) -> dict[str, Any]:
    """A GeoJSON feature of slanted lines over every shape except those of ``known`` (ISO 3166-1 alpha-3 codes)."""
    coloured = {numeric_code(code) for code in known}
    shapes = topology()["objects"]["countries"]["geometries"]
    bare = [place for place, shape in enumerate(shapes) if shape.get("id") not in coloured or "id" not in shape]
    lines = [line for place in bare for line in _stripes(place)]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "MultiLineString", "coordinates": lines}}
