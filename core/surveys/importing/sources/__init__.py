"""Survey files in common formats, each opened as a :class:`Source`: names of columns, labels, rows in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import InputError, said
from core.surveys.importing.sources.source import Source

SUFFIXES = ("csv", "tsv", "txt", "sav", "zsav", "dta", "rds", "rdata", "rda", "parquet", "xlsx", "zip")
"""Endings of the files that can be read."""


@contextmanager
def open_source(path: Path, name: str = "") -> Iterator[Source]:
    """The file at ``path`` as a source; the ending of ``name``, or of ``path``, tells its format.

    Raises :class:`InputError` for an unknown ending, a damaged file, or a zip of several tables.
    """
    suffix = Path(name or path.name).suffix.lower().lstrip(".")
    if suffix == "zip":
        from core.surveys.importing.sources.zipped import unpacked

        with unpacked(path) as (inner, inner_name), open_source(inner, inner_name) as source:
            yield source
        return
    if suffix in ("", "csv", "tsv", "txt"):
        from core.surveys.importing.sources.csv_file import CsvFile

        yield CsvFile(path)
    elif suffix in ("sav", "zsav", "dta"):
        from core.surveys.importing.sources.statistical import StatisticalFile

        yield StatisticalFile(path, suffix)
    elif suffix in ("rds", "rdata", "rda"):
        from core.surveys.importing.sources.r_file import RFile

        yield RFile(path, suffix)
    elif suffix == "parquet":
        from core.surveys.importing.sources.parquet import ParquetFile

        yield ParquetFile(path)
    elif suffix in ("xlsx", "xlsm"):
        from core.surveys.importing.sources.excel import ExcelFile

        yield ExcelFile(path)
    else:
        raise InputError(said("file_form", suffix=suffix, known=", ".join(SUFFIXES)))


__all__ = ["SUFFIXES", "Source", "open_source"]
