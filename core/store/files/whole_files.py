"""Writes files so that a reader sees the old content or the new, never a part."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path

from core.errors import DataError, said
from core.store.files.mirror import mirror_of

TEMP_PREFIX = ".tmp-"

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_error(path: Path, error: OSError) -> DataError:
    """The error for a file that could not be written, with what the user can do."""
    if error.errno in _FULL:
        return DataError(said("disk_full", file=path.name))
    return DataError(said("not_written", file=path.name, reason=error.strerror or error))


def remove_file(path: Path) -> None:
    """Delete a file of a run, also from the object store that its folder mirrors; it may be gone already."""
    path.unlink(missing_ok=True)
    mirror = mirror_of(path.parent.parent)
    if mirror is not None:
        mirror.remove(path)


def sync_folder(folder: Path) -> None:
    """Flush the entries of ``folder`` to the disk, so that renames survive a power cut, on systems that can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def temp_name(name: str) -> str:
    """A name for a temporary file or folder beside ``name``; readers ignore such names."""
    return f"{TEMP_PREFIX}{secrets.token_hex(4)}-{name}"


def place_file(temp: Path, path: Path) -> None:
    """Flush the complete file ``temp`` to the disk and rename it to ``path``. Raises :class:`DataError`.

    Where the folder mirrors an object store, the file is stored there too before the call returns.
    """
    try:
        with temp.open("rb+") as file:
            os.fsync(file.fileno())
        temp.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(path, error) from error
    mirror = mirror_of(path.parent.parent)
    if mirror is not None:
        mirror.push(path, path.read_bytes())


def write_atomically(path: Path, data: bytes) -> None:
    """Write ``data`` to a temporary file, flush it to the disk and rename it to ``path``. Raises :class:`DataError`.

    Where the folder mirrors an object store, the file is stored there too before the call returns.
    """
    temp = path.with_name(temp_name(path.name))
    try:
        try:
            with temp.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            temp.replace(path)
            sync_folder(path.parent)
        finally:
            temp.unlink(missing_ok=True)
    except OSError as error:
        raise write_error(path, error) from error
    mirror = mirror_of(path.parent.parent)
    if mirror is not None and not path.parent.name.startswith(TEMP_PREFIX):
        mirror.push(path, data)
