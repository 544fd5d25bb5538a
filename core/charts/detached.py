"""Separates the form of a chart from its data, as a page sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pyarrow as pa

from core.charts.style import with_room

FRAME = "frame-"
"""The beginning of the name of a frame in a form; data that stand in the form itself have other names."""


def detached(chart: alt.TopLevelMixin) -> tuple[str, dict[str, pa.Table]]:
    """The Vega-Lite form of ``chart`` as JSON, and the tables that it names.

    Altair writes a frame row by row into the form, which takes longer than everything else it does. Here the form names
    a table with the columns that it uses. Do not use ``chart`` afterwards: its data are removed.
    """
    frames: dict[str, pd.DataFrame] = {}
    names: dict[int, str] = {}
    for part in _parts(chart):
        if isinstance(part.data, pd.DataFrame):
            name = names.setdefault(id(part.data), f"{FRAME}{len(names)}")
            frames[name] = part.data
            part.data = alt.NamedData(name)
    made = with_room(chart.to_dict(validate=False))
    lines = made.pop("datasets", {})
    form = json.dumps(made)
    tables = {name: _table(frame, form) for name, frame in frames.items()}
    return form, tables | {name: pa.Table.from_pylist(rows) for name, rows in lines.items()}


def refilled(form: str, tables: dict[str, pa.Table], frame: pd.DataFrame) -> dict[str, pa.Table]:
    """The ``tables`` of a chart of :func:`detached` with ``frame`` in place of the one frame that it was drawn from.

    Charts whose forms are the same share one form; only the data differ. Raises ``ValueError`` where the chart has
    several frames.
    """
    drawn = [name for name in tables if name.startswith(FRAME)]
    if len(drawn) != 1:
        raise ValueError(f"the chart was drawn from {len(drawn)} frames, not from one")
    return tables | {drawn[0]: _table(frame, form)}


def _parts(chart: Any) -> Iterator[Any]:
    yield chart
    for part in getattr(chart, "layer", ()):
        yield from _parts(part)


def _table(frame: pd.DataFrame, form: str) -> pa.Table:
    used = [name for name in frame.columns if isinstance(name, str) and name in form]
    return pa.table({name: _column(frame[name]) for name in used})


def _column(values: pd.Series) -> pa.Array:
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "f":
        # A mark at infinity has no place. As a missing value it is left out, as in Altair itself.
        numbers = values.to_numpy()
        return pa.array(numbers, mask=~np.isfinite(numbers))
    return pa.array(values, from_pandas=True)
