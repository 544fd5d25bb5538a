"""A zip of one survey file, unpacked into a temporary folder."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from core.errors import InputError, said

MOST_BYTES = 8_000_000_000
_TABLES = ("csv", "tsv", "sav", "zsav", "dta", "rds", "rdata", "rda", "parquet", "xlsx")


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Path, str]]:
    """The only table in the zip at ``path`` and its name; other documents do not count.

    Raises :class:`InputError` for a zip that is damaged or encrypted, has no table or several, or unpacks to too much.
    """
    with tempfile.TemporaryDirectory(prefix="parallax-zip-") as folder:
        try:
            with zipfile.ZipFile(path) as pack:
                tables = [entry for entry in pack.infolist() if _is_table(entry.filename)]
                if len(tables) != 1:
                    names = ", ".join(PurePosixPath(entry.filename).name for entry in tables[:10]) or "–"
                    raise InputError(said("zip_tables", n=len(tables), names=names))
                entry = tables[0]
                if entry.file_size > MOST_BYTES:
                    raise InputError(said("zip_bytes", most=MOST_BYTES))
                name = PurePosixPath(entry.filename).name
                inner = Path(folder) / f"table{PurePosixPath(name).suffix.lower()}"
                with pack.open(entry) as stored, inner.open("wb") as out:
                    shutil.copyfileobj(stored, out, 1 << 20)
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise InputError(said("file_damaged", form="zip", reason=str(error)[:200])) from error
        yield inner, name


def _is_table(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = "__MACOSX" in path.parts or path.name.startswith(".")
    return not hidden and path.suffix.lower().lstrip(".") in _TABLES
