"""Keeps first-token readings ready: one row a model, question, persona and prompt language, averaged over orders.

Readings of two templates, or of two wordings of an item, are never averaged; each is a row of its own. Pages never
average stored rows themselves. The table ``readings`` is filled once for a scope (all runs, the shipped runs, or one
run). After that a load or a deletion notes which readings it changes, and only those are computed again when the scope
is next queried.
"""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb

from core.store.index.question_key import QUESTION_KEY
from core.store.index.scopes import ALL, SHIPPED, condition, is_run
from core.types import Frozen

MOST_RUNS = 8
"""Number of single runs whose readings are kept at a time."""

_PORTION_ROWS = 250_000

Told = Literal["none", "country", "group"]

READING_KEY = """
CASE WHEN kind = 'options' AND outcome = 'option' AND survey IS NOT NULL AND tag = '' AND paraphrase = 0
THEN hash(
    model_id, survey, question_id, country, age, sex, education, language, replace(prompt_version, '/numbers', '')
) END
"""
"""SQL expression that is equal for rows of one reading: a hash of 64 bits, null for rows that belong to no reading.

The version of a prompt is its template, then ``/numbers`` where the options are numbered and ``/wording-2`` where the
item has a later wording: see :func:`core.prompts.render.version_of`. The chance that any two of a million readings have
the same hash is one in forty million.
"""

__all__ = ["ALL", "SHIPPED", "ReadingFilter", "Readings", "Told"]

LEAST_MASS = 1e-6
"""Least probability of an option in the mean of logarithms, where a probability of 0 would dominate without bound."""

_TABLES = (
    """
    CREATE TABLE readings (
        scope VARCHAR, reading_key UBIGINT, model_id VARCHAR, question_id VARCHAR, country VARCHAR, told VARCHAR,
        persona VARCHAR, language VARCHAR, template VARCHAR, wording INTEGER, codes BIGINT[], probabilities DOUBLE[],
        probabilities_log DOUBLE[], valid_mass DOUBLE, method VARCHAR, samples BIGINT, orders BIGINT,
        created TIMESTAMP, run_id VARCHAR, cell_id VARCHAR
    )
    """,
    "CREATE TABLE touched (run_id VARCHAR, reading_key UBIGINT)",
)

_TOLD = """CASE WHEN coalesce(age, sex, education) IS NOT NULL THEN 'group'
    WHEN country IS NULL THEN 'none' ELSE 'country' END"""

_MAKE = """
INSERT INTO readings
WITH latest AS (
    SELECT reading_key, shard, row, created, n FROM (
        SELECT reading_key, hash(codes, prompt_version) AS printed, shard, row, created, run_id, seq, sample, n
        FROM all_responses WHERE current AND reading_key IS NOT NULL AND {rows}
    )
    QUALIFY row_number() OVER (
        PARTITION BY reading_key, printed ORDER BY created > $now, created DESC, run_id, seq DESC, sample
    ) = 1
), heads AS (
    SELECT reading_key, count(*) AS orders, sum(n)::BIGINT AS samples, arg_max(shard, created) AS shard,
        arg_max(row, created) AS row
    FROM latest GROUP BY ALL
), long AS (
    SELECT reading_key, unnest(codes) AS code, unnest(mass) AS mass
    FROM all_responses SEMI JOIN latest USING (shard, row)
), options AS (
    SELECT reading_key, list(code) AS codes, list(mass) AS mass, sum(mass) AS total, list(even) AS evens,
        sum(even) AS evens_total
    FROM (
        SELECT reading_key, code, avg(mass) AS mass, exp(avg(ln(greatest(mass, {least})))) AS even
        FROM long GROUP BY ALL
    ) GROUP BY reading_key HAVING total > 0
)
SELECT $scope, options.reading_key, model_id, {key}, country,
    {told},
    concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, '')), language,
    split_part(prompt_version, '/', 1),
    coalesce(try_cast(regexp_extract(prompt_version, '/wording-([0-9]+)', 1) AS INTEGER), 1),
    list_sort(options.codes),
    list_transform(list_select(options.mass, list_grade_up(options.codes)), lambda m: m / total),
    list_transform(list_select(options.evens, list_grade_up(options.codes)), lambda m: m / evens_total),
    total, method, samples, orders, created, run_id, cell_id
FROM heads JOIN options USING (reading_key) JOIN all_responses AS r ON r.shard = heads.shard AND r.row = heads.row
"""
# Only whole numbers are grouped and sorted. The texts of a reading are added last, from its latest row alone.


PRINTED = """
SELECT model_id, {key} AS question_id,
    concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, '')) AS persona,
    language, split_part(prompt_version, '/', 1) AS template,
    coalesce(try_cast(regexp_extract(prompt_version, '/wording-([0-9]+)', 1) AS INTEGER), 1) AS wording,
    CASE WHEN contains(prompt_version, '/numbers') THEN 'numbers' ELSE 'letters' END AS labels, codes, mass, created,
    method
FROM all_responses WHERE current AND reading_key IS NOT NULL AND {where}
QUALIFY row_number() OVER (
    PARTITION BY reading_key, prompt_version, codes
    ORDER BY created > ?, created DESC, run_id, seq DESC, sample
) = 1
ORDER BY ALL
"""
"""SQL query: answers as printed, not averaged, of the rows that meet a condition."""


