"""Merges the many small shards of a finished run into few.

First the merged shards are written, then a run.json that lists them and retires the old ones, then the old files are
deleted. A run whose compaction was killed at any point reads the same: merged shards count only once they are listed,
and retired shards no longer count.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from core.errors import DataError, InputError, said
from core.store.files.kinds import OPEN_KINDS
from core.store.files.run_folder import RunFolder
from core.store.files.schema import GRAINS, Grain
from core.store.files.shards import ShardInfo, ShardName, read_shard, write_shard
from core.store.files.status import FINISHED
from core.store.files.whole_files import remove_file

ROWS_A_SHARD = 50_000


def compact(path: Path, rows_a_shard: int = ROWS_A_SHARD) -> int:
    """Merge the shards of the run in ``path``; returns by how many files their number has fallen.

    Raises :class:`InputError` where the run is not finished or is being written, and :class:`DataError` where one of
    its shards is damaged. Nothing has changed then.
    """
    with RunFolder.open(path) as folder:
        if folder.info.status not in FINISHED and folder.info.kind not in OPEN_KINDS:
            raise InputError(said("run_unfinished", run=path.name))
        old = folder.info.shards
        merged: dict[str, ShardInfo] = {}
        try:
            for grain in GRAINS:
                for table in _portions(path, grain, old, rows_a_shard):
                    name, entry = write_shard(path, grain, folder.next_number(), table, when_listed=True)
                    merged[name] = entry
                    if read_shard(path / name, entry)[0].num_rows != table.num_rows:
                        raise DataError(said("shard_differs", name=name))
            saved = len(old) - len(merged)
            if saved > 0:
                folder.replace_shards(merged)
        finally:
            for name in merged.keys() - folder.info.shards.keys():
                remove_file(path / name)
    return max(saved, 0)


def _portions(path: Path, grain: Grain, shards: dict[str, ShardInfo], rows: int) -> Iterator[pa.Table]:
    """The rows of ``grain`` in the order of writing, in tables of ``rows`` rows or a few more."""
    waiting: list[pa.Table] = []
    named = {name: ShardName.parse(name) for name in shards}
    for name in sorted((n for n, parsed in named.items() if parsed and parsed.grain == grain), key=_number):
        try:
            table, _ = read_shard(path / name, shards[name])
        except FileNotFoundError as error:
            raise DataError(said("shard_gone", name=name)) from error
        waiting.append(table.replace_schema_metadata(None))
        if sum(part.num_rows for part in waiting) >= rows:
            yield pa.concat_tables(waiting)
            waiting = []
    if waiting:
        yield pa.concat_tables(waiting)


def _number(name: str) -> int:
    parsed = ShardName.parse(name)
    return parsed.number if parsed else 0
