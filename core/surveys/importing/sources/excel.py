"""Excel workbooks, read row by row, so that a large sheet is never in memory as a whole."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import InputError, said
from core.surveys.importing.sources.source import ROWS, Chunked


class ExcelFile(Chunked):
    """The only sheet of an ``.xlsx`` file with rows; its first row that is not blank names the columns."""

    form = "Excel"

    def __init__(self, path: Path) -> None:
        import openpyxl

        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True)
            filled = [sheet for sheet in self._book.worksheets if any(_head(sheet)[1])]
        except (OSError, ValueError, KeyError, SyntaxError, zipfile.BadZipFile) as error:
            raise InputError(said("file_damaged", form=self.form, reason=str(error)[:200])) from error
        if len(filled) != 1:
            titles = ", ".join(sheet.title for sheet in filled) or "–"
            raise InputError(said("excel_sheets", n=len(filled), names=titles))
        self._sheet = filled[0]
        self._first, names = _head(self._sheet)
        self.names: Sequence[str] = names
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise InputError(said("columns_twice", names=", ".join(twice)))

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Mapping[str, Any], float]]:
        """See :class:`Chunked`."""
        places = [(name, list(self.names).index(name)) for name in columns]
        most = max(self._sheet.max_row or 1, 1)
        chunk: dict[str, list[Any]] = {name: [] for name in columns}
        row = self._first
        for row, cells in enumerate(self._sheet.iter_rows(min_row=self._first + 1, values_only=True), self._first + 1):
            for name, place in places:
                chunk[name].append(cells[place] if place < len(cells) else None)
            if len(chunk[columns[0]]) == ROWS:
                yield chunk, min(1.0, row / most)
                chunk = {name: [] for name in columns}
        yield chunk, 1.0


def _head(sheet: Any) -> tuple[int, list[str]]:
    """Number of the first row that is not blank, and its cells as text."""
    for row, cells in enumerate(sheet.iter_rows(max_row=50, values_only=True), start=1):
        names = ["" if cell is None else str(cell).strip() for cell in cells]
        if any(names):
            return row, names
    return 0, []
