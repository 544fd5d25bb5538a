"""Runs that are open through their aggregates: their counts are in memory, their readings and answers in their files.

The view ``aggregated`` has their readings, and ``every_response`` all stored answers, those of their shards included.
Both read Parquet files when they are queried.
"""

# Only fixed names, quoted paths and ids of runs, which are plain names, are put into SQL texts.
# ruff: noqa: S608

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import duckdb

from core.errors import DataError, said
from core.settings import settings
from core.store.files.aggregate import Aggregate, Mark, fitting, rows_listed, sha256_of
from core.store.files.kinds import READ_KINDS
from core.store.files.scan import Snapshot
from core.store.files.shards import ShardName
from core.store.files.writer_lock import is_being_written
from core.store.index import tallies
from core.store.index.loaded import Loaded
from core.store.index.question_key import QUESTION_KEY
from core.store.index.reading_sql import LEAST_MASS, MAKE, READING_COLUMNS, READING_KEY, TOLD
from core.store.index.tables import DATABASE, light_columns, quoted
from core.types import digest

NEVER = sys.maxsize
"""A number of answers that no run has: every run is read in full."""

_FORM = 1
_TABLES = (
    "CREATE TABLE aggregate_shards (run_id VARCHAR, file VARCHAR, shard BIGINT, seq BIGINT)",
    "CREATE TABLE replaced (run_id VARCHAR, shard BIGINT, row BIGINT)",
)
_STORED = f"{DATABASE}.main"
_LIGHT = light_columns("responses")
_OWN = ", ".join(("shard", "seq", "row", "current", *_LIGHT, "reading_key"))
_READINGS = ", ".join(READING_COLUMNS)


def made_by() -> str:
    """The rules that aggregates are made by here. Hashes of DuckDB may differ between its versions."""
    rules = (MAKE, READING_KEY, QUESTION_KEY, TOLD, LEAST_MASS, tallies.MAKE_TALLIES)
    return digest([_FORM, duckdb.__version__, *rules], 16)


class Aggregates:
    """Decides which runs are opened through their aggregates: those with more than ``above`` answers that have one.

    Without ``above`` the settings say how many. The runs ``in_full`` are not opened so while they are being written.
    """

    def __init__(self, above: int | None) -> None:
        self._above = settings().aggregate_above if above is None else above
        self.in_full: set[str] = set()
        self._checked: set[str] = set()
        self._tables: dict[Path, Mark] = {}

    def is_released(self, path: Path) -> bool:
        """Whether the run in ``path`` was written by this process and is so no longer."""
        return path.name in self.in_full and not is_being_written(path)

    def wanted(self, path: Path, snapshot: Snapshot, run: Loaded, problems: list[DataError]) -> Aggregate | None:
        """The aggregate that ``run`` is opened through; ``None`` where all its answers are read.

        Why an aggregate is not used although there is one is added to ``problems``.
        """
        if self.is_released(path):
            self.in_full.discard(path.name)
        if snapshot.info.kind not in READ_KINDS or rows_listed(snapshot) <= self._above:
            return None
        if run.unsaved or path.name in self.in_full:
            return None
        try:
            return fitting(path, snapshot, made_by(), self._tables)
        except DataError as error:
            problems.append(error)
            return None

    def opened(self, runs: Iterable[Loaded]) -> list[Loaded]:
        """Those of ``runs`` that are open through their aggregates, whose shards are as they were written.

        They are checked once. Raises :class:`DataError` where one is not.
        """
        found = [run for run in runs if run.aggregate]
        for run in found:
            if run.path is None or run.aggregate is None or run.aggregate.shards in self._checked:
                continue
            for name in run.shards:
                entry = run.info.shards.get(name)
                if entry is None or sha256_of(run.path / name) != entry.sha256:
                    raise DataError(said("shard_hash", file=name))
            self._checked.add(run.aggregate.shards)
        return found


