"""The store: every run of the user and every shipped one, behind typed queries that return data frames."""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from core.errors import DataError, InputError, said
from core.i18n import DEFAULT
from core.store.folder import RunFolder, delete_run
from core.store.info import RunInfo
from core.store.label import write_label
from core.store.loader import Loader, Moved
from core.store.readings import ALL, ReadingFilter
from core.store.schema import IDENTITY, SCHEMAS, Grain, Row, TraceStep, to_responses, to_trace_steps
from core.store.shards import read_rows
from core.store.tables import light_columns, utc_now
from core.types import Frozen, Response

_ATTEMPTS = 3


class Selection(Frozen):
    """Which rows: of these runs, of one question, of these models. What is None does not restrict."""

    run_ids: tuple[str, ...] | None = None
    question_id: str | None = None
    model_ids: tuple[str, ...] | None = None

    def where(self) -> tuple[str, list[Any]]:
        """An SQL condition and its parameters."""
        parts, values = ["true"], list[Any]()
        if self.run_ids is not None:
            parts.append("run_id IN (SELECT unnest(?::VARCHAR[]))")
            values.append(list(self.run_ids))
        if self.question_id is not None:
            parts.append("question_id = ?")
            values.append(self.question_id)
        if self.model_ids is not None:
            parts.append("model_id IN (SELECT unnest(?::VARCHAR[]))")
            values.append(list(self.model_ids))
        return " AND ".join(parts), values


