"""The in-process database: cursors for queries, and transactions for the one thread that changes it at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from core.store.index import aggregates, tables
from core.store.index.loaded import Moved


class Connection:
    """An empty database. Safe to use from any number of threads."""

    def __init__(self) -> None:
        self._connection = tables.connect()
        aggregates.create(self._connection)
        self._lock = threading.RLock()
        self.changes = 0  # counts what was committed: the result of a query holds as long as it is the same

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one call. Raises :class:`Moved` where a file that a query reads is no longer there."""
        with self._lock:
            cursor = self._connection.cursor()
        try:
            cursor.execute(f"USE {tables.DATABASE}")
            yield cursor
        except duckdb.IOException as error:
            raise Moved from error
        finally:
            cursor.close()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor whose changes count together, or not at all where an error is raised."""
        with self.cursor() as cursor:
            cursor.begin()
            try:
                yield cursor
            except BaseException:
                cursor.rollback()
                raise
            cursor.commit()
            self.changes += 1

    def close(self) -> None:
        """Close the database and free its memory. Later calls fail."""
        with self._lock:
            self._connection.close()
