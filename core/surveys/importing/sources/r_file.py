"""R files (``.rds``, ``.RData``): factors as words, labelled columns with labels and missing codes.

They are unpacked into a temporary file, so that memory does not grow with the file.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import tempfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from core.errors import InputError, said
from core.surveys.importing.sources.r_stream import Stream, TooLarge, Unsupported, Vector
from core.surveys.importing.sources.source import ROWS, Chunked
from core.surveys.importing.sources.zipped import MOST_BYTES

_SAVED = (b"RDX2\n", b"RDX3\n")


class RFile(Chunked):
    """The only data frame of an ``.rds`` or ``.RData`` file; it may unpack to at most ``most`` bytes."""

    form = "R"

    def __init__(self, path: Path, suffix: str, most: int = MOST_BYTES) -> None:
        self._spool = tempfile.TemporaryFile(prefix="parallax-r-")  # noqa: SIM115 - it lives as long as this object
        try:
            with _unpacked(path) as file:
                if suffix != "rds" and file.read(5) not in _SAVED:
                    raise Unsupported("not R's binary form")
                top = Stream(file, cast("IO[bytes]", self._spool), most).read()
        except TooLarge:
            raise InputError(said("r_bytes", most=most)) from None
        except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error, MemoryError) as error:
            raise InputError(said("file_damaged", form=self.form, reason=str(error)[:200])) from error
        values = [top] if suffix == "rds" else [value for _, value in top or ()]
        frames = [value for value in values if isinstance(value, Vector) and "data.frame" in _words(value, "class")]
        if len(frames) != 1:
            raise InputError(said("r_frames", n=len(frames)))
        names = _words(frames[0], "names")
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise InputError(said("columns_twice", names=", ".join(twice[:10])))
        columns = dict(zip(names, frames[0].items, strict=False))
        self._columns = {name: column for name, column in columns.items() if isinstance(column, Vector)}
        self.names = list(self._columns)
        told = self._columns.items()
        self.titles = {name: title[0] for name, column in told if (title := _words(column, "label"))}
        self.labels = {name: words for name, column in told if (words := _labels(column))}
        self.ranges = {name: ranges for name, column in told if (ranges := _missing(column))}

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        """See :class:`Chunked`."""
        rows = max((self._columns[name].length for name in columns), default=0)
        levels = {name: _words(self._columns[name], "levels") for name in columns}
        for first in range(0, rows, ROWS):
            yield (
                {name: self._part(name, levels[name], first) for name in columns},
                min(1.0, (first + ROWS) / rows),
            )

    def _part(self, name: str, levels: Sequence[str], first: int) -> list[Any]:
        column = self._columns[name]
        values = column.values(first, first + ROWS)
        if not ("factor" in _words(column, "class") and levels):
            return values
        return [levels[int(at) - 1] if at is not None and 0 < at <= len(levels) else None for at in values]


def _unpacked(path: Path) -> IO[bytes]:
    """The content of ``path``, which R packs with gzip, bzip2, xz or not at all."""
    with path.open("rb") as file:
        head = file.read(6)
    for start, opener in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open)):
        if head.startswith(start):
            return cast("IO[bytes]", opener(path, "rb"))
    return path.open("rb")


def _words(thing: Vector, name: str) -> list[str]:
    """The texts of an attribute; none where there is no such attribute."""
    found = thing.attributes.get(name)
    return [value or "" for value in found.values()] if isinstance(found, Vector) and found.kind == "STR" else []


def _labels(column: Vector) -> dict[str, str]:
    labels = column.attributes.get("labels")
    if not isinstance(labels, Vector):
        return {}
    return {_code(value): word for value, word in zip(labels.values(), _words(labels, "names"), strict=False)}


def _missing(column: Vector) -> list[tuple[float, float]]:
    """The user-missing values and the user-missing range of a column."""
    pair = _numbers(column, "na_range")
    return [(value, value) for value in _numbers(column, "na_values")] + (
        [(pair[0], pair[1])] if len(pair) == 2 else []
    )


def _numbers(thing: Vector, name: str) -> list[float]:
    found = thing.attributes.get(name)
    values = found.values() if isinstance(found, Vector) else []
    return [float(value) for value in values if isinstance(value, int | float)]


def _code(value: Any) -> str:
    return str(int(value)) if isinstance(value, int | float) and float(value).is_integer() else str(value)
