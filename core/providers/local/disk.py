"""Free space on a disk: checked before a large write, and recognised as the cause when a write fails."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from core.errors import Unreachable, said

_FULL = ("no space left", "disk quota exceeded", "not enough space on the disk", "errno 28")
_FULL_CODES = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
_ALMOST_NOTHING = 1_000_000


def disk_full(folder: Path, needed: int) -> Unreachable:
    """The error for a disk that lacks ``needed`` bytes where ``folder`` is."""
    return Unreachable(said("disk_model", size=needed / 1e9, folder=folder))


def require_room(folder: Path, needed: int) -> None:
    """Raise :class:`Unreachable` unless ``needed`` bytes are free on the disk of ``folder``."""
    if shutil.disk_usage(folder).free < needed:
        raise disk_full(folder, needed)


def says_full(text: str, folder: Path) -> bool:
    """Whether the output of a failed program, or the free space itself, says that the disk is full."""
    lowered = text.lower()
    return any(words in lowered for words in _FULL) or shutil.disk_usage(folder).free < _ALMOST_NOTHING


def is_full(error: OSError) -> bool:
    """Whether ``error`` means that the disk is full."""
    return error.errno in _FULL_CODES
