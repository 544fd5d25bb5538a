"""Reads stored rows with all their columns, such as prompts and top tokens, from the shards."""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from core.errors import DataError, said
from core.store.files.schema import IDENTITY, SCHEMAS, Grain, TraceStep, to_responses, to_trace_steps
from core.store.files.shards import read_rows
from core.store.index.loaded import Moved
from core.store.index.loader import Loader
from core.store.index.selection import Selection
from core.store.index.tables import utc_now
from core.types import Response

_ATTEMPTS = 3


class FullRows:
    """Rows with all columns: the tables of ``loader`` say where they are, and they are read from the shards."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def rows(self, run_id: str, cell_ids: Sequence[str]) -> list[Response]:
        """The responses to some cells of a run with all columns, in the order of ``created``."""
        where = "current AND run_id = ? AND cell_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY created, seq, row"
        return to_responses(self._full("responses", where, [run_id, list(cell_ids)], [run_id]))

    def steps(self, run_id: str, cell_id: str) -> list[TraceStep]:
        """The trace steps of a cell, in the order of writing."""
        where = "current AND run_id = ? AND cell_id = ? ORDER BY seq, row"
        return to_trace_steps(self._full("trace_steps", where, [run_id, cell_id], [run_id]))

    def steps_of(self, run_id: str, cell_ids: Sequence[str]) -> dict[str, list[TraceStep]]:
        """The trace steps of many cells of a run, by cell id; a cell without any has an empty list."""
        where = "current AND run_id = ? AND cell_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY seq, row"
        found: dict[str, list[TraceStep]] = {cell_id: [] for cell_id in cell_ids}
        for step in to_trace_steps(self._full("trace_steps", where, [run_id, list(found)], [run_id])):
            found[step.cell_id].append(step)
        return found

    def lookup(self, cache_keys: Iterable[str]) -> dict[str, Response]:
        """The latest answer for each cache key that has one.

        Errors are not answers. Nor are readings of an endpoint whose probability lay mostly beside the options, because
        the next reading may be about the answer. A row whose time is in the future was written with a wrong clock and
        counts as the oldest. Answers of a run that is open through its aggregate are not found.
        """
        where = """
            cache_key IN (SELECT unnest(?::VARCHAR[])) AND outcome <> 'error'
            AND NOT (kind = 'options' AND method = 'top_k' AND coalesce(valid_mass, 0) < 0.5 AND outcome <> 'refusal')
            QUALIFY row_number() OVER (
                PARTITION BY cache_key ORDER BY created > ?, created DESC, seq DESC, row DESC
            ) = 1
            """
        keys = list(dict.fromkeys(cache_keys))
        found = to_responses(self._full("responses", where, [keys, utc_now()], ())) if keys else []
        return {row.cache_key: row for row in found}

    def tables(self, grain: Grain, selection: Selection) -> Iterator[pa.Table]:
        """All stored rows of ``selection`` with all columns, one shard at a time.

        Trace steps are those of the selected cells. Raises :class:`DataError` where a run changes meanwhile.
        """
        where, values = selection.where()
        if grain != "responses" and (selection.question_id, selection.model_ids) != (None, None):
            key = ", ".join(IDENTITY["responses"])
            where = f"({key}) IN (SELECT ({key}) FROM responses WHERE {where})"
        try:
            with self._loader.rows_of(selection.run_ids) as cursor:
                shards = cursor.execute(
                    f"""SELECT shard, list(row ORDER BY row) FROM all_{grain}
                    WHERE current AND {where} GROUP BY shard ORDER BY shard""",
                    values,
                ).fetchall()
        except Moved as error:
            raise DataError(said("run_moved")) from error
        for shard, rows in shards:
            try:
                yield self._read(shard, rows)
            except (Moved, FileNotFoundError) as error:
                raise DataError(said("run_moved")) from error

    def _full(self, grain: Grain, where: str, values: Sequence[Any], run_ids: Sequence[str]) -> pa.Table:
        """Rows with all columns that meet the SQL condition ``where``, in its order.

        ``run_ids`` are runs whose rows are looked for in their shards where they are open through their aggregates.
        """
        for _ in range(_ATTEMPTS):
            by_shard: dict[int, list[int]] = {}
            try:
                with self._loader.rows_of(run_ids) as cursor:
                    sql = f"SELECT shard, row FROM all_{grain} WHERE {where}"
                    places = cursor.execute(sql, list(values)).fetchall()
                for shard, row in places:
                    by_shard.setdefault(shard, []).append(row)
                parts = [self._read(shard, rows) for shard, rows in by_shard.items()]
            except (Moved, FileNotFoundError):
                self._loader.refresh()
                continue
            order = {place: i for i, place in enumerate((s, r) for s, rows in by_shard.items() for r in rows)}
            whole = pa.concat_tables([SCHEMAS[grain].empty_table(), *parts])
            return whole.take([order[place] for place in places] or pa.array([], pa.int64()))
        raise DataError(said("run_moved"))

    def _read(self, shard: int, rows: list[int]) -> pa.Table:
        source = self._loader.source(shard)
        if source.table is not None:
            return source.table.replace_schema_metadata(None).take(rows)
        if source.path is None:
            raise Moved
        return read_rows(source.path, rows).replace_schema_metadata(None)
