"""The official WVS wave 7 CSV, read by DuckDB in bounded memory: one row a respondent, only the columns that are used.

The file may have commas, semicolons or tabs, a byte-order mark, decimal commas, labels behind the column names, and
text that is not UTF-8: all that is used is plain ASCII, so bytes are taken one by one and no encoding can be wrong.
"""

# Only checked names are put into SQL texts; what comes from the file is always a value.
# ruff: noqa: S608

from __future__ import annotations

import csv
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.cancel import CancelToken
from core.errors import Cancelled, InputError, said
from core.types import Frozen

NEEDED = ("B_COUNTRY_ALPHA", "A_YEAR", "W_WEIGHT", "Q260", "Q262", "Q275R")
HINT = said("hint_wvs")
_LOOK_SECONDS = 0.2
_LONGEST_LINE = 4_000_000


class Header(Frozen):
    """What the first line tells: the delimiter, how many columns there are, and the place of each bare name."""

    delimiter: str
    columns: int
    places: Mapping[str, int]


def read_header(path: Path) -> Header:
    """The first line of ``path``; “Q1: Important in life” and “Q1” are the same column.

    Raises :class:`InputError` for a file without one, in UTF-16, or without a column that is needed, naming all these.
    """
    try:
        with path.open("rb") as file:
            raw = file.readline(_LONGEST_LINE)
    except OSError as error:
        raise InputError(said("wvs_unreadable", reason=error.strerror or error)) from error
    if b"\0" in raw:
        raise InputError(said("csv_encoding"), HINT)
    line = raw.decode("utf-8-sig", errors="replace").strip("\r\n")
    if not line.strip():
        raise InputError(said("wvs_empty"), HINT)
    delimiter = max((",", ";", "\t"), key=line.count)
    try:
        cells = next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise InputError(said("csv_unreadable", reason=error), HINT) from error
    names = [name.split(":")[0].strip().upper() for name in cells]
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    if missing := [name for name in NEEDED if name not in places]:
        raise InputError(said("wvs_columns", names=", ".join(missing)), HINT)
    return Header(delimiter=delimiter, columns=len(names), places=places)


def load_people(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    header: Header,
    items: Sequence[str],
    tell: Callable[[float], None],
    cancel: CancelToken | None = None,
) -> None:
    """Make table ``people``: country, year, weight ``w``, sex, age, education, and a small number for each item.

    People without a country or a positive weight are left out. ``tell`` hears the part that is done, 0..1. Raises
    :class:`InputError` for a file that is damaged, cut off or without people, and :class:`Cancelled`.
    """

    def column(name: str) -> str:
        return f"c{header.places[name.upper()]}"

    def number(name: str) -> str:
        return f"try_cast(replace({column(name)}, ',', '.') AS DOUBLE)"

    answers = ", ".join(f"try_cast({column(name)} AS SMALLINT) AS {name}" for name in items)
    # The dialect is known from the first line; guessing it would hide damage behind a message about guessing.
    query = f"""
        CREATE TABLE people AS SELECT upper(trim({column("B_COUNTRY_ALPHA")})) AS country,
            try_cast({number("A_YEAR")} AS SMALLINT) AS year, {number("W_WEIGHT")} AS w,
            CASE {number("Q260")} WHEN 1 THEN 'male' WHEN 2 THEN 'female' END AS sex,
            CASE WHEN {number("Q262")} BETWEEN 18 AND 29 THEN '18-29' WHEN {number("Q262")} BETWEEN 30 AND 49
                THEN '30-49' WHEN {number("Q262")} BETWEEN 50 AND 150 THEN '50+' END AS age,
            CASE {number("Q275R")} WHEN 1 THEN 'lower' WHEN 2 THEN 'middle' WHEN 3 THEN 'higher' END AS education,
            {answers}
        FROM read_csv(?, delim = ?, header = true, columns = ?, quote = '"', escape = '"', encoding = 'latin-1',
            auto_detect = false, max_line_size = {_LONGEST_LINE})
        WHERE {number("W_WEIGHT")} > 0 AND length(trim({column("B_COUNTRY_ALPHA")})) = 3
        """
    columns = {f"c{place}": "VARCHAR" for place in range(header.columns)}
    try:
        with _watched(connection, tell, cancel):
            connection.execute(query, [str(path), header.delimiter, columns]).fetchall()
    except duckdb.InterruptException as error:
        raise Cancelled(said("stopped")) from error
    except duckdb.Error as error:
        raise _damage(str(error)) from error
    if not connection.execute("SELECT count(*) FROM people").fetchall()[0][0]:
        raise InputError(said("wvs_no_people"), HINT)


@contextmanager
def _watched(
    connection: duckdb.DuckDBPyConnection, tell: Callable[[float], None], cancel: CancelToken | None
) -> Iterator[None]:
    """While a query runs: tell how far it is, and interrupt it when it is to stop."""
    over = threading.Event()

    def look() -> None:
        furthest = 0.0  # the last look may come when nothing runs any more, and hear of nothing done
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
    """What DuckDB says of a damaged file, without the respondent's line that it quotes."""
    line = re.search(r"CSV Error on Line: (\d+)", words)
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", words)
    if line and counts:
        return InputError(said("csv_columns", line=line[1], expected=counts[1], found=counts[2]))
    if line and "unterminated quote" in words:
        return InputError(said("csv_quote", line=line[1]))
    return InputError(said("csv_unreadable", reason=words.splitlines()[0][:200]), HINT)
