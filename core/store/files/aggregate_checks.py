"""Checks the values of an aggregate: a folder may have been copied from elsewhere, and pages look up words by them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pydantic import ValidationError

from core.errors import DataError, said
from core.store.files.shards import as_damage
from core.store.files.value_checks import (
    CLOSED,
    check_closed,
    check_countries,
    check_dates,
    check_lists,
    check_names,
    wrong_value,
)
from core.types import Persona

_AT_ONCE = 50_000
_TEXT, _INT, _TIME = pa.string(), pa.int64(), pa.timestamp("us")


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


TABLES: dict[str, pa.Schema] = {
    "readings": _schema(
        reading_key=pa.uint64(),
        model_id=_TEXT,
        question_id=_TEXT,
        country=_TEXT,
        told=_TEXT,
        persona=_TEXT,
        language=_TEXT,
        template=_TEXT,
        wording=pa.int32(),
        codes=pa.list_(_INT),
        probabilities=pa.list_(pa.float64()),
        probabilities_log=pa.list_(pa.float64()),
        valid_mass=pa.float64(),
        method=_TEXT,
        samples=_INT,
        orders=_INT,
        created=_TIME,
        run_id=_TEXT,
        cell_id=_TEXT,
        provider=_TEXT,
    ),
    "tallies": _schema(
        run_id=_TEXT,
        kind=_TEXT,
        provider=_TEXT,
        model_id=_TEXT,
        model_revision=_TEXT,
        survey=_TEXT,
        question_id=_TEXT,
        country=_TEXT,
        language=_TEXT,
        method=_TEXT,
        outcome=_TEXT,
        error_kind=_TEXT,
        served_model=_TEXT,
        served_fingerprint=_TEXT,
        beside=pa.bool_(),
        first=_TIME,
        n=_INT,
    ),
    "replaced": _schema(name=_TEXT, row=_INT),
}
"""The columns of each table of an aggregate."""

_MAY_LACK = {"country", "samples", "model_revision", "survey", "error_kind", "served_model", "served_fingerprint"}
_TOLD = ("none", "country", "group")
_FREE = ("model_revision", "served_model", "served_fingerprint")


def check_table(name: str, path: Path) -> None:
    """Raise :class:`DataError` where the file of a table has other columns than it should, or a value that the app does
    not write. Some thousand rows are in memory at a time.
    """
    with as_damage(path), pq.ParquetFile(path) as file:
        if not file.schema_arrow.equals(TABLES[name]):
            raise DataError(said("aggregate_columns", file=path.name))
        for batch in file.iter_batches(_AT_ONCE):
            _check(name, pa.Table.from_batches([batch]))


def _check(name: str, table: pa.Table) -> None:
    table.validate(full=True)
    for field in table.schema:
        column = table[field.name]
        if column.null_count and field.name not in _MAY_LACK:
            raise wrong_value(field.name, "null")
        if pa.types.is_string(field.type) and field.name not in _FREE:
            check_names(field.name, column)
        if pa.types.is_timestamp(field.type):
            check_dates(column)
        if field.name in CLOSED:
            check_closed(field.name, pc.unique(column).to_pylist(), CLOSED[field.name])
    if name != "replaced":
        check_countries(table["country"])
    if name == "readings":
        check_closed("told", pc.unique(table["told"]).to_pylist(), _TOLD)
        for shares in ("probabilities", "probabilities_log"):
            check_lists(table, "codes", shares)
            if pc.min(pc.list_value_length(table[shares])).as_py() == 0:
                raise wrong_value(shares, "[]")
        for key in pc.unique(table["persona"]).to_pylist():
            try:
                Persona.from_key(key)
            except (ValueError, ValidationError):
                raise wrong_value("persona", key) from None
