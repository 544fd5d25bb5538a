"""Reads the user's small CSV tables as rows of named values, in any form that spreadsheets write."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from core.errors import InputError, said

MOST_BYTES = 5_000_000
_SIGNS = (",", ";", "\t")

Rows = list[tuple[int, dict[str, str]]]


def read_rows(path: Path, columns: dict[str, str]) -> Rows:
    """The rows of the CSV at ``path`` with the number of their line, without blank rows.

    ``columns`` maps lower-case column names of the file to the names in the rows; a column that it does not have is
    refused. Commas, semicolons and tabs separate values; UTF-8 (with or without a mark) and GB 18030 are read. Raises
    :class:`InputError`.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(said("own_table_large", file=path.name, most=MOST_BYTES // 1_000_000))
        data = path.read_bytes()
    except OSError as error:
        raise InputError(said("own_table_unreadable", file=path.name, reason=error.strerror or error)) from error
    lines = _text(data, path.name).splitlines(keepends=True)
    skipped = next((n for n, line in enumerate(lines) if line.strip() and not line.lower().startswith("sep=")), None)
    if skipped is None:
        raise InputError(said("own_table_empty", file=path.name))
    head = lines[skipped]
    reader = csv.reader(io.StringIO("".join(lines[skipped:])), delimiter=max(_SIGNS, key=head.count), strict=True)
    try:
        names = [name.strip().casefold() for name in next(reader)]
        if unknown := [name for name in names if name and name not in columns]:
            raise InputError(said("own_table_column", file=path.name, name=unknown[0], known=", ".join(columns)))
        rows: Rows = []
        for row in reader:
            values = {columns[n]: v.strip() for n, v in zip(names, row, strict=False) if n and v.strip()}
            if any(value.strip() for value in row[len(names) :]):
                raise InputError(said("own_table_long_row", file=path.name, line=skipped + reader.line_num))
            if values:
                rows.append((skipped + reader.line_num, values))
    except csv.Error as error:
        raise InputError(
            said("own_table_damaged", file=path.name, line=skipped + reader.line_num, reason=error)
        ) from error
    if not rows:
        raise InputError(said("own_table_empty", file=path.name))
    return rows


def _text(data: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError(said("own_table_unreadable", file=name, reason="UTF-8, GB 18030"))
