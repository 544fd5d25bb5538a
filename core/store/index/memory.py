"""Keeps the in-process database small: compresses rows that were added, and drops DuckDB's notes on freed memory."""

from __future__ import annotations

import duckdb

from core.store.index import tables

_AFTER_ROWS = 20_000
_AFTER_SHARDS = 50


class TableCompressor:
    """Counts added rows, and compresses the tables when there are enough. The caller has the lock of the loader."""

    def __init__(self) -> None:
        self._rows = 0
        self._shards = 0

    def added(self, rows: int) -> None:
        """Count a shard of ``rows`` rows that was put into the tables."""
        self._rows += rows
        self._shards += 1

    def due(self) -> bool:
        """Whether enough was added for :meth:`compress`, which takes some milliseconds."""
        return self._rows >= _AFTER_ROWS or self._shards >= _AFTER_SHARDS

    def compress(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Compress the rows and drop the notes on freed memory. While a query runs it does nothing and stays due."""
        try:
            cursor.execute(f"CHECKPOINT {tables.DATABASE}")
        except duckdb.TransactionException:
            return
        _forget_freed(cursor)
        self._rows = self._shards = 0


def _forget_freed(cursor: duckdb.DuckDBPyConnection) -> None:
    # DuckDB keeps a note of 200 bytes on each block that a join or a window has freed, and drops these notes only when
    # memory is short. They grow to tens of megabytes (its table function duckdb_eviction_queues shows them). Asked for
    # a memory limit below the size of the tables, DuckDB drops the notes, refuses the limit and keeps the old one. It
    # cannot evict rows of the tables, as there is no folder for temporary files (tables.py).
    try:
        cursor.execute("SET memory_limit = '1kB'")
    except duckdb.OutOfMemoryException:
        return
    cursor.execute("RESET memory_limit")
