"""Writes run folders. One process writes a folder at a time; readers need no lock."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from core.errors import DataError, InputError, said
from core.store.files.mirror import mirror_of
from core.store.files.run_info import RUN_FILE, RunInfo, write_info
from core.store.files.run_title import TITLE_FILE, read_titled, write_title
from core.store.files.schema import Grain, Row, grain_of, to_table
from core.store.files.shards import ShardInfo, ShardName, read_shard, write_shard
from core.store.files.whole_files import TEMP_PREFIX, remove_file, sync_folder, temp_name, write_error
from core.store.files.worker_shards import take_over
from core.store.files.writer_lock import WriterLock

# Far longer than a title takes to write. What a killed process left behind is deleted after that time.
_TITLE_BEING_WRITTEN_S = 600


class RunFolder:
    """A run folder that this process alone may write, from :meth:`create` or :meth:`open` until :meth:`close`.

    Safe to use from several threads. Rows that could not be written are kept in memory and written with the next
    append.
    """

    def __init__(self, path: Path, info: RunInfo, writer_lock: WriterLock) -> None:
        self.path = path
        self._info = info
        self._writer_lock = writer_lock
        self._lock = threading.RLock()
        self._pending: dict[Grain, list[pa.Table]] = {}
        self._number = max((name.number for name in _shard_names(path)), default=0)

    @classmethod
    def create(cls, root: Path, info: RunInfo) -> Self:
        """Make the folder of a new run in ``root``. It appears together with its run.json.

        Raises :class:`InputError` where the run exists and :class:`DataError` where ``root`` cannot be written.
        """
        path = root / info.run_id
        mirror = mirror_of(root)
        if mirror is not None:
            mirror.pull(info.run_id)
        temp = root / temp_name(info.run_id)
        if path.exists():
            raise InputError(said("run_exists", run=info.run_id))
        try:
            temp.mkdir(parents=True)
            try:
                write_info(temp, info)
                temp.rename(path)
                sync_folder(root)
                if mirror is not None:
                    mirror.push_folder(path)
            finally:
                shutil.rmtree(temp, ignore_errors=True)
        except OSError as error:
            if path.exists():
                raise InputError(said("run_exists", run=info.run_id)) from error
            raise write_error(path, error) from error
        return cls(path, info, _lock_for_writing(path))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an existing run to write to it. Shards that a killed writer completed are listed in run.json, as are
        the new answers in shards of its workers, and the temporary files that it left are deleted.

        Raises :class:`InputError` where another writer has it open and :class:`DataError` where it is damaged.
        """
        writer_lock = _lock_for_writing(path)
        try:
            folder = cls(path, _info_of(path), writer_lock)
            folder._tidy()
        except BaseException:
            writer_lock.release()
            raise
        return folder

    @property
    def info(self) -> RunInfo:
        """The run.json as it was last written."""
        with self._lock:
            return self._info

    @property
    def unsaved(self) -> int:
        """Number of rows that are in memory because they could not be written."""
        with self._lock:
            return sum(table.num_rows for tables in self._pending.values() for table in tables)

    def append(self, rows: Sequence[Row]) -> str:
        """Write ``rows``, all of one grain, as a new shard and return its name.

        Rows that an earlier append could not write go into the same shard. Raises :class:`InputError` for rows of
        another run and :class:`DataError` where the shard could not be written; the rows then wait for the next call.
        """
        grain = grain_of(rows)
        with self._lock:
            if any(row.run_id != self._info.run_id for row in rows):
                raise InputError(said("rows_of_another", run=self._info.run_id))
            self._pending.setdefault(grain, []).append(to_table(rows))
            return self._flush(grain)

    def flush(self) -> None:
        """Write the rows that an append could not write. Raises :class:`DataError` where that fails again."""
        with self._lock:
            for grain in list(self._pending):
                self._flush(grain)

    def update(self, **changes: Any) -> RunInfo:
        """Change fields of run.json, such as status, finished, counts, cost_usd and models; returns the new run.json.

        A title or note is written to its own file too. Raises :class:`InputError` for fields that identify the run or
        its shards, and :class:`DataError` where the folder cannot be written.
        """
        fixed = {"run_id", "schema_version", "shards", "retired"} & set(changes)
        if fixed:
            raise InputError(said("run_fields_fixed", names=", ".join(sorted(fixed))))
        with self._lock:
            named = {name: changes[name] for name in ("title", "note") if name in changes}
            if named:
                write_title(self.path, **named)
            return self._write(RunInfo.model_validate({**self._info.model_dump(), **changes}))

    def replace_shards(self, merged: dict[str, ShardInfo]) -> None:
        """List ``merged`` in place of all shards that are listed now, then delete the old files."""
        with self._lock:
            old = tuple(name for name in self._info.shards if name not in merged)
            self._write(self._info.model_copy(update={"shards": merged, "retired": old}))
            self._tidy()

    def commit(self, entries: Mapping[str, ShardInfo], **changes: Any) -> RunInfo:
        """List shards that workers wrote, and change other fields of run.json with them, in one write.

        Raises :class:`DataError` where the folder cannot be written.
        """
        with self._lock:
            listed = RunInfo.model_validate({**self._info.model_dump(), **changes, "shards": self._info.shards})
            return self._write(listed.model_copy(update={"shards": {**self._info.shards, **entries}}))

    def next_number(self) -> int:
        """A shard number that is not in use. Rows in shards of higher numbers were written later."""
        with self._lock:
            self._number += 1
            return self._number

    def close(self) -> None:
        """Release the lock. Rows that could not be written until now are lost."""
        self._writer_lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def _flush(self, grain: Grain) -> str:
        name, entry = write_shard(self.path, grain, self.next_number(), pa.concat_tables(self._pending[grain]))
        del self._pending[grain]
        # If the next write fails, readers still find the shard and verify it by the hash in its name.
        self._info = self._info.model_copy(update={"shards": {**self._info.shards, name: entry}})
        self._write(self._info)
        return name

    def _write(self, info: RunInfo) -> RunInfo:
        write_info(self.path, info)
        self._info = info
        return info

    def _tidy(self) -> None:
        shards = dict(self._info.shards)
        left: list[ShardName] = []
        for name in _shard_names(self.path):
            path = self.path / str(name)
            if str(name) in self._info.retired:
                remove_file(path)
            elif name.when_listed:
                if str(name) not in shards:
                    left.append(name)
            elif str(name) not in shards:
                try:
                    shards[str(name)] = read_shard(path)[1]
                except DataError:
                    # It stays unlisted where it is, and readers report it.
                    continue
        for temp in self.path.glob(f"{TEMP_PREFIX}*"):
            if not _is_being_written(temp):
                temp.unlink(missing_ok=True)
        if left:
            shards |= take_over(self.path, shards, left, self.next_number)
        if shards != self._info.shards or self._info.retired:
            self._write(self._info.model_copy(update={"shards": shards, "retired": ()}))


