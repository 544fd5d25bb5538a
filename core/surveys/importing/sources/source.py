"""The common interface of all file formats: the names of the columns, the labels of their codes, the rows as text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa

from core.cancel import CancelToken, check_cancel

if TYPE_CHECKING:
    import duckdb

ROWS = 20_000
"""Rows of a chunk: few enough that 600 columns of them stay small."""

Tell = Callable[[float], None]


class Source(Protocol):
    """One file. ``titles`` are its labels of columns; ``labels`` are its words for codes, ``ranges`` its user-missing
    ranges, both by column.
    """

    form: str
    names: Sequence[str]
    titles: Mapping[str, str]
    labels: Mapping[str, Mapping[str, str]]
    ranges: Mapping[str, Sequence[tuple[float, float]]]

    def load(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: Mapping[str, str],
        tell: Tell,
        cancel: CancelToken | None = None,
    ) -> int:
        """Make table ``raw`` of text with ``columns``, which maps new names to those of the file. Blank is NULL.

        Returns the number of rows with only blanks, which are left out. Raises :class:`InputError` for a damaged file,
        and :class:`Cancelled`.
        """


class Chunked(ABC):
    """A :class:`Source` whose rows come in chunks; a subclass gives :meth:`chunks`."""

    form = ""
    names: Sequence[str] = ()
    titles: Mapping[str, str] = {}
    labels: Mapping[str, Mapping[str, str]] = {}
    ranges: Mapping[str, Sequence[tuple[float, float]]] = {}

    @abstractmethod
    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        """Values by column in chunks, each with the fraction of the file that is done after it (0..1)."""

    def load(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: Mapping[str, str],
        tell: Tell,
        cancel: CancelToken | None = None,
    ) -> int:
        """See :meth:`Source.load`."""
        names = list(dict.fromkeys(columns.values()))
        connection.execute(f"CREATE TABLE raw ({', '.join(f'{new} VARCHAR' for new in columns)})").fetchall()
        blank = 0
        for values, part in self.chunks(names):
            check_cancel(cancel)
            written = {name: texts(values[name]) for name in names}
            table = pa.table({new: written[name] for new, name in columns.items()})
            kept = ~np.all([column.is_null().to_numpy() for column in table.columns], axis=0)
            blank += int(len(kept) - kept.sum())
            connection.register("chunk", table.filter(pa.array(kept)))
            connection.execute("INSERT INTO raw SELECT * FROM chunk").fetchall()
            connection.unregister("chunk")
            tell(part)
        return blank


def texts(values: Any) -> pa.Array:
    """Values of one column as text: whole numbers without a fraction, missing values as null.

    >>> texts(pd.Series([1.0, 0.5, None])).to_pylist()
    ['1', '0.5', None]
    """
    series = values if isinstance(values, pd.Series) else pd.Series(values)
    codes, found = pd.factorize(series)
    words = pa.array([_text(value) for value in found], pa.string())
    place = pa.array(codes, pa.int64(), mask=codes < 0)
    return words.take(place) if len(words) else pa.nulls(len(series), pa.string())


def _text(value: Any) -> str | None:
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, float | np.floating):
        real = float(value)
        return str(int(real)) if real.is_integer() and abs(real) < 1e15 else repr(real)
    text = str(value).strip()
    return text or None
