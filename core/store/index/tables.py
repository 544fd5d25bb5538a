"""The DuckDB tables and views of loaded runs, and the SQL that fills them.

``all_<grain>`` has every row that was ever stored. ``shard`` and ``row`` say where it is stored, and ``seq`` is its
place in the order of writing, which is right even where clocks were set back. Where a run has a row twice, the last
answer is ``current``; an error never replaces an answer. The views show current rows only.
"""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from core.store.files.run_info import RunInfo
from core.store.files.schema import GRAINS, HEAVY, IDENTITY, SCHEMAS, Grain
from core.store.index.reading_sql import READING_KEY
from core.store.index.readings import Readings
from core.store.index.tallies import TALLIES, counted
from core.types import canonical_json

DATABASE = "store"

_SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP",
    pa.list_(pa.int64()): "BIGINT[]",
    pa.list_(pa.float64()): "DOUBLE[]",
    pa.list_(pa.string()): "VARCHAR[]",
}

_PLACE = ("shard BIGINT", "seq BIGINT", "row BIGINT", "current BOOLEAN")

_RUNS = """
CREATE TABLE all_runs (
    run_id VARCHAR, kind VARCHAR, title VARCHAR, note VARCHAR, status VARCHAR, created TIMESTAMP, finished TIMESTAMP,
    shipped BOOLEAN, saved BOOLEAN, spec VARCHAR, models VARCHAR, prompts VARCHAR, libraries VARCHAR, counts VARCHAR,
    cost_usd DOUBLE
)
"""

_RUNS_VIEW = f"""
CREATE VIEW runs AS
SELECT all_runs.*, coalesce(n.rows, 0) AS rows, coalesce(n.errors, 0) AS errors
FROM all_runs
LEFT JOIN (
    SELECT run_id, {counted()} AS rows, {counted("outcome = 'error'")} AS errors FROM tallies GROUP BY run_id
) AS n USING (run_id)
"""

SAME_CELLS = "cell_id IN (SELECT cell_id FROM all_responses WHERE shard >= ?)"
"""SQL condition: rows of the cells that the shards from a given number on have rows of."""

_CELL_COLUMNS = (
    "kind, provider, model_id, model_revision, survey, question_id, question_json, country, age, sex, education, "
    "language, paraphrase, prompt_version, tag"
)


def light_columns(grain: Grain) -> list[str]:
    """The columns of ``grain`` that are kept in memory."""
    return [name for name in SCHEMAS[grain].names if name not in HEAVY[grain]]


def connect(place: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """An empty in-process database without extensions from elsewhere, whose rows are compressed: in memory, or in the
    file ``place``.
    """
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "temp_directory": ""}
    # Memory that queries have freed, some tens of megabytes, is returned to the system.
    connection = duckdb.connect(":memory:", config={**config, "allocator_background_threads": "true"})
    # Otherwise a name in SQL could mean a Python variable.
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"ATTACH {quoted(place)} AS {DATABASE}{' (COMPRESS)' if place == ':memory:' else ''}")
    connection.execute(f"USE {DATABASE}")
    create(connection)
    return connection


def quoted(text: object) -> str:
    """A text as an SQL literal, for the few places where no parameter can stand.

    >>> quoted("a'b")
    "'a''b'"
    """
    return "'" + str(text).replace("'", "''") + "'"


