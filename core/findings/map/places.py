"""Where countries and models are on the map, and whether a model is within the region of the countries."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.findings.china_west.answers import models_of, wide
from core.findings.map.axes import Axes, country_axes
from core.once import once
from core.settings import DATA
from core.stats.distances import Array

Place = Literal["inside", "beyond", "off", "both"]
PLACES: tuple[Place, ...] = ("inside", "beyond", "off", "both")
"""``inside``: within the countries and as near to the plane as they are. ``beyond``: outside of the outline of the
countries. ``off``: further from the plane than any country from the plane of the others. ``both``."""
OFFICIAL = DATA / "human" / "inglehart_welzel.csv"
COLUMNS = ("id", "name", "kind", "group", "x", "y", "off", "place")


def _outline(points: Array) -> Array:
    """Corners of the convex hull of ``points`` (n, 2), counter-clockwise (monotone chain, Andrew 1979)."""
    ordered = sorted({(float(x), float(y)) for x, y in points})

    def half(listed: list[tuple[float, float]]) -> list[tuple[float, float]]:
        kept: list[tuple[float, float]] = []
        for point in listed:
            while len(kept) > 1 and _turn(kept[-2], kept[-1], point) <= 0:
                kept.pop()
            kept.append(point)
        return kept[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def within_outline(points: Array, corners: Array) -> NDArray[np.bool_]:
    """Which of ``points`` (n, 2) are within the outline of ``corners``, its edge included."""
    after = np.roll(corners, -1, axis=0)
    edge, to = after - corners, points[:, None, :] - corners
    return np.asarray((edge[:, 0] * to[..., 1] - edge[:, 1] * to[..., 0] >= -1e-9).all(axis=1), dtype=np.bool_)


def map_rows(answers: pd.DataFrame, language: str, persona: str, axes: Axes | None = None) -> pd.DataFrame:
    """Countries and models on the map, one row each (:data:`COLUMNS`).

    ``answers`` are those of :mod:`core.findings.china_west`; models that were not asked all items this way have no
    place and are left out. ``kind`` is ``country`` or ``model``, ``group`` the origin of a model, ``off`` the distance
    to the plane, ``place`` one of :data:`PLACES` (countries are inside).
    """
    plane = axes or country_axes()
    countries = pd.DataFrame({"id": plane.countries, "name": plane.countries, "kind": "country", "group": "people"})
    countries = countries.assign(x=plane.points[:, 0], y=plane.points[:, 1], off=plane.off, place="inside")
    table = wide(answers, language, persona).reindex(columns=list(plane.items)).dropna()
    facts = models_of(answers).reindex(table.index)
    points, off = plane.place(table.to_numpy(float))
    far = off > plane.off.max()
    out = ~within_outline(points, _outline(plane.points))
    names = [PLACES[int(beyond) + 2 * int(distant)] for beyond, distant in zip(out, far, strict=True)]
    models = pd.DataFrame({"id": table.index, "name": facts["name"].to_numpy(), "kind": "model"})
    models = models.assign(group=facts["group"].to_numpy(), x=points[:, 0], y=points[:, 1], off=off, place=names)
    return pd.concat([countries, models], ignore_index=True)[list(COLUMNS)]


def outside_counts(rows: pd.DataFrame) -> dict[str, int]:
    """The number of models of :func:`map_rows` (``models``), and the number at each place other than inside."""
    models = rows[rows["kind"] == "model"]
    return {"models": len(models), **{place: int((models["place"] == place).sum()) for place in PLACES[1:]}}


@once
def inglehart_welzel() -> pd.DataFrame:
    """Published country scores, latest year of each: id, name, year, x (self-expression), y (secular-rational).

    The source file has survival where its text says self-expression, so the sign is reversed here.
    """
    frame = pd.read_csv(OFFICIAL)
    return frame.rename(columns={"country_iso3": "id", "place": "name", "self_expression": "x", "secular": "y"})
