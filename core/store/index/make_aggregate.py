"""Makes the aggregate of a large run, by the rules by which the answers of a small one become readings and counts."""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import DataError, InputError, said
from core.store.files.aggregate import Aggregate, TableFile, TableName, keep_aggregate, keep_table, shards_digest
from core.store.files.kinds import READ_KINDS
from core.store.files.run_folder import RunFolder
from core.store.files.scan import Snapshot, look
from core.store.files.schema import SCHEMAS
from core.store.files.shards import ShardInfo, ShardName, as_damage, read_shard
from core.store.files.whole_files import temp_name, write_error
from core.store.index import tables
from core.store.index.aggregates import made_by
from core.store.index.reading_sql import MIXED, READING_COLUMNS
from core.store.index.readings import make_readings
from core.store.index.tallies import COLUMNS, MAKE_TALLIES

_ROW_GROUP = 20_000
_AT_ONCE = 1_000_000
_MEMORY = "2GB"
_NEEDED = {
    *("run_id", "cell_id", "created", "kind", "provider", "model_id", "model_revision", "survey", "question_id"),
    *("country", "age", "sex", "education", "language", "paraphrase", "prompt_version", "tag", "sample", "codes"),
    *("mass", "valid_mass", "method", "n", "outcome", "error_kind", "served_model", "served_fingerprint"),
}
_PROVIDERS = f"""
CREATE TABLE providers AS
SELECT reading_key, CASE WHEN bool_or(provider = 'mock') AND NOT bool_and(provider = 'mock') THEN '{MIXED}'
    ELSE min(provider) END AS provider
FROM all_responses WHERE current AND reading_key IS NOT NULL GROUP BY reading_key
"""


def make_aggregate(path: Path) -> Aggregate:
    """Make the aggregate of the run in ``path``, in place of one that it has. Two and a half gigabytes of memory were
    enough for ten million answers; the folder needs room for a working file of about its own size.

    Raises :class:`InputError` where the run is being written, or is of a kind whose answers are not shown as readings,
    and :class:`DataError` where a shard is damaged, a time lies in the future, the folder cannot be written, or memory
    is short. The run then has the aggregate that it had.
    """
    with RunFolder.open(path) as folder:
        if folder.info.kind not in READ_KINDS:
            raise InputError(said("aggregate_kind", run=path.name))
        snapshot = look(path)
        base = path / temp_name("aggregate.duckdb")
        try:
            return _make(path, snapshot, base)
        except OSError as error:
            raise write_error(path, error) from error
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise DataError(said("aggregate_unmade", run=path.name, reason=reason)) from error
        finally:
            for file in (base, base.with_name(f"{base.name}.wal")):
                file.unlink(missing_ok=True)


def _make(path: Path, snapshot: Snapshot, base: Path) -> Aggregate:
    run_id, shards = snapshot.info.run_id, list(snapshot.shards.items())
    connection = tables.connect(str(base))
    try:
        connection.execute(f"SET memory_limit = '{_MEMORY}'")
        tables.put_run(connection, snapshot.info, shipped=False, saved=True)
        for place, (name, listed) in enumerate(shards):
            _insert(connection, path / name, listed, place, run_id)
        _mark_current(connection)
        _check_clock(connection, run_id)
        make_readings(connection, run_id, _AT_ONCE)
        connection.execute(_PROVIDERS)
        made = Aggregate(
            made_by=made_by(),
            shards=shards_digest(snapshot.shards),
            sizes={name: (path / name).stat().st_size for name, _ in shards},
            answers=_number(connection, "SELECT count(*) FROM responses"),
            readings=_write_readings(connection, path),
            tallies=_write(connection, path, "tallies", [f"SELECT {', '.join(COLUMNS)} FROM ({MAKE_TALLIES})"]),
            replaced=_write_replaced(connection, path, [name for name, _ in shards]),
        )
    finally:
        connection.close()
    keep_aggregate(path, made)
    return made


