"""The database stays small however many answers come and go, and reads the same."""

from __future__ import annotations

from pathlib import Path

from core.store import Store
from tests.unit.store_rows import info, rows


def freed_notes(store: Store) -> int:
    """Blocks that were freed and that DuckDB still has a note of."""
    return int(store.frame("SELECT sum(dead_nodes)::BIGINT AS n FROM duckdb_eviction_queues()")["n"].item())


def test_what_queries_have_freed_does_not_pile_up_over_many_asks(tmp_path: Path) -> None:
    store = Store(tmp_path)
    limit = store.frame("SELECT current_setting('memory_limit') AS now")["now"].item()
    notes = []
    with store.create(info()) as folder:
        for ask in range(140):
            store.append(folder, rows(2, start=2 * ask))
            store.cells()
            store.refresh()
            notes.append(freed_notes(store))
    assert len(store.responses()) == 280
    assert store.frame("SELECT current_setting('memory_limit') AS now")["now"].item() == limit
    assert max(notes[100:]) < 2 * max(notes[:60])


def test_a_reader_that_is_not_done_keeps_what_it_reads(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.create(info()) as folder:
        store.append(folder, rows(10))
        with store.reader("SELECT r.cell_id FROM responses r, range(40_000)") as read:
            first = read.read_next_batch()
            for ask in range(120):
                store.append(folder, rows(1, start=10 + ask))
                store.refresh()
            rest = sum(batch.num_rows for batch in read)
    assert first.num_rows + rest == 400_000
    assert len(store.responses()) == 130
