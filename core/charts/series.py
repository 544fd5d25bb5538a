"""How rows of several models are told apart in a chart: side by side in a row, by colour and by shape."""

from __future__ import annotations

from typing import NamedTuple

import altair as alt
import pandas as pd

from core.charts.palette import Palette
from core.charts.style import label_axis, names_legend

SHAPES = ["circle", "square", "diamond", "triangle-up"]


class SeriesChannels(NamedTuple):
    """The channels of a chart with a row a label and a mark a series, and the number of series."""

    y: alt.Y
    offset: alt.YOffset
    colour: alt.Color
    shape: alt.Shape
    models: int


def series_channels(frame: pd.DataFrame, palette: Palette) -> SeriesChannels:
    """The channels for ``frame``, whose columns ``label`` and ``series`` keep their order of appearance."""
    labels, series = list(dict.fromkeys(frame["label"])), list(dict.fromkeys(frame["series"]))
    colours = alt.Scale(domain=series, range=[palette.model(i) for i in range(len(series))])
    shapes = alt.Scale(domain=series, range=SHAPES[: len(series)])
    return SeriesChannels(
        alt.Y("label:N", sort=labels, title=None, axis=label_axis()),
        alt.YOffset("series:N", sort=series),
        alt.Color("series:N", scale=colours, legend=names_legend()),
        alt.Shape("series:N", scale=shapes, legend=None),
        len(series),
    )