class Store:
    """Reads run folders under ``runs_dir`` and, never writing there, under each of ``shipped``.

    Safe to use from any number of threads; other processes may write the same folders. What they wrote shows after
    :meth:`refresh`. A folder that cannot be read is set aside and reported by :meth:`problems`.
    """

    def __init__(self, runs_dir: Path, shipped: Iterable[Path] = ()) -> None:
        self.runs_dir = runs_dir
        self._loader = Loader([*((path, True) for path in shipped), (runs_dir, False)])
        self._loader.refresh()

    def refresh(self) -> None:
        """Load new shards and changed run.json files, and drop runs that were deleted."""
        self._loader.refresh()

    def problems(self, language: str = DEFAULT) -> list[tuple[Path, str]]:
        """Folders that were set aside, in whole or in part, with the reason in ``language``."""
        return self._loader.problems(language)

    def close(self) -> None:
        """Free the memory."""
        self._loader.close()

    # Writing

    def create(self, info: RunInfo) -> RunFolder:
        """A new run, held for writing. Raises :class:`InputError` where it exists, :class:`DataError`."""
        if self._loader.run(info.run_id) is not None:
            raise InputError(said("run_exists", run=info.run_id))
        folder = RunFolder.create(self.runs_dir, info)
        self._loader.reload(folder.path)
        return folder

    def open(self, run_id: str) -> RunFolder:
        """An existing run, held for writing. Raises :class:`InputError` where it is shipped or held elsewhere."""
        folder = RunFolder.open(self._writable(run_id))
        self._loader.reload(folder.path)
        return folder

    def append(self, folder: RunFolder, rows: Sequence[Row]) -> None:
        """Write ``rows`` to their run and show them at once.

        Where they cannot be written they are kept in memory, answer every query, and are written with the next
        append that succeeds; :class:`DataError` says so.
        """
        try:
            folder.append(rows)
        except DataError:
            if folder.unsaved:
                self.remember(folder.info, rows)
            raise
        self._loader.saved(folder.info.run_id, folder.path)

    def remember(self, info: RunInfo, rows: Sequence[Row]) -> None:
        """Keep ``rows`` in memory only, for as long as this process runs."""
        self._loader.remember(info, rows)

    def update(self, run_id: str, **changes: Any) -> RunInfo:
        """Change title and note of a run at any time, status and the like of one that nobody is writing.

        Raises :class:`InputError`, and :class:`DataError` where its folder cannot be written.
        """
        path = self._writable(run_id)
        if changes.keys() <= {"title", "note"}:
            info = write_label(path, **changes)
        else:
            with self.open(run_id) as folder:
                info = folder.update(**changes)
        self._loader.reload(path)
        return info

    def delete(self, run_id: str) -> None:
        """Remove a run for good. Raises :class:`InputError` where it is shipped or being written."""
        delete_run(self._writable(run_id))
        self._loader.refresh()

    def info(self, run_id: str) -> RunInfo:
        """The run.json of a run. Raises :class:`InputError` where there is none."""
        run = self._loader.run(run_id)
        if run is None:
            raise InputError(said("no_run", run=run_id))
        return run.info

    def path(self, run_id: str) -> Path | None:
        """The folder of a run, or None where it is in memory only. Raises :class:`InputError`."""
        self.info(run_id)
        run = self._loader.run(run_id)
        return run.path if run else None

    # Reading

    def frame(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """The result of ``sql`` over the views ``runs``, ``cells``, ``responses`` and ``trace_steps``; times in UTC.

        For code of this project only: nothing here guards against what a user could type.
        """
        with self._loader.cursor() as cursor:
            # By way of Arrow: lists are ready three times sooner, and a column of nulls keeps its type.
            found: pd.DataFrame = cursor.sql(sql, params=list(values)).to_arrow_table().to_pandas()
        for name in found.columns:
            if pd.api.types.is_datetime64_dtype(found[name].dtype):
                found[name] = found[name].dt.tz_localize("UTC")
        return found

    @contextmanager
    def reader(self, sql: str, values: Sequence[Any] = ()) -> Iterator[pa.RecordBatchReader]:
        """The result of ``sql`` as Arrow, some rows at a time; like :meth:`frame`, for code of this project only."""
        with self._loader.cursor() as cursor:
            yield cursor.sql(sql, params=list(values)).to_arrow_reader(50_000)

    def runs(self) -> pd.DataFrame:
        """One row a run, newest first, with ``rows``, ``errors``, ``shipped`` and ``saved``.

        ``spec``, ``models``, ``prompts``, ``libraries`` and ``counts`` are JSON texts.
        """
        return self.frame("FROM runs ORDER BY created DESC, run_id")

    def responses(
        self,
        run_ids: Sequence[str] | None = None,
        question_id: str | None = None,
        model_ids: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row a cell and sample, without prompts and top tokens (:meth:`rows` has those).

        ``columns`` leaves out all others, which a large run is read several times faster without.
        """
        where, values = _selection(run_ids, question_id, model_ids).where()
        known = light_columns("responses")
        names = ", ".join(known if columns is None else [name for name in known if name in columns])
        return self.frame(f"SELECT {names} FROM responses WHERE {where}", values)

    def readings(self, chosen: ReadingFilter | None = None) -> pd.DataFrame:
        """First-token readings, one row a model, question, persona and language, averaged over printed orders.

        The latest answer of each printed order counts. ``codes`` ascend, ``probabilities`` follow them and sum to 1,
        ``valid_mass`` (0..1) is what lay on the options before; ``run_id`` and ``cell_id`` lead to the latest prompt.
        """
        chosen = chosen or ReadingFilter()
        self.prepare_readings(chosen.scope)
        where, values = chosen.where()
        return self.frame(
            f"""SELECT * EXCLUDE (scope, reading_key, country, told) FROM readings WHERE {where}
            ORDER BY model_id, language, persona, question_id""",
            values,
        )

    def reading_heads(self, chosen: ReadingFilter | None = None) -> pd.DataFrame:
        """What there are readings of: model_id, language, told, country, and n, how many."""
        chosen = chosen or ReadingFilter()
        self.prepare_readings(chosen.scope)
        where, values = chosen.where()
        return self.frame(
            f"""SELECT model_id, language, told, country, count(*) AS n FROM readings
            WHERE {where} GROUP BY ALL ORDER BY ALL""",
            values,
        )

    def prepare_readings(self, scope: str = ALL) -> None:
        """Bring the readings of ``scope`` up to date, so that the next question about them is answered at once."""
        self._loader.bring_up_readings(scope)

    def cells(self, run_ids: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a cell of a run: its question, persona, variant and model, and how many samples it has."""
        where, values = _selection(run_ids, None, None).where()
        return self.frame(f"FROM cells WHERE {where}", values)

    def kept(self, run_id: str) -> set[tuple[str, int]]:
        """Cell and sample of every answer that a run has; errors are not answers and are asked again."""
        sql = "SELECT DISTINCT cell_id, sample FROM responses WHERE run_id = ? AND outcome <> 'error'"
        with self._loader.cursor() as cursor:
            return {(cell, sample) for cell, sample in cursor.execute(sql, [run_id]).fetchall()}

    def recent(self, n: int = 20, kind: str | None = None) -> pd.DataFrame:
        """The questions asked last, newest first: when, in which run, of which models, personas and languages.

        ``kind`` restricts to runs of that kind. Personas are in the form of ``Persona.key``.
        """
        return self.frame(
            """
            WITH latest AS (
                SELECT run_id, question_id, max(created) AS created FROM responses
                WHERE ? IS NULL OR run_id IN (SELECT run_id FROM all_runs WHERE kind = ?)
                GROUP BY ALL ORDER BY created DESC, run_id, question_id LIMIT ?
            )
            SELECT l.created, run_id, question_id, arg_max(r.question_json, r.created) AS question_json,
                list_sort(list(DISTINCT r.model_id)) AS model_ids,
                list_sort(list(DISTINCT concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''),
                    coalesce(education, '')))) AS personas,
                list_sort(list(DISTINCT r.language)) AS languages, count(*) AS rows
            FROM latest AS l JOIN responses AS r USING (run_id, question_id)
            GROUP BY ALL ORDER BY l.created DESC, run_id, question_id
            """,
            [kind, kind, n],
        )

    def rows(self, run_id: str, cell_ids: Sequence[str]) -> list[Response]:
        """The responses of some cells of a run with everything that was stored, in the order of ``created``."""
        where = "current AND run_id = ? AND cell_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY created, seq, row"
        return to_responses(self._full("responses", where, [run_id, list(cell_ids)]))

    def steps(self, run_id: str, cell_id: str) -> list[TraceStep]:
        """The trace of a cell, in the order of writing."""
        where = "current AND run_id = ? AND cell_id = ? ORDER BY seq, row"
        return to_trace_steps(self._full("trace_steps", where, [run_id, cell_id]))

    def steps_of(self, run_id: str, cell_ids: Sequence[str]) -> dict[str, list[TraceStep]]:
        """The traces of many cells of a run, read together; a cell without one has an empty list."""
        where = "current AND run_id = ? AND cell_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY seq, row"
        found: dict[str, list[TraceStep]] = {cell_id: [] for cell_id in cell_ids}
        for step in to_trace_steps(self._full("trace_steps", where, [run_id, list(found)])):
            found[step.cell_id].append(step)
        return found

    def lookup(self, cache_keys: Iterable[str]) -> dict[str, Response]:
        """The latest answer for each cache key that has one; errors are never answers.

        One whose time is still to come was written under a wrong clock and counts as the oldest.
        """
        where = """
            cache_key IN (SELECT unnest(?::VARCHAR[])) AND outcome <> 'error'
            QUALIFY row_number() OVER (
                PARTITION BY cache_key ORDER BY created > ?, created DESC, seq DESC, row DESC
            ) = 1
            """
        keys = list(dict.fromkeys(cache_keys))
        found = to_responses(self._full("responses", where, [keys, utc_now()])) if keys else []
        return {row.cache_key: row for row in found}

    def tables(self, grain: Grain, selection: Selection) -> Iterator[pa.Table]:
        """Every stored row of ``selection`` with all its columns, a shard at a time.

        Raises :class:`DataError` where a run is changed meanwhile. Trace steps follow the cells that are selected.
        """
        where, values = selection.where()
        if grain != "responses" and (selection.question_id, selection.model_ids) != (None, None):
            key = ", ".join(IDENTITY["responses"])
            where = f"({key}) IN (SELECT ({key}) FROM responses WHERE {where})"
        with self._loader.cursor() as cursor:
            shards = cursor.execute(
                f"""SELECT shard, list(row ORDER BY row) FROM all_{grain}
                WHERE current AND {where} GROUP BY shard ORDER BY shard""",
                values,
            ).fetchall()
        for shard, rows in shards:
            try:
                yield self._read(shard, rows)
            except (Moved, FileNotFoundError) as error:
                raise DataError(said("run_moved")) from error

    def _full(self, grain: Grain, where: str, values: Sequence[Any]) -> pa.Table:
        """Complete rows that meet ``where``, in its order."""
        for _ in range(_ATTEMPTS):
            with self._loader.cursor() as cursor:
                places = cursor.execute(f"SELECT shard, row FROM all_{grain} WHERE {where}", list(values)).fetchall()
            by_shard: dict[int, list[int]] = {}
            for shard, row in places:
                by_shard.setdefault(shard, []).append(row)
            try:
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

    def _writable(self, run_id: str) -> Path:
        self.info(run_id)
        run = self._loader.run(run_id)
        if run is None or run.shipped:
            raise InputError(said("run_shipped", run=run_id))
        if run.path is None:
            raise InputError(said("run_in_memory", run=run_id))
        return run.path


def _selection(run_ids: Sequence[str] | None, question_id: str | None, model_ids: Sequence[str] | None) -> Selection:
    return Selection(
        run_ids=None if run_ids is None else tuple(run_ids),
        question_id=question_id,
        model_ids=None if model_ids is None else tuple(model_ids),
    )
