"""Shards that workers write for the process that runs an audit.

A worker writes under a number that only its attempt at a portion has. Its shards count once run.json lists them. So a
worker that was lost, and one that was only thought lost and goes on writing, can double nothing: whoever has the run
open for writing looks at what such a worker left, keeps the answers that the run lacks, and deletes the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import DataError
from core.store.files.cell_keys import Key, KeySet, packed
from core.store.files.mirror import mirror_of
from core.store.files.schema import Grain, to_table
from core.store.files.shards import ShardInfo, ShardName, read_shard, write_shard
from core.store.files.whole_files import TEMP_PREFIX, remove_file
from core.types import Response

_GRAIN: Grain = "responses"


def write_part(path: Path, number: int, rows: Sequence[Response]) -> dict[str, ShardInfo]:
    """Write ``rows`` as a shard of the attempt with ``number``; its name and entry. Raises :class:`DataError`."""
    return dict([write_shard(path, _GRAIN, number, to_table(rows), when_listed=True)])


def parts_of(path: Path, number: int) -> list[ShardName]:
    """The complete shards of the attempt with ``number``."""
    mirror = mirror_of(path.parent)
    if mirror is not None:
        mirror.pull(path.name)
    found = (ShardName.parse(file.name) for file in path.glob(f"{_GRAIN}-m{number:06d}-*.parquet"))
    return sorted(name for name in found if name)


def answered_keys(table: pa.Table) -> list[Key]:
    """Cell id and sample number of every row of ``table`` that is no error."""
    good = table.filter(pc.not_equal(table["outcome"], "error"))
    return list(zip(good["cell_id"].to_pylist(), good["sample"].to_pylist(), strict=True))


def kept_keys(path: Path, shards: Mapping[str, ShardInfo]) -> KeySet:
    """The cells that the listed shards of a run answer. One shard is in memory at a time.

    A shard that is damaged answers nothing: its cells are asked again, and ``runs verify`` reports it.
    """
    kept = KeySet()
    for name, listed in shards.items():
        parsed = ShardName.parse(name)
        if parsed is None or parsed.grain != _GRAIN:
            continue
        try:
            table, _ = read_shard(path / name, listed, light=True)
        except (DataError, FileNotFoundError):
            continue
        kept.add(packed(answered_keys(table)))
    return kept


def take_over(
    path: Path, shards: Mapping[str, ShardInfo], left: Iterable[ShardName], next_number: Callable[[], int]
) -> dict[str, ShardInfo]:
    """Entries for what the unlisted shards ``left`` hold that the listed ``shards`` lack; the rest is deleted.

    So what is left of a merge that was killed disappears, and what the workers of a killed process wrote is kept. A
    shard that is damaged stays where it is. Raises :class:`DataError` where the folder cannot be written.
    """
    found: dict[str, ShardInfo] = {}
    kept: KeySet | None = None
    for name in left:
        file = path / str(name)
        if name.grain != _GRAIN:
            remove_file(file)
            continue
        try:
            table, entry = read_shard(file)
        except DataError:
            continue
        kept = kept_keys(path, shards) if kept is None else kept
        new = _new_rows(table, kept)
        if new.num_rows == table.num_rows:
            found[str(name)] = entry
            continue
        if new.num_rows:
            made, entry = write_shard(path, _GRAIN, next_number(), new.replace_schema_metadata(None), when_listed=True)
            found[made] = entry
        remove_file(file)
    return found


def delete_halves(path: Path, number: int) -> None:
    """Delete what a lost worker left of a shard that it had begun to write."""
    for file in path.glob(f"{TEMP_PREFIX}*-{_GRAIN}-m{number:06d}-*"):
        file.unlink(missing_ok=True)


def _new_rows(table: pa.Table, kept: KeySet) -> pa.Table:
    """The answers of ``table`` that are not in ``kept``, which then holds them. Cells that failed are asked again."""
    every = packed(list(zip(table["cell_id"].to_pylist(), table["sample"].to_pylist(), strict=True)))
    good = np.asarray(pc.not_equal(table["outcome"], "error"))
    new = good & ~kept.has(every)
    kept.add(every[new])
    return table.filter(pa.array(new))
