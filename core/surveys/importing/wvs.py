"""From the official WVS wave 7 CSV, or a plain table of shares, to a private reference.

Only shares by country and group leave this module; no respondent's record is kept. Columns are those of the shipped
table (``data/SOURCES.md``). DuckDB does the work in bounded memory, on disk where it must.
"""

# Only checked names are put into SQL texts; what comes from the file is always a value.
# ruff: noqa: S608

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from core.cancel import CancelToken, check_cancel
from core.errors import InputError, said
from core.surveys.importing.wvs_csv import HINT, load_people, read_header
from core.types import Question

Progress = Callable[[float], None]
"""Called with the part that is done, 0..1."""

LEAST = 50
"""Groups with fewer respondents to a question are left out, as in the shipped table; whole countries are kept."""

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
_READING = 0.6  # part of the time that reading the file takes, seen with 100,000 respondents
_QUIET = ("enable_progress_bar = true", "enable_progress_bar_print = false")  # counted, not printed
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
    path: Path,
    questions: Mapping[str, Question],
    progress: Progress | None = None,
    least: int = LEAST,
    cancel: CancelToken | None = None,
) -> pd.DataFrame:
    """Weighted shares of every question of the bank that the file has, in :data:`COLUMNS`.

    Weight is ``W_WEIGHT``; rows without a positive one are left out. Answers whose code is no option of the question
    (missing codes are negative) are dropped. ``n`` counts respondents with a valid answer and ``n_eff`` is Kish's
    (sum w)^2 / sum w^2. People under 18 count for their country but for no age group. In the inverted release a
    question whose scale was turned round has another name (``Q6P`` for ``Q6``): it is left out, never read as the plain
    one. Raises :class:`InputError` naming what is missing or where the file is damaged, and :class:`Cancelled`.
    """
    header = read_header(path)
    items = [name for name in questions if name.upper() in header.places]
    if not items:
        raise InputError(said("wvs_no_questions"), HINT)
    tell = progress or (lambda part: None)
    steps = [items[i : i + _STEP] for i in range(0, len(items), _STEP)]
    with tempfile.TemporaryDirectory(prefix="parallax-import-") as folder:
        connection = duckdb.connect(str(Path(folder) / "import.duckdb"))
        try:
            for setting in ("memory_limit = '1GB'", "preserve_insertion_order = false", *_QUIET):
                connection.execute(f"SET {setting}").fetchall()
            connection.execute(_CELLS).fetchall()
            load_people(connection, path, header, items, lambda part: tell(part * _READING), cancel)
            for done, step in enumerate(steps):
                check_cancel(cancel)
                tell(_READING + (1 - _READING) * done / len(steps))
                _count(connection, step, questions)
            frame = _shares(connection, least)
            tell(1.0)
        finally:
            connection.close()
    if frame.empty:
        raise InputError(said("wvs_no_answers"), HINT)
    return frame.loc[:, list(COLUMNS)]


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