def delete_run(path: Path) -> None:
    """Delete a run folder.

    Raises :class:`InputError` where it is being written and :class:`DataError` where the system denies it.
    """
    _info_of(path)
    _lock_for_writing(path).release()
    gone = path.with_name(temp_name(path.name))
    try:
        path.rename(gone)
        shutil.rmtree(gone)
    except OSError as error:
        raise write_error(path, error) from error
    mirror = mirror_of(path.parent)
    if mirror is not None:
        mirror.remove(path)


def _is_being_written(temp: Path) -> bool:
    """Whether another process may be writing ``temp``: a title needs no lock."""
    if not temp.name.endswith(f"-{TITLE_FILE}"):
        return False
    try:
        return abs(time.time() - temp.stat().st_mtime) < _TITLE_BEING_WRITTEN_S
    except FileNotFoundError:
        return False


def _lock_for_writing(path: Path) -> WriterLock:
    mirror = mirror_of(path.parent)
    if mirror is not None and not (path / RUN_FILE).is_file():
        mirror.pull(path.name)
    if not (path / RUN_FILE).is_file():
        raise InputError(said("no_run", run=path.name))
    return WriterLock(path)


def _info_of(path: Path) -> RunInfo:
    info, _ = read_titled(path)
    if info.run_id != path.name:
        raise DataError(said("folder_name", folder=path.name, run=info.run_id))
    return info


def _shard_names(path: Path) -> list[ShardName]:
    return sorted(name for name in map(ShardName.parse, (p.name for p in path.iterdir())) if name)
