"""Shards: immutable Parquet files whose names have their grain, number and hash.

``responses-000003-0123456789abcdef.parquet`` is the third shard of responses; the SHA-256 of its content begins with
these digits. So a complete shard that run.json does not list yet can be told from a damaged one, and is read. A shard
with an ``m`` before its number counts only once run.json lists it. Such are merged shards, because those that they
replace count until then, and shards that a worker wrote for the process that runs the audit
(:mod:`core.store.files.worker_shards`), because the same cells may be asked again where the worker is lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import DataError, ParallaxError, said
from core.store.files.schema import HEAVY, SCHEMAS, Grain, conform, migrate_table, needs_no_change, stamp
from core.store.files.value_checks import check_values
from core.store.files.whole_files import write_atomically
from core.types import Frozen

ROW_GROUP = 1_000

_NAME = re.compile(r"(responses|trace_steps)-(m?)([0-9]{6,9})-([0-9a-f]{16})\.parquet")


class ShardInfo(Frozen):
    """The entry of a shard in run.json."""

    sha256: str
    rows: int
    grain: Grain


class ShardName(NamedTuple):
    """The parts of the name of a shard. ``when_listed`` marks one that counts only once run.json lists it."""

    grain: Grain
    when_listed: bool
    number: int
    prefix: str

    @classmethod
    def parse(cls, name: str) -> ShardName | None:
        """The parts of ``name``; ``None`` where it is not the name of a shard."""
        found = _NAME.fullmatch(name)
        if not found:
            return None
        grain, mark, number, prefix = found.groups()
        return cls(cast(Grain, grain), mark == "m", int(number), prefix)

    def __str__(self) -> str:
        return f"{self.grain}-{'m' if self.when_listed else ''}{self.number:06d}-{self.prefix}.parquet"


def write_shard(
    folder: Path, grain: Grain, number: int, table: pa.Table, when_listed: bool = False
) -> tuple[str, ShardInfo]:
    """Write ``table`` as a new shard; returns its name and its entry for run.json. Raises :class:`DataError`.

    With ``when_listed`` it counts only once run.json lists it.
    """
    sink = pa.BufferOutputStream()
    pq.write_table(stamp(table), sink, compression="zstd", row_group_size=ROW_GROUP)
    data = sink.getvalue().to_pybytes()
    sha256 = hashlib.sha256(data).hexdigest()
    name = str(ShardName(grain, when_listed, number, sha256[:16]))
    write_atomically(folder / name, data)
    return name, ShardInfo(sha256=sha256, rows=table.num_rows, grain=grain)


@contextmanager
def as_damage(path: Path) -> Iterator[None]:
    """Whatever the Parquet reader raises of the content of ``path``, as a :class:`DataError` that names the shard.

    A footer may be damaged although the hash matches: whoever made it gave a damaged file its hash. The reader then
    raises errors of many kinds (of Arrow, of the system, of text that is none, of memory that no machine has); each
    concerns this file alone. A file that is gone is told as ``FileNotFoundError``.
    """
    try:
        yield
    except (ParallaxError, FileNotFoundError):
        raise
    except Exception as error:
        reason = str(error).strip() or type(error).__name__
        raise DataError(said("shard_not_parquet", file=path.name, reason=reason)) from error


def read_shard(path: Path, listed: ShardInfo | None = None, light: bool = False) -> tuple[pa.Table, ShardInfo]:
    """All rows of a shard in the present schema, after its hash was verified. ``light`` leaves out long columns.

    ``listed`` is its entry in run.json; without one the hash in the name is verified. Raises :class:`DataError` where
    the content is not what was written, and ``FileNotFoundError`` where there is no such file.
    """
    name = ShardName.parse(path.name)
    if name is None:
        raise DataError(said("shard_name", file=path.name))
    data = _bytes(path)
    sha256 = hashlib.sha256(data).hexdigest()
    if not sha256.startswith(name.prefix) or (listed is not None and sha256 != listed.sha256):
        raise DataError(said("shard_hash", file=path.name))
    with as_damage(path):
        table = _read(name.grain, pa.BufferReader(data), light)
        if listed is not None and (table.num_rows != listed.rows or name.grain != listed.grain):
            raise DataError(said("shard_not_listed", file=path.name))
        check_values(name.grain, table)
    return table, ShardInfo(sha256=sha256, rows=table.num_rows, grain=name.grain)


def read_rows(path: Path, rows: Sequence[int]) -> pa.Table:
    """The rows at positions ``rows`` of a shard, in that order. Only the row groups that contain them are read."""
    name = ShardName.parse(path.name)
    if name is None:
        raise DataError(said("shard_name", file=path.name))
    with as_damage(path), pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        starts, total, groups, where = [], 0, [], {}
        for size in sizes:
            starts.append(total)
            total += size
        wanted, offset = set(rows), 0
        for group, (start, size) in enumerate(zip(starts, sizes, strict=True)):
            inside = wanted.intersection(range(start, start + size))
            if inside:
                groups.append(group)
                where.update({row: offset + row - start for row in inside})
                offset += size
        table = file.read_row_groups(groups, use_threads=False)
    return migrate_table(name.grain, table).take([where[row] for row in rows])


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DataError(said("shard_unreadable", file=path.name, reason=error.strerror or error)) from error


def _read(grain: Grain, source: pa.BufferReader, light: bool) -> pa.Table:
    file = pq.ParquetFile(source)
    heavy = HEAVY[grain] if light else ()
    if heavy and needs_no_change(grain, file.schema_arrow):
        conform(grain, file.schema_arrow.empty_table())
        keep = [name for name in SCHEMAS[grain].names if name not in heavy]
        return file.read(columns=keep)
    return migrate_table(grain, file.read()).drop_columns(list(heavy))