def create(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the tables and views, which are empty."""
    for sql in _TABLES:
        cursor.execute(sql)
    show(cursor, ())


def put(cursor: duckdb.DuckDBPyConnection, run: Loaded) -> None:
    """Add the counts of a run that is open through its aggregate, and the places of its shards."""
    if run.path is None or run.aggregate is None:
        return
    name = run.info.run_id
    named = {file: ShardName.parse(file) for file in run.shards}
    cursor.executemany(
        "INSERT INTO aggregate_shards VALUES (?, ?, ?, ?)",
        [[name, str(run.path / file), run.shards[file], parsed.number] for file, parsed in named.items() if parsed],
    )
    columns = ", ".join(tallies.COLUMNS)
    cursor.execute(
        f"INSERT INTO stored_tallies SELECT {columns} FROM {_parquet(run.aggregate.file(run.path, 'tallies'))}"
    )
    cursor.execute(
        f"""INSERT INTO replaced SELECT s.run_id, s.shard, r.row
        FROM {_parquet(run.aggregate.file(run.path, "replaced"))} AS r
        JOIN aggregate_shards AS s ON s.run_id = ? AND s.file = ? || r.name""",
        [name, str(run.path / "_")[:-1]],
    )


def drop(cursor: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Delete what :func:`put` added for a run."""
    for table in ("stored_tallies", "aggregate_shards", "replaced"):
        cursor.execute(f"DELETE FROM {table} WHERE run_id = ?", [run_id])


def show(cursor: duckdb.DuckDBPyConnection, runs: Iterable[Loaded]) -> None:
    """Let the views read the files of those of ``runs`` that are open through their aggregates."""
    opened = [run for run in runs if run.aggregate]
    readings = [f"SELECT {_READINGS}, NULL::VARCHAR AS provider FROM readings WHERE false"]
    for run in opened:
        if run.path and run.aggregate:
            names = _columns(READING_COLUMNS, run)
            readings.append(f"SELECT {names}, provider FROM {_parquet(run.aggregate.file(run.path, 'readings'))}")
    cursor.execute(f"CREATE OR REPLACE VIEW aggregated AS {' UNION ALL '.join(readings)}")
    cursor.execute(f"CREATE OR REPLACE VIEW every_response AS {_every_response(opened)}")


def show_every_row(cursor: duckdb.DuckDBPyConnection, opened: Iterable[Loaded]) -> None:
    """Let ``cursor`` alone find the answers of the runs ``opened`` among all answers in memory."""
    runs = list(opened)
    names = ", ".join(quoted(run.info.run_id) for run in runs)
    # Names of a temporary view come first, in the views over these tables too.
    cursor.execute(f"CREATE TEMP VIEW all_responses AS {_every_response(runs)}")
    # These answers are now counted as rows.
    cursor.execute(f"CREATE TEMP VIEW stored_tallies AS FROM {_STORED}.stored_tallies WHERE run_id NOT IN ({names})")


def _every_response(opened: Iterable[Loaded]) -> str:
    return " UNION ALL ".join([f"SELECT {_OWN} FROM {_STORED}.all_responses", *map(_answers, opened)])


def _columns(names: Iterable[str], run: Loaded) -> str:
    """Columns to select from a file of ``run``."""
    of = {"run_id": f"{quoted(run.info.run_id)} AS run_id"}
    return ", ".join(of.get(name, name) for name in names)


def _answers(run: Loaded) -> str:
    """SQL for the answers of a run in its shards, with the columns of ``all_responses``."""
    files = ", ".join(quoted(run.path / name) for name in run.shards) if run.path else ""
    # DuckDB would turn a time with a zone into local time.
    light = _columns([name for name in _LIGHT if name != "created"], run)
    return f"""
    SELECT {_OWN} FROM (
        SELECT {light}, make_timestamp(epoch_us(created)) AS created, s.shard, s.seq, file_row_number AS row,
            r.row IS NULL AS current, {READING_KEY} AS reading_key
        FROM read_parquet([{files}], filename = true, file_row_number = true) AS f
        JOIN {_STORED}.aggregate_shards AS s ON s.file = filename
        LEFT JOIN {_STORED}.replaced AS r ON r.shard = s.shard AND r.row = file_row_number
    )
    """


def _parquet(path: Path) -> str:
    return f"read_parquet({quoted(path)})"
