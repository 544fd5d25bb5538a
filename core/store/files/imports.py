"""Imports a run from a folder or a zip.

The content is checked in a temporary folder. The run appears among the others only when all of it has passed.
"""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import DataError, InputError, said
from core.store.files.aggregate import is_of_aggregate
from core.store.files.mirror import mirror_of
from core.store.files.run_info import RUN_FILE, RunInfo, parse_info, write_info
from core.store.files.run_title import TITLE_FILE, read_titled
from core.store.files.shards import ShardName, as_damage, read_shard
from core.store.files.whole_files import sync_folder, temp_name, write_error
from core.store.files.writer_lock import LOCK_FILE, SHOWN_FILE
from core.types import Frozen

_CHUNK = 2**20
_SKIPPED = (LOCK_FILE, SHOWN_FILE, ".DS_Store")


class Limits(Frozen):
    """The most that an import may contain. What is larger is refused before it fills the disk or the memory."""

    files: int = 20_000
    bytes: int = 2 * 2**30
    rows_a_shard: int = 5_000_000
    bytes_a_shard: int = 4 * 2**30


def import_run(source: Path, root: Path, limits: Limits | None = None) -> RunInfo:
    """Copy the run in ``source``, a folder or a zip, into ``root``; returns its run.json.

    Raises :class:`InputError` where ``source`` is no run, has unsafe paths, is too large or exists already, and
    :class:`DataError` where it is damaged or ``root`` cannot be written.
    """
    limits = limits or Limits()
    temp = root / temp_name("import")
    try:
        temp.mkdir(parents=True)
        try:
            if source.is_dir():
                _copy(temp, _folder_files(source), limits)
            elif zipfile.is_zipfile(source):
                with zipfile.ZipFile(source) as archive:
                    _copy(temp, _zip_files(archive), limits)
            else:
                raise InputError(said("import_not_a_run", file=source.name))
            info = _check(temp, limits)
            target = root / info.run_id
            mirror = mirror_of(root)
            if mirror is not None:
                mirror.pull(info.run_id)
            if target.exists():
                raise InputError(said("import_exists", run=info.run_id))
            temp.rename(target)
            sync_folder(root)
            if mirror is not None:
                mirror.push_folder(target)
        finally:
            shutil.rmtree(temp, ignore_errors=True)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise DataError(said("import_damaged", file=source.name, reason=error)) from error
    except OSError as error:
        raise write_error(root, error) from error
    return info


Opened = Iterator[tuple[str, IO[bytes]]]


def _copy(temp: Path, files: Opened, limits: Limits) -> None:
    count, room = 0, limits.bytes
    for name, source in files:
        if name in _SKIPPED or is_of_aggregate(name):  # an aggregate is made here, from shards that were checked
            continue
        if name not in (RUN_FILE, TITLE_FILE) and ShardName.parse(name) is None:
            raise InputError(said("import_stray", name=name))
        count += 1
        if count > limits.files:
            raise InputError(said("import_files", most=limits.files))
        if (temp / name).exists():
            raise InputError(said("import_twice", name=name))
        with (temp / name).open("xb") as out:
            # The bytes that are read count: the sizes that the archive states may be false.
            while chunk := source.read(_CHUNK):
                room -= len(chunk)
                if room < 0:
                    raise InputError(said("import_bytes", most=limits.bytes))
                out.write(chunk)


def _folder_files(source: Path) -> Opened:
    for path in sorted(source.iterdir()):
        if path.is_symlink() or not path.is_file():
            raise InputError(said("import_not_plain", file=path.name))
        with path.open("rb") as handle:
            yield path.name, handle


def _zip_files(archive: zipfile.ZipFile) -> Opened:
    top: set[str] = set()
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if (
            not path.name
            or path.is_absolute()
            or ".." in path.parts
            or "\\" in member.filename
            or ":" in member.filename
        ):
            raise InputError(said("import_outside", file=member.filename))
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(said("import_link", file=member.filename))
        if member.is_dir():
            continue
        top.add(str(path.parent))
        if len(path.parts) > 2 or len(top) > 1:
            raise InputError(said("import_folders"))
        with archive.open(member) as handle:
            yield path.name, handle


def _check(folder: Path, limits: Limits) -> RunInfo:
    try:
        info, problem = read_titled(folder)
    except FileNotFoundError:
        raise InputError(said("import_no_run_file")) from None
    if problem is not None:
        raise problem
    # The run.json that is written below has the title and note already.
    (folder / TITLE_FILE).unlink(missing_ok=True)
    shards = {}
    names = {path.name for path in folder.iterdir()} - {RUN_FILE}
    for name in sorted(names | info.shards.keys()):
        parsed = ShardName.parse(name)
        if parsed is None or name in info.retired or (parsed.when_listed and name not in info.shards):
            if name in info.shards:
                raise DataError(said("import_not_shard", name=name))
            (folder / name).unlink()
            continue
        _check_size(folder / name, limits)
        table, entry = read_shard(folder / name, info.shards.get(name))
        if pc.unique(table["run_id"]).to_pylist() not in ([info.run_id], []):
            raise DataError(said("shard_foreign", name=name))
        shards[name] = entry
    checked = parse_info(info.model_copy(update={"shards": shards, "retired": ()}).model_dump_json().encode())
    write_info(folder, checked)
    return checked


def _check_size(path: Path, limits: Limits) -> None:
    """Refuse a shard that is small on the disk and too large in memory."""
    if not path.exists():
        raise DataError(said("shard_missing", file=path.name))
    with as_damage(path):
        with pq.ParquetFile(path) as file:
            texts = [f.name for f in file.schema_arrow if pa.types.is_string(f.type)]
            if file.metadata.num_rows > limits.rows_a_shard:
                raise InputError(said("shard_rows", file=path.name, most=limits.rows_a_shard))
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            room = limits.bytes_a_shard
            for batch in file.iter_batches(batch_size=10_000):
                room -= sum(map(_unpacked, batch.columns))
                if room < 0:
                    raise InputError(said("shard_bytes", file=path.name, most=limits.bytes_a_shard))


def _unpacked(column: pa.Array) -> int:
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = pc.binary_length(column.dictionary).take(column.indices)
    return int(pc.sum(lengths, min_count=0).as_py())
