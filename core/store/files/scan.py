"""Finds and reads run folders without changing them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

from core.errors import DataError, said
from core.store.files.mirror import mirror_of
from core.store.files.run_info import RUN_FILE, RunInfo
from core.store.files.run_title import read_titled
from core.store.files.shards import ShardInfo, ShardName

# File systems note times in steps of up to two seconds, so a folder that has just changed may change again with the
# same time.
_YOUNG_S = 2.5

Fingerprint = tuple[int, ...]


class Snapshot(NamedTuple):
    """The content of a run folder.

    ``shards`` are in row order; the value is ``None`` for a shard that run.json does not list yet. ``problem`` is the
    error of what could not be read.
    """

    info: RunInfo
    shards: dict[str, ShardInfo | None]
    problem: DataError | None = None


def folders(root: Path) -> list[Path]:
    """The folders in ``root`` that may be runs, by name; none where ``root`` does not exist.

    Where ``root`` mirrors an object store, what is new there is fetched first. Raises :class:`DataError` where ``root``
    cannot be listed.
    """
    mirror = mirror_of(root)
    if mirror is not None:
        mirror.pull()
    try:
        return sorted(path for path in root.iterdir() if not path.name.startswith(".") and path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DataError(said("folder_unlisted", root=root, reason=error.strerror or error)) from error


def fingerprint(path: Path) -> Fingerprint | None:
    """A value that changes whenever a shard or the run.json of ``path`` changes.

    ``None`` where the folder changed so lately that a further change might not be seen.
    """
    stamps: list[int] = []
    for file in (path, path / RUN_FILE):
        try:
            found = file.stat()
        except OSError:
            stamps.append(-1)
            continue
        if abs(time.time() - found.st_mtime) < _YOUNG_S:
            return None
        stamps += [found.st_mtime_ns, found.st_size, found.st_ino]
    return tuple(stamps)


def look(path: Path) -> Snapshot:
    """The present content of ``path``. Raises :class:`DataError` where it is no run that this version can read."""
    try:
        info, problem = read_titled(path)
    except FileNotFoundError:
        raise DataError(said("folder_no_run_file")) from None
    if info.run_id != path.name:
        raise DataError(said("folder_name", folder=path.name, run=info.run_id))
    shards: dict[str, ShardInfo | None] = dict(info.shards)
    try:
        present = [file.name for file in path.iterdir()]
    except OSError as error:
        raise DataError(said("run_folder_unlisted", reason=error.strerror or error)) from error
    for name in present:
        parsed = ShardName.parse(name)
        if parsed and not parsed.when_listed and name not in info.retired:
            shards.setdefault(name, None)
    return Snapshot(info, {name: shards[name] for name in sorted(shards, key=_position)}, problem)


def _position(name: str) -> tuple[int, str]:
    parsed = ShardName.parse(name)
    return (parsed.number if parsed else 0, name)
