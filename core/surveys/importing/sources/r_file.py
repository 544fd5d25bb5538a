"""R files (``.rds``, ``.RData``), read by rdata: factors as words, labelled columns with labels and missing codes.

R stores a data frame in one piece, so the whole file is in memory while it is read; only used columns become text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import InputError, said
from core.surveys.importing.sources.source import ROWS, Chunked

_NA_INTEGER = -(2**31)


class RFile(Chunked):
    """The only data frame of an ``.rds`` or ``.RData`` file."""

    form = "R"

    def __init__(self, path: Path, suffix: str) -> None:
        from rdata import parser

        try:
            top = parser.parse_file(path, extension=".rds" if suffix == "rds" else ".rda").object
            frames = [top] if suffix == "rds" else [value for _, value in _pairs(top)]
            frames = [frame for frame in frames if "data.frame" in _words(_attributes(frame).get("class"))]
        except Exception as error:
            raise InputError(said("file_damaged", form=self.form, reason=str(error)[:200])) from error
        if len(frames) != 1:
            raise InputError(said("r_frames", n=len(frames)))
        names = _words(_attributes(frames[0])["names"])
        self._columns: dict[str, Any] = dict(zip(names, frames[0].value, strict=True))
        self.names = names
        self.titles, self.labels, self.ranges = {}, {}, {}
        for name, column in self._columns.items():
            told = _attributes(column)
            if title := _words(told.get("label")):
                self.titles[name] = title[0]
            if (labels := told.get("labels")) is not None:
                label_words = _words(_attributes(labels).get("names"))
                self.labels[name] = {_code(v): word for v, word in zip(_plain(labels), label_words, strict=True)}
            single = [(float(v), float(v)) for v in _plain(told.get("na_values")) if isinstance(v, int | float)]
            pair = [float(v) for v in _plain(told.get("na_range")) if isinstance(v, int | float)]
            if found := single + ([(pair[0], pair[1])] if len(pair) == 2 else []):
                self.ranges[name] = found

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        """See :class:`Chunked`."""
        rows = len(self._columns[columns[0]].value) if columns else 0
        for first in range(0, rows, ROWS):
            part = slice(first, first + ROWS)
            yield {name: _plain(self._columns[name], part) for name in columns}, min(1.0, (first + ROWS) / rows)


def _kind(thing: Any) -> str:
    return str(thing.info.type.name)


def _pairs(thing: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of a pairlist."""
    while thing is not None and _kind(thing) == "LIST":
        tag = thing.tag
        if tag is not None and _kind(tag) == "REF":
            tag = tag.referenced_object
        yield ("" if tag is None else _string(tag.value)), thing.value[0]
        thing = thing.value[1]


def _attributes(thing: Any) -> dict[str, Any]:
    return {} if thing is None or thing.attributes is None else dict(_pairs(thing.attributes))


def _string(char: Any) -> str:
    value = char.value if hasattr(char, "value") else char
    return "" if value is None else bytes(value).decode("utf-8", errors="replace")


def _words(thing: Any) -> list[str]:
    return [] if thing is None else [_string(char) for char in thing.value]


def _plain(thing: Any, part: slice = slice(None)) -> list[Any]:
    """Values of a vector, factors as their words, every kind of NA as None."""
    if thing is None:
        return []
    kind = _kind(thing)
    if kind == "STR":
        return [None if char.value is None else _string(char) for char in thing.value[part]]
    values = np.ma.asarray(thing.value[part])
    gone = np.ma.getmaskarray(values).copy()
    data = values.data
    if kind == "REAL":
        gone |= np.isnan(data)
    elif kind == "INT":
        gone |= data == _NA_INTEGER
    out = [None if lost else value for value, lost in zip(data.tolist(), gone.tolist(), strict=True)]
    if kind == "INT" and "factor" in _words(_attributes(thing).get("class")):
        levels = _words(_attributes(thing)["levels"])
        return [None if place is None else levels[int(place) - 1] for place in out]
    return out


def _code(value: Any) -> str:
    return str(int(value)) if isinstance(value, int | float) and float(value).is_integer() else str(value)