def _insert(cursor: duckdb.DuckDBPyConnection, file: Path, listed: ShardInfo | None, place: int, run_id: str) -> None:
    """Add the rows of a shard, without the columns that neither readings nor counts rest on."""
    name = ShardName.parse(file.name)
    if name is None or listed is None or name.grain != "responses":
        raise DataError(said("aggregate_shard", file=file.name))
    try:
        table, _ = read_shard(file, listed, light=True)
    except FileNotFoundError:
        raise DataError(said("shard_missing", file=file.name)) from None
    with as_damage(file):
        if not set(SCHEMAS["responses"].names) <= set(pq.read_schema(file).names):
            raise DataError(said("aggregate_old_shard", file=file.name))
    if pc.unique(table["run_id"]).to_pylist() not in ([run_id], []):
        raise DataError(said("shard_foreign", name=file.name))
    for i, field in enumerate(table.schema):
        if field.name not in _NEEDED:
            table = table.set_column(i, field, pa.nulls(table.num_rows, field.type))
    tables.insert(cursor, "responses", [tables.place("responses", table, place, name.number)])


def _mark_current(cursor: duckdb.DuckDBPyConnection) -> None:
    """Mark the current rows of cells with more than one, which are found a part at a time."""
    cursor.execute("CREATE TABLE twice (cell_id VARCHAR)")
    for part, parts in _parts(cursor):
        cursor.execute(
            f"""INSERT INTO twice SELECT cell_id FROM all_responses WHERE hash(cell_id) % {parts} = {part}
            GROUP BY cell_id, sample HAVING count(*) > 1"""
        )
    if _number(cursor, "SELECT count(*) FROM twice"):
        tables.mark_current_of(cursor, "responses", "SELECT cell_id FROM twice")


def _parts(cursor: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    parts = 1 + _number(cursor, "SELECT count(*) FROM all_responses") // _AT_ONCE
    return [(part, parts) for part in range(parts)]


def _check_clock(cursor: duckdb.DuckDBPyConnection, run_id: str) -> None:
    # Such an answer counts as the oldest of its reading until that time has come, and as the latest from then on.
    sql = "SELECT 1 FROM all_responses WHERE created > ? LIMIT 1"
    if cursor.execute(sql, [tables.utc_now()]).fetchall():
        raise DataError(said("aggregate_clock", run=run_id))


def _write_readings(cursor: duckdb.DuckDBPyConnection, path: Path) -> TableFile:
    """The readings, those that pages ask for together beside one another."""
    names = ", ".join(f"r.{name}" for name in READING_COLUMNS)
    groups = cursor.execute("SELECT DISTINCT told, language, model_id FROM readings ORDER BY ALL").fetchall()
    select = f"""SELECT {names}, provider FROM readings AS r JOIN providers USING (reading_key)
    WHERE told = ? AND language = ? AND model_id = ? ORDER BY country, question_id, persona, template, wording"""
    none = f"SELECT {names}, provider FROM readings AS r JOIN providers USING (reading_key) WHERE false"
    return _write(cursor, path, "readings", [none, *[select] * len(groups)], [(), *groups])


def _write_replaced(cursor: duckdb.DuckDBPyConnection, path: Path, names: list[str]) -> TableFile:
    listed = pa.table({"shard": pa.array(range(len(names)), pa.int64()), "name": pa.array(names, pa.string())})
    cursor.register("listed", listed)
    sql = """SELECT name, row FROM all_responses JOIN listed USING (shard) WHERE NOT current ORDER BY ALL"""
    return _write(cursor, path, "replaced", [sql])


def _write(
    cursor: duckdb.DuckDBPyConnection,
    path: Path,
    table: TableName,
    selects: list[str],
    values: list[tuple[str, ...]] | None = None,
) -> TableFile:
    """Write the rows of ``selects``, each with its parameters, which have the same columns, one after the other."""
    temp, rows = path / temp_name(f"aggregate-{table}.parquet"), 0
    writer: pq.ParquetWriter | None = None
    try:
        for sql, given in zip(selects, values or [()] * len(selects), strict=True):
            found = cursor.sql(sql, params=list(given)).to_arrow_table()
            writer = writer or pq.ParquetWriter(temp, found.schema, compression="zstd")
            writer.write_table(found, row_group_size=_ROW_GROUP)
            rows += found.num_rows
        if writer is not None:
            writer.close()
        return keep_table(path, table, temp, rows)
    finally:
        temp.unlink(missing_ok=True)


def _number(cursor: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = cursor.execute(sql).fetchall()
    return int(found[0][0])
