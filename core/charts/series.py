"""How the series of a chart are told apart: by the side of their model (:mod:`core.charts.palette`) and by shape."""

from __future__ import annotations

from typing import NamedTuple

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import label_axis, names_legend


class Scales(NamedTuple):
    """Colour, shape and dash of each series, for the channels of a chart."""

    names: list[str]
    colour: alt.Scale
    shape: alt.Scale
    dash: alt.Scale


def series_scales(frame: pd.DataFrame, palette: Palette, name: str = "series") -> Scales:
    """The scales of the series in column ``name`` of ``frame``, in their order of appearance.

    The column ``look`` says what each is drawn as (:data:`core.charts.palette.SHAPES`). Where there is a column
    ``member``, series with the same share a look: answers of one model as a person and as nobody.
    """
    first = frame.drop_duplicates(name)
    members = first.drop_duplicates("member" if "member" in first else name)
    made = dict(zip(members.get("member", members[name]), palette.looks(list(members["look"])), strict=True))
    names, looks = list(first[name]), [made[member] for member in first.get("member", first[name])]
    return Scales(
        names,
        alt.Scale(domain=names, range=[look.colour for look in looks]),
        alt.Scale(domain=names, range=[look.shape for look in looks]),
        alt.Scale(domain=names, range=[look.dash for look in looks]),
    )


class SeriesChannels(NamedTuple):
    """The channels of a chart with a row a label and a mark a series, and the number of series."""

    y: alt.Y
    offset: alt.YOffset
    colour: alt.Color
    shape: alt.Shape
    models: int


def series_channels(frame: pd.DataFrame, palette: Palette) -> SeriesChannels:
    """The channels for ``frame``, whose columns ``label`` and ``series`` keep their order of appearance."""
    labels, scales = list(dict.fromkeys(frame["label"])), series_scales(frame, palette)
    legend = names_legend()
    return SeriesChannels(
        alt.Y("label:N", sort=labels, title=None, axis=label_axis()),
        alt.YOffset("series:N", sort=scales.names),
        alt.Color("series:N", scale=scales.colour, legend=legend),
        alt.Shape("series:N", scale=scales.shape, legend=legend),
        len(scales.names),
    )
