"""Exports selected rows as Parquet, CSV or a DuckDB file, and whole runs as a zip.

A file is written under a temporary name and renamed when it is complete.
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import InputError, said
from core.store.files.run_info import RUN_FILE
from core.store.files.scan import look
from core.store.files.schema import GRAINS, SCHEMAS, Grain, stamp
from core.store.files.whole_files import temp_name, write_error
from core.store.index.database import Store
from core.store.index.selection import Selection
from core.text import safe_cell


def export_parquet(store: Store, path: Path, selection: Selection | None = None, grain: Grain = "responses") -> int:
    """Write the selected rows with all columns to ``path``; returns their number. Raises :class:`DataError`."""
    total = 0

    def write(temp: Path) -> None:
        nonlocal total
        with pq.ParquetWriter(temp, stamp(SCHEMAS[grain].empty_table()).schema, compression="zstd") as out:
            for table in store.tables(grain, selection or Selection()):
                out.write_table(stamp(table))
                total += table.num_rows

    _whole(path, write)
    return total


def export_csv(store: Store, path: Path, selection: Selection | None = None, grain: Grain = "responses") -> int:
    """Write the selected rows as CSV in UTF-8 with a byte order mark, for spreadsheets; returns their number.

    Lists are JSON, times ISO 8601 in UTC. An apostrophe is put before a text that a spreadsheet would run as a formula.
    Raises :class:`DataError`.
    """
    total = 0

    def write(temp: Path) -> None:
        nonlocal total
        with temp.open("w", encoding="utf-8-sig", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(SCHEMAS[grain].names)
            for table in store.tables(grain, selection or Selection()):
                lines.writerows([_plain(value) for value in row.values()] for row in table.to_pylist())
                total += table.num_rows

    _whole(path, write)
    return total


def export_duckdb(store: Store, path: Path, selection: Selection | None = None) -> int:
    """Write the selected rows of both grains, and their runs, as one DuckDB file; returns the number of responses.

    Raises :class:`DataError`.
    """
    total = 0
    chosen = selection or Selection()

    def write(temp: Path) -> None:
        nonlocal total
        connection = duckdb.connect(str(temp), config={"autoinstall_known_extensions": "false"})
        try:
            for grain in GRAINS:
                naive = _without_zones(SCHEMAS[grain].empty_table())
                connection.register("incoming", naive)
                connection.execute(f"CREATE TABLE {grain} AS FROM incoming")
                for table in store.tables(grain, chosen):
                    connection.register("incoming", _without_zones(table))
                    connection.execute(f"INSERT INTO {grain} FROM incoming")
                    total += table.num_rows if grain == "responses" else 0
                connection.unregister("incoming")
            ids = {run for (run,) in connection.execute("SELECT DISTINCT run_id FROM responses").fetchall()}
            runs = store.runs()
            connection.register("incoming", _without_zones(pa.Table.from_pandas(runs[runs.run_id.isin(ids)])))
            connection.execute("CREATE TABLE runs AS FROM incoming")
        finally:
            connection.close()

    _whole(path, write)
    return total


def export_zip(store: Store, run_id: str, path: Path) -> None:
    """Write a whole run to a zip that can be imported elsewhere. Raises :class:`InputError` for an unknown run."""
    folder = store.path(run_id)
    if folder is None:
        raise InputError(said("run_in_memory_export", run=run_id))
    found = look(folder)

    def write(temp: Path) -> None:
        with zipfile.ZipFile(temp, "w", zipfile.ZIP_STORED) as out:
            # The run.json in the zip has the present title and note, so the file for them is left out.
            out.writestr(f"{run_id}/{RUN_FILE}", found.info.model_dump_json(indent=1))
            for name in found.shards:
                out.write(folder / name, f"{run_id}/{name}")

    _whole(path, write)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return safe_cell(value)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _without_zones(table: pa.Table) -> pa.Table:
    # DuckDB files keep UTC without a zone, so that they read the same wherever they are opened.
    fields = [pa.field(f.name, pa.timestamp("us") if pa.types.is_timestamp(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))


def _whole(path: Path, write: Callable[[Path], None]) -> None:
    temp = path.with_name(temp_name(path.name))
    try:
        try:
            write(temp)
            temp.replace(path)
        finally:
            temp.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(path, error) from error