class ReadingFilter(Frozen):
    """Which readings are wanted. ``None`` does not restrict; ``scope`` is one of :mod:`core.store.index.scopes`.

    ``told`` is what the model was told about the person: nothing, the country alone, or more. ``countries`` are those
    of the persona; ``None`` among them means no country. ``question_ids`` are keys of questions, and so is the column
    ``question_id`` of ``readings``, since two surveys may have questions of the same id.
    """

    scope: str = ALL
    model_ids: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    question_ids: tuple[str, ...] | None = None
    told: tuple[Told, ...] | None = None
    countries: tuple[str | None, ...] | None = None

    def where(self) -> tuple[str, list[Any]]:
        """An SQL condition on the table ``readings``, and its parameters."""
        return self._with("scope = ?", [self.scope], "told", "question_id")

    def rows(self) -> tuple[str, list[Any]]:
        """An SQL condition on the rows of answers, and its parameters."""
        inside, values = condition(self.scope)
        return self._with(inside, values, _TOLD, QUESTION_KEY)

    def _with(self, start: str, given: list[Any], told: str, key: str) -> tuple[str, list[Any]]:
        parts, values = [start], list(given)
        lists = {
            "model_id": self.model_ids,
            "language": self.languages,
            key: self.question_ids,
            told: self.told,
            "coalesce(country, '')": self.countries and tuple(country or "" for country in self.countries),
        }
        for name, chosen in lists.items():
            if chosen is not None:
                parts.append(f"{name} IN (SELECT unnest(?::VARCHAR[]))")
                values.append(list(chosen))
        return " AND ".join(parts), values


Transaction = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


class Readings:
    """Keeps the table ``readings`` in step with the rows. Not safe by itself: the caller has the lock of the loader."""

    def __init__(self) -> None:
        self._scopes: dict[str, None] = {}
        self._touched = False

    @staticmethod
    def create(cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the tables."""
        for sql in _TABLES:
            cursor.execute(sql)

    def touch(self, cursor: duckdb.DuckDBPyConnection, where: str, value: Any) -> None:
        """Note the readings of the rows of ``all_responses`` that meet ``where``, before or after these rows change."""
        if not self._scopes:
            return
        self._touched = True
        cursor.execute(
            f"""
            INSERT INTO touched SELECT DISTINCT run_id, reading_key FROM all_responses
            WHERE reading_key IS NOT NULL AND {where}
            """,
            [value],
        )

    def bring_up(self, scope: str, transaction: Transaction) -> None:
        """Compute the noted readings again in every kept scope, and fill ``scope`` where it is not kept yet."""
        if self._touched:
            with transaction() as cursor:
                for kept in self._scopes:
                    _renew(cursor, kept)
                cursor.execute("DELETE FROM touched")
            self._touched = False
        if scope in self._scopes:
            return
        of_runs = [name for name in self._scopes if is_run(name)]
        gone = of_runs[: max(0, len(of_runs) - MOST_RUNS + 1)]
        with transaction() as cursor:
            cursor.execute("DELETE FROM readings WHERE scope IN (SELECT unnest(?::VARCHAR[]))", [gone])
            for rows, values in _portions(cursor, scope):
                _make(cursor, scope, rows, values)
        self._scopes = {name: None for name in self._scopes if name not in gone} | {scope: None}


def _of(scope: str) -> tuple[str, dict[str, Any]]:
    """An SQL condition for the rows of a scope, and its parameters."""
    inside, values = condition(scope)
    return (inside.replace("?", "$run"), {"run": values[0]}) if values else (inside, {})


def _portions(cursor: duckdb.DuckDBPyConnection, scope: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Conditions that split the rows of a scope into parts with whole readings: a large store then fits in memory."""
    inside, values = _of(scope)
    found = cursor.execute(f"SELECT count(*) FROM all_responses WHERE {inside}", values).fetchall()
    parts = 1 + found[0][0] // _PORTION_ROWS
    for part in range(parts):
        rows = inside if parts == 1 else f"{inside} AND reading_key % {parts} = {part}"
        yield rows, values


def _renew(cursor: duckdb.DuckDBPyConnection, scope: str) -> None:
    inside, values = _of(scope)
    keys = "reading_key IN (SELECT reading_key FROM touched)"
    cursor.execute(f"DELETE FROM readings WHERE scope = ? AND {keys}", [scope])
    _make(cursor, scope, f"{inside} AND {keys}", values)


def _make(cursor: duckdb.DuckDBPyConnection, scope: str, rows: str, values: dict[str, Any]) -> None:
    # A time in the future was written with a wrong clock, and must not hide what was measured later.
    now = datetime.now(UTC).replace(tzinfo=None)
    texts = {"rows": rows, "key": QUESTION_KEY, "told": _TOLD, "least": LEAST_MASS}
    cursor.execute(_MAKE.format(**texts), {"scope": scope, "now": now, **values})
