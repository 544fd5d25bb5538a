"""Converts results of DuckDB to data frames. Columns that pandas cannot represent are queried again as text."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_EXACT = 2**53
"""Up to this number a float represents every whole number exactly."""
_FIRST, _LAST = ((day - date(1970, 1, 1)).days for day in (date.min, date.max))
_A_DAY = {unit: 86_400 * 10**power for unit, power in (("s", 0), ("ms", 3), ("us", 6), ("ns", 9))}


def unshown(table: pa.Table) -> tuple[int, ...]:
    """Positions of columns that pandas cannot represent: years beyond 1 to 9999, unions, midnight as 24:00."""
    return tuple(at for at in range(table.num_columns) if not _is_shown(table.column(at)))


def _is_shown(column: pa.ChunkedArray) -> bool:
    try:
        if pa.types.is_timestamp(column.type) or pa.types.is_date32(column.type):
            found = pc.min_max(column.cast(pa.int32() if pa.types.is_date32(column.type) else pa.int64())).as_py()
            a_day = _A_DAY[column.type.unit] if pa.types.is_timestamp(column.type) else 1
            return found["min"] is None or (found["min"] // a_day >= _FIRST and found["max"] // a_day <= _LAST)
        column.to_pandas(timestamp_as_object=False)
    except (pa.ArrowException, ValueError, OverflowError, NotImplementedError):
        return False
    return True


def to_frame(table: pa.Table) -> pd.DataFrame:
    """``table`` as a data frame.

    A second column with the same name gets a number. Numbers that a float cannot represent exactly stay text.
    """
    frame: pd.DataFrame = table.rename_columns(_distinct(table.column_names)).to_pandas(timestamp_as_object=False)
    for name, kind in zip(frame.columns, table.schema.types, strict=True):
        if pa.types.is_decimal(kind):
            column = frame[name]
            large = any(isinstance(value, Decimal) and abs(value) > _EXACT for value in column)
            frame[name] = column.map(str, na_action="ignore") if large else column.astype("float64")
    return frame


def _distinct(names: list[str]) -> list[str]:
    taken, seen = set(names), Counter[str]()
    made = []
    for name in names:
        seen[name] += 1
        new, number = name, seen[name]
        while number > 1 and (new := f"{name} ({number})") in taken:
            number += 1
        taken.add(new)
        made.append(new)
    return made
