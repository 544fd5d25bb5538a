"""Keeps the in-process database small over a long life: what was added is compressed, what was freed is forgotten."""

from __future__ import annotations

import duckdb

from core.store.index import tables

_AFTER_ROWS = 20_000
_AFTER_SHARDS = 50


class Upkeep:
    """Counts what is added and tidies when enough has come together. Used under the lock of its loader."""

    def __init__(self) -> None:
        self._rows = 0
        self._shards = 0

    def added(self, rows: int) -> None:
        """A shard of ``rows`` was put into the tables."""
        self._rows += rows
        self._shards += 1

    def due(self) -> bool:
        """Whether :meth:`tidy` is worth its few milliseconds."""
        return self._rows >= _AFTER_ROWS or self._shards >= _AFTER_SHARDS

    def tidy(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Compress the rows and forget freed memory. While a query is running nothing happens: it stays due."""
        try:
            cursor.execute(f"CHECKPOINT {tables.DATABASE}")
        except duckdb.TransactionException:
            return
        _forget_freed(cursor)
        self._rows = self._shards = 0


def _forget_freed(cursor: duckdb.DuckDBPyConnection) -> None:
    # DuckDB notes each block that a join or a window has freed, 200 bytes each, and goes through these notes only when
    # memory is short: they grow to tens of megabytes (its table function duckdb_eviction_queues shows them). Asked for
    # a limit below what the tables hold, it goes through them, refuses, and keeps its limit: nothing of the tables can
    # be evicted, as there is no folder for temporary files (tables.py).
    try:
        cursor.execute("SET memory_limit = '1kB'")
    except duckdb.OutOfMemoryException:
        return
    cursor.execute("RESET memory_limit")
