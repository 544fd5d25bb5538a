"""SPSS and Stata files, read by pyreadstat in chunks: labels, user-missing ranges and extended missing values kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, said
from core.surveys.importing.sources.source import ROWS, Chunked


class StatisticalFile(Chunked):
    """A ``.sav``, ``.zsav`` or ``.dta`` file."""

    def __init__(self, path: Path, suffix: str) -> None:
        import pyreadstat

        self._path = path
        self._read = pyreadstat.read_dta if suffix == "dta" else pyreadstat.read_sav
        self.form = "Stata" if suffix == "dta" else "SPSS"
        _, head = self._call(metadataonly=True)
        self.names = list(head.column_names)
        self.titles = {name: label for name, label in head.column_names_to_labels.items() if label}
        self.labels = {
            name: {_key(code): str(label) for code, label in labels.items()}
            for name, labels in head.variable_value_labels.items()
        }
        self._rows = head.number_rows
        # The metadata contain the ranges only when the file is read with user_missing.
        _, full = self._call(row_limit=1, user_missing=True)
        self.ranges = _ranges(full.missing_ranges)
        self._rows = self._rows if self._rows and self._rows > 0 else full.number_rows

    def _call(self, **options: Any) -> tuple[Any, Any]:
        try:
            found: tuple[Any, Any] = self._read(str(self._path), **options)
        except Exception as error:
            raise InputError(said("file_damaged", form=self.form, reason=str(error)[:200])) from error
        return found

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        """See :class:`Chunked`."""
        done = 0
        while True:
            frame, _ = self._call(usecols=list(columns), row_offset=done, row_limit=ROWS, user_missing=True)
            if not len(frame):
                return
            done += len(frame)
            yield {name: frame[name] for name in columns}, min(1.0, done / max(self._rows or done, 1))
            if len(frame) < ROWS:
                return


def _key(code: Any) -> str:
    return str(int(code)) if isinstance(code, int | float) and float(code).is_integer() else str(code)


def _ranges(found: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[tuple[float, float]]]:
    """Numeric ranges by column. Missing texts of a text column are read as text, and their words say that they are."""
    out: dict[str, list[tuple[float, float]]] = {}
    for name, ranges in found.items():
        for part in ranges:
            low, high = part["lo"], part["hi"]
            if isinstance(low, int | float) and isinstance(high, int | float):
                out.setdefault(name, []).append((float(low), float(high)))
    return out