def create(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables and views."""
    for grain in GRAINS:
        columns = ", ".join(f"{name} {_SQL_TYPES[SCHEMAS[grain].field(name).type]}" for name in light_columns(grain))
        cursor.execute(f"CREATE TABLE all_{grain} ({', '.join(_PLACE)}, {columns})")
        cursor.execute(
            f"CREATE VIEW {grain} AS SELECT {', '.join(light_columns(grain))} FROM all_{grain} WHERE current"
        )
    cursor.execute("ALTER TABLE all_responses ADD COLUMN reading_key UBIGINT")
    Readings.create(cursor)
    for sql in TALLIES:
        cursor.execute(sql)
    cursor.execute(_RUNS)
    cursor.execute(_RUNS_VIEW)
    cells = ", ".join(f"r.{name}" for name in _CELL_COLUMNS.split(", "))
    cursor.execute(
        f"""
        CREATE VIEW cells AS SELECT r.run_id, r.cell_id, {cells}, c.samples FROM (
            SELECT run_id, cell_id, min(sample) AS sample, count(*) AS samples FROM responses GROUP BY ALL
        ) AS c JOIN responses AS r USING (run_id, cell_id, sample)
        """
    )


def put_run(cursor: duckdb.DuckDBPyConnection, info: RunInfo, shipped: bool, saved: bool) -> None:
    """Add or replace the row of a run in ``all_runs``."""
    cursor.execute("DELETE FROM all_runs WHERE run_id = ?", [info.run_id])
    texts = [canonical_json(value) for value in (info.spec, info.models, info.prompts, info.libraries, info.counts)]
    head = [info.run_id, info.kind, info.title, info.note, info.status, _utc(info.created), _utc(info.finished)]
    values = [*head, shipped, saved, *texts, info.cost_usd]
    cursor.execute(f"INSERT INTO all_runs VALUES ({', '.join('?' * len(values))})", values)


def place(grain: Grain, table: pa.Table, shard: int, seq: int) -> pa.Table:
    """The light columns of a shard's ``table`` and columns that say where each row is stored, for :func:`insert`."""
    n = table.num_rows
    columns = {
        "shard": pa.repeat(shard, n),
        "seq": pa.repeat(seq, n),
        "row": pa.array(range(n), pa.int64()),
        "current": pa.repeat(True, n),
    }
    light = table.select(light_columns(grain))
    for name, column in zip(light.column_names, light.columns, strict=True):
        # DuckDB would turn a time with a zone into local time.
        columns[name] = column.cast(pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column
    return pa.table(columns)


def insert(cursor: duckdb.DuckDBPyConnection, grain: Grain, tables: Sequence[pa.Table]) -> None:
    """Add the rows of ``tables``, which :func:`place` made, to the table of ``grain``."""
    if not tables:
        return
    cursor.register("incoming", pa.concat_tables(tables))
    more = f", {READING_KEY}" if grain == "responses" else ""
    cursor.execute(f"INSERT INTO all_{grain} SELECT *{more} FROM incoming")
    cursor.unregister("incoming")


def are_unlike(grain: Grain, tables: Sequence[pa.Table]) -> bool:
    """Whether no row of a cell stands twice in ``tables``, so that each is current as :func:`place` says."""
    rows = pa.concat_tables([table.select(list(IDENTITY[grain])) for table in tables])
    return bool(rows.group_by(list(IDENTITY[grain])).aggregate([]).num_rows == rows.num_rows)


def mark_current(cursor: duckdb.DuckDBPyConnection, grain: Grain, first_shard: int) -> None:
    """Mark which row is current for every cell that the shards from number ``first_shard`` on have a row of.

    That is the last one written; an error is current only where the cell has no answer.
    """
    mark_current_of(cursor, grain, f"SELECT cell_id FROM all_{grain} WHERE shard >= ?", [first_shard])


def mark_current_of(cursor: duckdb.DuckDBPyConnection, grain: Grain, cells: str, values: Sequence[int] = ()) -> None:
    """:func:`mark_current` for the cells that the SQL query ``cells`` gives."""
    identity = ", ".join(IDENTITY[grain])
    worst_last = "outcome = 'error', " if grain == "responses" else ""
    cursor.execute(
        f"""
        UPDATE all_{grain} AS t SET current = (r.place = 1) FROM (
            SELECT shard, row, row_number() OVER (
                PARTITION BY {identity} ORDER BY {worst_last}seq DESC, shard DESC, row DESC
            ) AS place
            FROM all_{grain} WHERE ({identity}) IN (
                SELECT ({identity}) FROM all_{grain} WHERE cell_id IN ({cells})
                GROUP BY {identity} HAVING count(*) > 1
            )
        ) AS r WHERE t.shard = r.shard AND t.row = r.row
        """,
        list(values),
    )


def drop_run(cursor: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Delete a run and its rows from the tables."""
    for name in ("runs", *GRAINS):
        cursor.execute(f"DELETE FROM all_{name} WHERE run_id = ?", [run_id])


def utc_now() -> datetime:
    """The time now as the tables have it: in UTC, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None)
