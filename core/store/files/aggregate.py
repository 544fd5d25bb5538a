"""The aggregate of a large run: files beside its shards that hold its readings and counts in place of its answers.

``aggregate.json`` names the tables, immutable Parquet files with their hash in their names, and the shards that they
were made from. It counts only while the run has exactly these shards and the tables are as they were written.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from core.errors import DataError, said
from core.store.files.aggregate_checks import check_table
from core.store.files.scan import Snapshot
from core.store.files.shards import ShardInfo
from core.store.files.whole_files import place_file, remove_file, write_atomically
from core.types import Frozen, digest

AGGREGATE_FILE = "aggregate.json"
LONGEST_AGGREGATE_FILE = 64 * 2**20
_NAME = re.compile(r"aggregate-(readings|tallies|replaced)-[0-9a-f]{16}\.parquet")
_CHUNK = 2**22

TableName = Literal["readings", "tallies", "replaced"]
Mark = tuple[int, int]
"""When a file was written last, in nanoseconds, and its size in bytes."""


class TableFile(Frozen):
    """A file of an aggregate: its name, the SHA-256 of its content, and its number of rows."""

    name: str
    sha256: str
    rows: int


class Aggregate(Frozen):
    """The content of an ``aggregate.json``.

    ``shards`` is the digest of the names and hashes of the shards that it was made from, and ``sizes`` their sizes in
    bytes. ``answers`` are the rows that count, errors included. ``made_by`` tells the rules that it was made by: those
    of another version of Parallax or DuckDB may give other numbers. ``readings`` has the readings of the run,
    ``tallies`` its counts, and ``replaced`` the places of rows that were asked again.
    """

    made_by: str
    shards: str
    sizes: dict[str, int]
    answers: int
    readings: TableFile
    tallies: TableFile
    replaced: TableFile

    def file(self, folder: Path, table: TableName) -> Path:
        """Where a table is."""
        found: TableFile = getattr(self, table)
        return folder / found.name


def shards_digest(shards: Mapping[str, ShardInfo | None]) -> str:
    """A value that is the same only for the same shards with the same content, all of which run.json lists.

    A shard that is not listed yet is part of it as such, so that the value changes once it is.
    """
    return digest({name: None if entry is None else entry.sha256 for name, entry in shards.items()})


def rows_listed(snapshot: Snapshot) -> int:
    """Number of rows of a run by its run.json."""
    return sum(entry.rows for entry in snapshot.shards.values() if entry is not None)


def is_of_aggregate(name: str) -> bool:
    """Whether a file of a run folder belongs to an aggregate.

    >>> is_of_aggregate("aggregate.json"), is_of_aggregate("run.json")
    (True, False)
    """
    return name == AGGREGATE_FILE or _NAME.fullmatch(name) is not None


def fitting(folder: Path, snapshot: Snapshot, made_by: str, checked: dict[Path, Mark]) -> Aggregate | None:
    """The aggregate of the run in ``folder`` where it may stand for the present shards; ``None`` where there is none.

    ``checked`` holds the tables that were read and checked before; one that has not changed since is not read again.
    Raises :class:`DataError` where there is an aggregate that is damaged, or that was made from other shards or by
    other rules.
    """
    found = _read(folder)
    if found is None:
        return None
    run = snapshot.info.run_id
    if found.shards != shards_digest(snapshot.shards):
        raise DataError(said("aggregate_stale", run=run, n=found.answers, now=rows_listed(snapshot)))
    if found.made_by != made_by:
        raise DataError(said("aggregate_other_version", run=run))
    marks = {name: _mark(folder / name) for name in found.sizes}
    if any(mark is None or mark[1] != found.sizes[name] for name, mark in marks.items()):
        raise DataError(said("aggregate_shards", run=run))
    for name, table in (("readings", found.readings), ("tallies", found.tallies), ("replaced", found.replaced)):
        path = folder / table.name
        mark = _mark(path)
        if mark is not None and checked.get(path) == mark:
            continue
        if mark is None or not _NAME.fullmatch(table.name) or sha256_of(path) != table.sha256:
            raise DataError(said("aggregate_damaged", run=run, file=table.name))
        _check(name, path)
        checked[path] = mark
    return found


def _check(name: str, path: Path) -> None:
    try:
        check_table(name, path)
    except DataError as error:
        raise DataError(error.parts[0], said("hint_aggregate_unused", run=path.parent.name)) from error


def keep_table(folder: Path, table: TableName, temp: Path, rows: int) -> TableFile:
    """Give the complete file ``temp`` in ``folder`` its name as a table of an aggregate. Raises :class:`DataError`."""
    sha256 = sha256_of(temp)
    if sha256 is None:
        raise DataError(said("aggregate_damaged", run=folder.name, file=temp.name))
    found = TableFile(name=f"aggregate-{table}-{sha256[:16]}.parquet", sha256=sha256, rows=rows)
    place_file(temp, folder / found.name)
    return found


def keep_aggregate(folder: Path, made: Aggregate) -> None:
    """Make ``made`` the aggregate of the run, and delete the tables of the one before. Raises :class:`DataError`."""
    write_atomically(folder / AGGREGATE_FILE, made.model_dump_json(indent=1).encode())
    keep = {made.readings.name, made.tallies.name, made.replaced.name}
    for path in list(folder.iterdir()):
        if _NAME.fullmatch(path.name) and path.name not in keep:
            remove_file(path)


def sha256_of(path: Path) -> str | None:
    """The SHA-256 of the content of a file; ``None`` where it cannot be read."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while part := file.read(_CHUNK):
                found.update(part)
    except OSError:
        return None
    return found.hexdigest()


def _read(folder: Path) -> Aggregate | None:
    path = folder / AGGREGATE_FILE
    try:
        with path.open("rb") as file:
            return Aggregate.model_validate_json(file.read(LONGEST_AGGREGATE_FILE))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise DataError(said("aggregate_damaged", run=folder.name, file=AGGREGATE_FILE)) from error


def _mark(path: Path) -> Mark | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
