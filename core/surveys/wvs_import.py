"""From the official WVS wave 7 CSV, or a plain table of shares, to a private reference.

Only shares by country and group leave this module; no respondent's record is kept. Columns are those of the shipped
table (``data/SOURCES.md``). DuckDB does the work in bounded memory, on disk where it must.
"""

# Only checked names are put into SQL texts; what comes from the file is always a value.
# ruff: noqa: S608

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from core.errors import InputError, said
from core.types import Question

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all."""

LEAST = 50
"""Groups with fewer respondents to a question are left out, as in the shipped table; whole countries are kept."""

NEEDED = ("B_COUNTRY_ALPHA", "A_YEAR", "W_WEIGHT", "Q260", "Q262", "Q275R")
COLUMNS = (
    "year",
    "country_iso3",
    "item_id",
    "option_code",
    "group_dim",
    "group",
    "n",
    "n_eff",
    "share",
    "weight_status",
)
_STEP = 8  # items a pass: few enough to show progress, enough to keep passes few
_HINT = said("hint_wvs")
_CELLS = """CREATE TABLE cells (country VARCHAR, item VARCHAR, code SMALLINT, age VARCHAR, sex VARCHAR,
education VARCHAR, n BIGINT, sw DOUBLE, sww DOUBLE)"""
_GROUPS = {
    "all": "'all'",
    "age": "age",
    "sex": "sex",
    "education": "education",
    "age_x_sex": "age || '|' || sex",
}


def import_wvs(
    path: Path, questions: Mapping[str, Question], progress: Progress | None = None, least: int = LEAST
) -> pd.DataFrame:
    """Weighted shares of every question of the bank that the file has, in :data:`COLUMNS`.

    Weight is ``W_WEIGHT``; rows without a positive one are left out. Answers whose code is no option of the question
    (missing codes are negative) are dropped. ``n`` counts respondents with a valid answer and ``n_eff`` is Kish's
    (sum w)^2 / sum w^2. People under 18 count for their country but for no age group. Raises :class:`InputError` naming
    what is missing.
    """
    delimiter, names = _header(path)
    found = {name.upper(): place for place, name in reversed(list(enumerate(names)))}
    if missing := [name for name in NEEDED if name not in found]:
        raise InputError(said("wvs_columns", names=", ".join(missing)), _HINT)
    items = [name for name in questions if name.upper() in found]
    if not items:
        raise InputError(said("wvs_no_questions"), _HINT)
    steps = [items[i : i + _STEP] for i in range(0, len(items), _STEP)]
    total = len(steps) + 1
    with tempfile.TemporaryDirectory(prefix="parallax-import-") as folder:
        connection = duckdb.connect(str(Path(folder) / "import.duckdb"))
        try:
            connection.execute("SET memory_limit = '1GB'; SET preserve_insertion_order = false").fetchall()
            connection.execute(_CELLS).fetchall()
            _load(connection, path, delimiter, names, found, items)
            _tell(progress, 1, total)
            for done, step in enumerate(steps, start=2):
                _count(connection, step, questions)
                _tell(progress, done, total)
            frame = _shares(connection, least)
        finally:
            connection.close()
    if frame.empty:
        raise InputError(said("wvs_no_answers"), _HINT)
    return frame.loc[:, list(COLUMNS)]


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)


def _header(path: Path) -> tuple[str, list[str]]:
    """Delimiter and bare column names; “Q1: Important in life” and “Q1” are the same column."""
    try:
        with path.open("rb") as file:
            line = file.readline(1_000_000).decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise InputError(said("wvs_unreadable", reason=error.strerror or error)) from error
    if not line.strip():
        raise InputError(said("wvs_empty"), _HINT)
    delimiter = max((",", ";", "\t"), key=line.count)
    names = next(csv.reader([line.strip("\r\n")], delimiter=delimiter))
    return delimiter, [name.split(":")[0].strip() for name in names]


def _load(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    delimiter: str,
    names: Sequence[str],
    found: Mapping[str, int],
    items: Sequence[str],
) -> None:
    """Table ``people``: one row a respondent, only the columns that are used, as small numbers."""
    columns = {f"c{place}": "VARCHAR" for place in range(len(names))}

    def column(name: str) -> str:
        return f"c{found[name.upper()]}"

    def number(name: str) -> str:
        return f"try_cast(replace({column(name)}, ',', '.') AS DOUBLE)"

    answers = ", ".join(f"try_cast({column(name)} AS SMALLINT) AS {name}" for name in items)
    try:
        connection.execute(
            f"""
            CREATE TABLE people AS SELECT upper(trim({column("B_COUNTRY_ALPHA")})) AS country,
                try_cast({number("A_YEAR")} AS SMALLINT) AS year, {number("W_WEIGHT")} AS w,
                CASE {number("Q260")} WHEN 1 THEN 'male' WHEN 2 THEN 'female' END AS sex,
                CASE WHEN {number("Q262")} BETWEEN 18 AND 29 THEN '18-29' WHEN {number("Q262")} BETWEEN 30 AND 49
                    THEN '30-49' WHEN {number("Q262")} BETWEEN 50 AND 150 THEN '50+' END AS age,
                CASE {number("Q275R")} WHEN 1 THEN 'lower' WHEN 2 THEN 'middle' WHEN 3 THEN 'higher' END AS education,
                {answers}
            FROM read_csv(?, delim = ?, header = true, columns = ?, quote = '"', null_padding = true,
                max_line_size = 4000000)
            WHERE {number("W_WEIGHT")} > 0 AND length(trim({column("B_COUNTRY_ALPHA")})) = 3
            """,
            [str(path), delimiter, columns],
        ).fetchall()
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise InputError(said("csv_unreadable", reason=first[:200]), _HINT) from error
    if not connection.execute("SELECT count(*) FROM people").fetchall()[0][0]:
        raise InputError(said("wvs_no_people"), _HINT)


def _count(connection: duckdb.DuckDBPyConnection, items: Sequence[str], questions: Mapping[str, Question]) -> None:
    """Add to table ``cells``: respondents and weights by country, item, code, age, sex and education."""
    one = [
        f"""SELECT country, '{name}' AS item, {name} AS code, age, sex, education, count(*) AS n, sum(w) AS sw,
        sum(w * w) AS sww FROM people WHERE {name} IN ({", ".join(str(int(c)) for c in questions[name].codes)})
        GROUP BY ALL"""
        for name in items
    ]
    connection.execute("INSERT INTO cells " + " UNION ALL ".join(one)).fetchall()


def _shares(connection: duckdb.DuckDBPyConnection, least: int) -> pd.DataFrame:
    """Shares by group from table ``cells``."""
    spread = " UNION ALL ".join(
        f"""SELECT country, item, code, n, sw, sww, '{dimension}' AS dim, {group} AS grp FROM cells
        WHERE {group} IS NOT NULL"""
        for dimension, group in _GROUPS.items()
    )
    out: pd.DataFrame = connection.execute(
        f"""
        WITH spread AS ({spread}), totals AS (
            SELECT country, item, dim, grp, sum(n)::BIGINT AS n, sum(sw) AS sw, sum(sww) AS sww FROM spread GROUP BY ALL
        ), places AS (
            SELECT country, mode(year) AS year,
                CASE WHEN max(abs(w - 1)) < 1e-9 THEN 'unit' ELSE 'applied' END AS weight_status
            FROM people GROUP BY country
        )
        SELECT year, country AS country_iso3, item AS item_id, code::BIGINT AS option_code, dim AS group_dim,
            grp AS "group", t.n, any_value(t.sw * t.sw / t.sww) AS n_eff, sum(s.sw / t.sw) AS share, weight_status
        FROM spread AS s JOIN totals AS t USING (country, item, dim, grp) JOIN places USING (country)
        WHERE t.n >= ? OR dim = 'all'
        GROUP BY ALL
        ORDER BY item_id, country_iso3, group_dim, "group", option_code
        """,
        [least],
    ).df()
    return out
