"""Keeps frames that were computed from runs in a folder, so that the next process need not compute them again.

The name of a file is a digest of everything that its frames depend on (:func:`kept_name`), so a file never becomes
wrong. When the folder is full, the files that were not read for the longest time are deleted. Frames are stored as
Arrow files in a zip, which hold data and no code; so a file that another user has written cannot run anything.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa
from pandas.testing import assert_frame_equal
from pyarrow import feather

from core.once import once
from core.settings import DATA
from core.types import digest

Frames: TypeAlias = "pd.DataFrame | Mapping[str, Frames]"
"""One frame, or frames by name, nested to any depth."""

MOST_BYTES = 100_000_000
_LIBRARIES = ("numpy", "pandas", "scipy", "pyarrow", "duckdb")
_ENDING = ".frames"
_CORE = Path(__file__).resolve().parent


def kept_name(what: str, depends_on: Any) -> str:
    """The name under which the frames ``what`` are kept.

    It changes with ``depends_on`` (anything that JSON can express), with the code, with the shipped data other than
    runs, and with the libraries that compute.
    """
    return digest([what, depends_on, _code(), _data(), _libraries()], 40)


def code_of(folder: Path) -> str:
    """A digest of all Python files below ``folder``."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return found.hexdigest()


@once
def _code() -> str:
    return code_of(_CORE)


@once
def _data() -> list[tuple[str, int, int]]:
    """Names, sizes and times of all shipped files other than runs, which are known by their shards."""
    found = []
    for path in sorted(DATA.rglob("*")):
        name = path.relative_to(DATA)
        if name.parts[0] != "runs" and path.is_file():
            about = path.stat()
            found.append((str(name), about.st_size, about.st_mtime_ns))
    return found


@once
def _libraries() -> list[str]:
    return [f"{name} {version(name)}" for name in _LIBRARIES]


class KeptFrames:
    """The folder ``path`` of kept frames, of at most ``most`` bytes. Safe to use from threads and processes at once."""

    def __init__(self, path: Path, most: int = MOST_BYTES) -> None:
        self._path, self._most = path, most

    def get(self, name: str) -> Frames | None:
        """The frames kept as ``name``; ``None`` where there are none or they are damaged."""
        path = self._path / f"{name}{_ENDING}"
        try:
            raw = path.read_bytes()
            path.touch()  # the files that were not read for the longest time are deleted first
        except OSError:
            return None
        try:
            return _read(raw)
        except (zipfile.BadZipFile, pa.ArrowException, ValueError, KeyError, EOFError) as error:
            logging.getLogger(__name__).warning("%s is damaged and is computed again: %s", path.name, error)
            path.unlink(missing_ok=True)
            return None

    def put(self, name: str, frames: Frames) -> bool:
        """Keep ``frames`` as ``name``.

        Returns False where they would not be read back exactly as they are, or where the folder cannot be written.
        """
        try:
            raw = _written(frames)
            _same(frames, _read(raw))
        except (AssertionError, TypeError, ValueError, pa.ArrowException) as error:
            logging.getLogger(__name__).info(
                "frames are not kept, since they would not come back the same: %s", str(error)[:200]
            )
            return False
        part = self._path / f"{name}.{uuid.uuid4().hex[:8]}.part"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            part.write_bytes(raw)
            part.replace(self._path / f"{name}{_ENDING}")
            self._make_room()
        except OSError as error:
            logging.getLogger(__name__).info("frames are not kept: %s", error)
            return False
        finally:
            if part.exists():
                part.unlink(missing_ok=True)
        return True

    def _make_room(self) -> None:
        found = []
        for path in self._path.glob(f"*{_ENDING}"):
            try:
                about = path.stat()
            except FileNotFoundError:  # another process has deleted it already
                continue
            found.append((about.st_mtime_ns, about.st_size, path))
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if total <= self._most:
                break
            path.unlink(missing_ok=True)
            total -= size


def _flat(frames: Frames, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], pd.DataFrame | None]]:
    """The frames, each with the names that lead to it; ``None`` stands for an empty mapping."""
    if isinstance(frames, pd.DataFrame) or not frames:
        yield way, frames if isinstance(frames, pd.DataFrame) else None
        return
    for name, part in frames.items():
        yield from _flat(part, (*way, name))


def _written(frames: Frames) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as file:
        for way, frame in _flat(frames):
            part = io.BytesIO()
            if frame is not None:
                feather.write_feather(pa.Table.from_pandas(frame), part, compression="lz4")
            file.writestr(json.dumps([way, [] if frame is None else _of_tuples(frame)]), part.getvalue())
    return raw.getvalue()


def _read(raw: bytes) -> Frames:
    root: dict[str, Any] = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        for name in file.namelist():
            (way, of_tuples), part = json.loads(name), file.read(name)
            frame: Any = _frame(part, of_tuples) if part else {}
            if not way:
                return frame  # type: ignore[no-any-return]
            at = root
            for step in way[:-1]:
                at = at.setdefault(step, {})
            at[way[-1]] = frame
    return root


def _of_tuples(frame: pd.DataFrame) -> list[str]:
    """Columns that contain tuples, which Arrow would return as arrays."""
    objects = [name for name, column in frame.items() if column.dtype == object]
    return [str(name) for name in objects if any(isinstance(cell, tuple) for cell in frame[name])]


def _frame(part: bytes, of_tuples: list[str]) -> pd.DataFrame:
    table = feather.read_table(io.BytesIO(part))
    frame: pd.DataFrame = table.to_pandas()
    for name in of_tuples:
        cells = [cell if cell is None else tuple(cell) for cell in table[name].to_pylist()]
        frame[name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def _same(one: Frames, other: Frames) -> None:
    first, second = list(_flat(one)), list(_flat(other))
    if [way for way, _ in first] != [way for way, _ in second]:
        raise AssertionError("other names")
    for (_, left), (_, right) in zip(first, second, strict=True):
        if left is None or right is None:
            if left is not right:
                raise AssertionError("a frame on one side only")
            continue
        assert_frame_equal(left, right, check_exact=True, check_freq=False)
        _same_cells(left, right)


def _same_cells(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Raise unless cells of object columns have the same types; comparing values alone does not tell."""
    for name, column in left.items():
        if column.dtype == object and [type(x) for x in column] != [type(x) for x in right[name]]:
            raise AssertionError(f"other types in {name}")
