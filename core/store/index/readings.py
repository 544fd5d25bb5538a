"""Keeps first-token readings ready: one row a model, question, persona and prompt language, averaged over orders.

Readings of two templates, or of two wordings of an item, are never averaged; each is a row of its own. Pages never
average stored rows themselves. The table ``readings`` is filled once for a scope (all runs, the shipped runs, or one
run). After that a load or a deletion notes which readings it changes, and only those are computed again when the scope
is next queried.

The readings of a run that is open through its aggregate are in the view ``aggregated``, for all scopes. A reading that
other runs of a scope have answers to as well is computed from all of them, and ``merged`` notes that it was.
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
from core.store.index.reading_sql import LEAST_MASS, MAKE, MIXED, READING_COLUMNS, READING_TABLES, TOLD
from core.store.index.scopes import ALL, SHIPPED, condition, is_run
from core.types import Frozen

MOST_RUNS = 8
"""Number of single runs whose readings are kept at a time."""

_PORTION_ROWS = 250_000

Told = Literal["none", "country", "group"]

__all__ = ["ALL", "SHIPPED", "ReadingFilter", "Readings", "Told"]

_COLUMNS = ", ".join(READING_COLUMNS)


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

    def source(self) -> tuple[str, list[Any]]:
        """SQL that gives the readings of the filter, after ``FROM``, and its parameters."""
        inside, values = condition(self.scope)
        where, more = self._with("true", [], "told", "question_id")
        sql = f"""(
            SELECT {_COLUMNS} FROM readings WHERE scope = ?
            UNION ALL
            SELECT {_COLUMNS} FROM aggregated ANTI JOIN (SELECT reading_key FROM merged WHERE scope = ?)
            USING (reading_key) WHERE {inside}
        ) WHERE {where}"""
        return sql, [self.scope, self.scope, *values, *more]

    def rows(self) -> tuple[str, list[Any]]:
        """An SQL condition on the rows of answers, and its parameters."""
        inside, values = condition(self.scope)
        return self._with(inside, values, TOLD, QUESTION_KEY)

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
        self._forgotten = False

    @staticmethod
    def create(cursor: duckdb.DuckDBPyConnection) -> None:
        """Make the tables."""
        for sql in READING_TABLES:
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

    def forget(self) -> None:
        """Compute every reading again when it is next queried: a run was opened through its aggregate, or closed."""
        self._forgotten = True

    def bring_up(self, scope: str, transaction: Transaction) -> None:
        """Compute the noted readings again in every kept scope, and fill ``scope`` where it is not kept yet."""
        if self._touched or self._forgotten:
            with transaction() as cursor:
                # What was computed from rows and from an aggregate is rare, and is computed anew as a whole.
                forgotten = self._forgotten or _of_aggregates(cursor, "SEMI JOIN touched USING (reading_key)")
                if forgotten:
                    cursor.execute("DELETE FROM readings")
                    cursor.execute("DELETE FROM merged")
                for kept in () if forgotten else self._scopes:
                    _renew(cursor, kept)
                cursor.execute("DELETE FROM touched")
            self._touched = self._forgotten = False
            self._scopes = {} if forgotten else self._scopes
        if scope in self._scopes:
            return
        of_runs = [name for name in self._scopes if is_run(name)]
        gone = of_runs[: max(0, len(of_runs) - MOST_RUNS + 1)]
        with transaction() as cursor:
            for table in ("readings", "merged"):
                cursor.execute(f"DELETE FROM {table} WHERE scope IN (SELECT unnest(?::VARCHAR[]))", [gone])
            make_readings(cursor, scope)
        self._scopes = {name: None for name in self._scopes if name not in gone} | {scope: None}


def make_readings(cursor: duckdb.DuckDBPyConnection, scope: str, portion: int = _PORTION_ROWS) -> None:
    """Fill the table ``readings`` for ``scope``, from some ``portion`` rows at a time."""
    if not is_run(scope) and _of_aggregates(cursor, ""):
        _merge(cursor, scope)
    for rows, values in _portions(cursor, scope, portion):
        _make(cursor, scope, rows, values)


def _of_aggregates(cursor: duckdb.DuckDBPyConnection, joined: str) -> bool:
    """Whether there is a reading of an aggregate that ``joined`` keeps."""
    return bool(cursor.execute(f"SELECT 1 FROM aggregated {joined} LIMIT 1").fetchall())


def _merge(cursor: duckdb.DuckDBPyConnection, scope: str) -> None:
    """Fill ``readings`` with those that are in an aggregate and elsewhere in ``scope``, from all answers to them.

    So are readings with answers of the mock model and of others, one of which a scope may leave out.
    """
    inside, values = _of(scope)
    cursor.execute(
        f"""
        INSERT INTO merged
        SELECT $scope, reading_key FROM (
            SELECT reading_key, count(*) AS runs, bool_or(provider = '{MIXED}') AS mixed
            FROM aggregated WHERE {inside} GROUP BY reading_key
        ) WHERE runs > 1 OR mixed OR reading_key IN (
            SELECT reading_key FROM all_responses WHERE current AND reading_key IS NOT NULL AND {inside}
        )
        """,
        {"scope": scope, **values},
    )
    if not cursor.execute("SELECT 1 FROM merged WHERE scope = ? LIMIT 1", [scope]).fetchall():
        return
    # A temporary table comes before the one with all answers in memory.
    cursor.execute(
        f"""
        CREATE TEMP TABLE all_responses AS
        FROM every_response SEMI JOIN (SELECT reading_key FROM merged WHERE scope = $scope) USING (reading_key)
        WHERE current AND {inside}
        """,
        {"scope": scope, **values},
    )
    _make(cursor, scope, "true", {})
    cursor.execute("DROP TABLE temp.all_responses")


def _of(scope: str) -> tuple[str, dict[str, Any]]:
    """An SQL condition for the rows of a scope, and its parameters."""
    inside, values = condition(scope)
    return (inside.replace("?", "$run"), {"run": values[0]}) if values else (inside, {})


def _portions(cursor: duckdb.DuckDBPyConnection, scope: str, portion: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Conditions that split the rows of a scope into parts with whole readings: a large store then fits in memory.

    Readings that are merged already are not among them.
    """
    inside, values = _of(scope)
    found = cursor.execute(f"SELECT count(*) FROM all_responses WHERE {inside}", values).fetchall()
    parts = 1 + found[0][0] // portion
    if cursor.execute("SELECT 1 FROM merged WHERE scope = ? LIMIT 1", [scope]).fetchall():
        inside += " AND reading_key NOT IN (SELECT reading_key FROM merged WHERE scope = $scope)"
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
    texts = {"rows": rows, "key": QUESTION_KEY, "told": TOLD, "least": LEAST_MASS}
    cursor.execute(MAKE.format(**texts), {"scope": scope, "now": now, **values})
