"""CSV files as programmes, spreadsheets and national exports write them, read by DuckDB in bounded memory.

The file may have commas, semicolons or tabs, a byte-order mark, a line ``sep=;``, blank lines before the names and
after the rows, labels after the column names, and text that is not UTF-8.
"""

# Only checked names are put into SQL texts; content of the file is always passed as a value.
# ruff: noqa: S608

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.cancel import CancelToken
from core.errors import Cancelled, InputError, said
from core.surveys.importing.sources.source import Tell
from core.types import Frozen

_LOOK_SECONDS = 0.2
_LONGEST_LINE = 4_000_000
_LINES_BEFORE = 50
_SEP = re.compile(rb'"?sep=(.)"?', re.IGNORECASE)


class Header(Frozen):
    """The content of the first lines: the delimiter, the names, the number of lines before the rows, the encoding."""

    delimiter: str
    names: tuple[str, ...]
    lines: int
    encoding: str


def read_header(path: Path) -> Header:
    """The names of the columns of ``path``, wherever they are among its first lines.

    Raises :class:`InputError` for a file that is empty, in UTF-16, cannot be read, or names a column twice.
    """
    try:
        with path.open("rb") as file:
            lines = [file.readline(_LONGEST_LINE) for _ in range(_LINES_BEFORE)]
            file.seek(0)
            encoding = _encoding(file.read(1 << 20))
    except OSError as error:
        raise InputError(said("file_unreadable", reason=error.strerror or error)) from error
    if any(b"\0" in line for line in lines):
        raise InputError(said("csv_encoding"))
    lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
    told = None
    for place, raw in enumerate(lines):
        if (sep := _SEP.fullmatch(raw.strip(b"\r\n "))) and told is None:
            told = sep[1].decode("latin-1")
            continue
        if not raw.strip(b'\r\n\t ,;"'):
            continue
        line = raw.decode("utf-8" if encoding == "utf-8" else "latin-1", errors="replace").strip("\r\n")
        delimiter = told or max((",", ";", "\t"), key=line.count)
        try:
            cells = next(csv.reader([line], delimiter=delimiter))
        except csv.Error as error:
            raise InputError(said("csv_unreadable", reason=error)) from error
        names = tuple(cell.strip() for cell in cells)
        if twice := sorted({name for name in names if name and names.count(name) > 1}):
            raise InputError(said("columns_twice", names=", ".join(twice[:10])))
        return Header(delimiter=delimiter, names=names, lines=place + 1, encoding=encoding)
    raise InputError(said("file_empty"))


def _encoding(start: bytes) -> str:
    """``utf-8`` where the start of the file is UTF-8, else Latin-1, in which every byte is valid."""
    try:
        start[: max(start.rfind(b"\n"), 0) or len(start)].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


class CsvFile:
    """A file of separated values as a :class:`core.surveys.importing.sources.source.Source`."""

    form = "CSV"

    def __init__(self, path: Path) -> None:
        self._path, self._header = path, read_header(path)
        self.names: Sequence[str] = self._header.names
        self.titles: Mapping[str, str] = {}
        self.labels: Mapping[str, Mapping[str, str]] = {}
        self.ranges: Mapping[str, Sequence[tuple[float, float]]] = {}

    def load(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: Mapping[str, str],
        tell: Tell,
        cancel: CancelToken | None = None,
    ) -> int:
        """See :meth:`Source.load`. The dialect is given, because errors about guessing it would hide real damage."""
        place = {name: f"c{at}" for at, name in reversed(list(enumerate(self.names)))}
        every = [f"c{at}" for at in range(len(self.names))]
        picked = ", ".join(f"nullif(trim({place[name]}), '') AS {new}" for new, name in columns.items())
        # One of the used columns must have a value, because spreadsheets leave rows with only delimiters.
        filled = " OR ".join(f"{new} IS NOT NULL" for new in columns)
        rows = f"""read_csv(?, delim = ?, header = false, skip = {self._header.lines}, columns = ?, quote = '"',
            escape = '"', encoding = ?, auto_detect = false, max_line_size = {_LONGEST_LINE})"""
        typed = dict.fromkeys(every, "VARCHAR")
        try:
            for encoding in dict.fromkeys((self._header.encoding, "latin-1")):
                given = [str(self._path), self._header.delimiter, typed, encoding]
                try:
                    with _watched(connection, tell, cancel):
                        connection.execute(f"CREATE TABLE raw AS SELECT {picked} FROM {rows}", given).fetchall()
                    break
                except duckdb.InvalidInputException as error:
                    # Bytes that are not UTF-8 may follow after the part that was checked.
                    if encoding == "latin-1" or "utf-8" not in str(error).lower():
                        raise
            blank = connection.execute(f"SELECT count(*) FROM raw WHERE NOT ({filled})").fetchall()[0][0]
            connection.execute(f"DELETE FROM raw WHERE NOT ({filled})").fetchall()
        except duckdb.InterruptException as error:
            raise Cancelled(said("stopped")) from error
        except duckdb.Error as error:
            raise _damage(str(error)) from error
        return int(blank)


@contextmanager
def _watched(connection: duckdb.DuckDBPyConnection, tell: Tell, cancel: CancelToken | None) -> Iterator[None]:
    """While a query runs, report its progress, and interrupt it when it is cancelled."""
    over = threading.Event()

    def look() -> None:
        furthest = 0.0  # the last reading may come after the query has ended, and then say that nothing is done
        while not over.wait(_LOOK_SECONDS):
            if cancel is not None and cancel.is_set():
                connection.interrupt()
                return
            furthest = max(furthest, min(1.0, connection.query_progress() / 100))
            tell(furthest)

    watcher = threading.Thread(target=look, name="parallax-import-watch", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _damage(words: str) -> InputError:
    """DuckDB's message about a damaged file, without the respondent's line that it quotes."""
    line = re.search(r"CSV Error on Line: (\d+)", words)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words)
    if line and counts:
        return InputError(said("csv_columns", line=line[1], expected=counts[1], found=counts[2]))
    if line and "unterminated quote" in words:
        return InputError(said("csv_quote", line=line[1]))
    return InputError(said("csv_unreadable", reason=words.splitlines()[0][:200]))
