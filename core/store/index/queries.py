"""SQL queries of the store: runs, cells, answers and readings as data frames."""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pandas as pd
import pyarrow as pa

from core.errors import DataError, InputError, said
from core.store.files.kinds import OPEN_KINDS
from core.store.index.loaded import Moved
from core.store.index.loader import Loader
from core.store.index.question_key import QUESTION_KEY
from core.store.index.reading_sql import MIXED, PRINTED
from core.store.index.readings import ALL, ReadingFilter
from core.store.index.scopes import TUNED
from core.store.index.selection import Selection
from core.store.index.tables import light_columns, utc_now

_ATTEMPTS = 3


class Queries:
    """Queries over the tables of ``loader``. Long columns, such as prompts, are not in the tables but in the shards."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader
        self._known_runs: tuple[int, pd.DataFrame] | None = None

    def frame(self, sql: str, values: Sequence[Any] = (), rows_of: Sequence[str] = ()) -> pd.DataFrame:
        """The result of ``sql`` over the views ``runs``, ``cells``, ``responses``, ``tallies`` and ``trace_steps``.
        Times are in UTC.

        Answers of a run that is open through its aggregate are in no view but ``tallies``; those of the runs
        ``rows_of`` are read from their shards, which takes some time.

        For code of this project only: it has no protection against SQL that a user typed.
        """
        return self._frame(sql, values, rows_of)

    def _frame(
        self, sql: str, values: Sequence[Any], rows_of: Sequence[str] = (), scope: str | None = None
    ) -> pd.DataFrame:
        """:meth:`frame`, with the readings of ``scope`` up to date."""
        found: pd.DataFrame | None = None
        for _ in range(_ATTEMPTS):
            try:
                if scope is not None:
                    self._loader.bring_up_readings(scope)
                before = self._loader.changes
                with self._loader.rows_of(rows_of) as cursor:
                    # Through Arrow, lists are converted three times as fast, and a column of nulls keeps its type.
                    found = cursor.sql(sql, params=list(values)).to_arrow_table().to_pandas()
            except Moved:
                self._loader.refresh()
                continue
            # A run that another thread opened otherwise meanwhile may be without its readings until they are computed.
            if scope is None or before == self._loader.changes:
                break
        if found is None:
            raise DataError(said("run_moved"))
        for name in found.columns:
            if pd.api.types.is_datetime64_dtype(found[name].dtype):
                found[name] = found[name].dt.tz_localize("UTC")
        return found

    @contextmanager
    def reader(self, sql: str, values: Sequence[Any] = ()) -> Iterator[pa.RecordBatchReader]:
        """The result of ``sql`` as Arrow batches. Like :meth:`frame`, for code of this project only."""
        with self._loader.cursor() as cursor:
            yield cursor.sql(sql, params=list(values)).to_arrow_reader(50_000)

    def runs(self) -> pd.DataFrame:
        """One row a run, newest first, with ``rows``, ``errors``, ``shipped`` and ``saved``.

        ``spec``, ``models``, ``prompts``, ``libraries`` and ``counts`` are JSON texts.
        """
        # Every page asks for this several times, and rows and errors are counted over all answers.
        known, changes = self._known_runs, self._loader.changes
        if known is None or known[0] != changes:
            known = self._known_runs = changes, self.frame("FROM runs ORDER BY created DESC, run_id")
        return known[1].copy()

    def responses(
        self,
        run_ids: Sequence[str] | None = None,
        question_id: str | None = None,
        model_ids: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """One row a cell and sample, without prompts and top tokens (:meth:`rows` has those).

        ``columns`` restricts the columns; a large run is read several times faster with few. Raises
        :class:`InputError` for a run that is open through its aggregate: it has too many to be in memory at once.
        """
        self._must_be_in_memory(run_ids or ())
        where, values = _where(run_ids, question_id, model_ids)
        known = light_columns("responses")
        names = ", ".join(known if columns is None else [name for name in known if name in columns])
        return self.frame(f"SELECT {names} FROM responses WHERE {where}", values)

    def readings(self, chosen: ReadingFilter | None = None) -> pd.DataFrame:
        """First-token readings: one row a model, question, persona, language, template and wording.

        A reading is averaged over the ways in which the options were printed, with the latest answer of each. ``codes``
        ascend. ``probabilities`` (arithmetic mean) and ``probabilities_log`` (mean of the logarithms) are in their
        order and sum to 1. ``valid_mass`` (0..1) is the probability on the options before renormalising. ``run_id`` and
        ``cell_id`` lead to the latest prompt.
        """
        chosen = chosen or ReadingFilter()
        source, values = chosen.source()
        return self._frame(
            f"""SELECT * EXCLUDE (reading_key, country, told) FROM {source}
            ORDER BY model_id, language, persona, question_id, template, wording""",
            values,
            scope=chosen.scope,
        )

    def printed(self, chosen: ReadingFilter | None = None) -> pd.DataFrame:
        """First-token answers before they are averaged: one row a reading and way of printing, the latest answer of
        each.

        Columns: model_id, question_id, persona, language, template, wording, labels (``letters`` or ``numbers``), codes
        as printed, mass on each (0..1, before renormalising), created, method. Where the scope is a run, only answers
        of that run count. Answers of runs that are open through their aggregates are not among them: they are too many.
        """
        chosen = chosen or ReadingFilter()
        where, values = chosen.rows()
        return self.frame(PRINTED.format(key=QUESTION_KEY, where=where), [*values, utc_now()])

    def reading_heads(self, chosen: ReadingFilter | None = None) -> pd.DataFrame:
        """The number of readings (``n``) by model_id, language, told and country."""
        chosen = chosen or ReadingFilter()
        source, values = chosen.source()
        return self._frame(
            f"""SELECT model_id, language, told, country, count(*) AS n FROM {source}
            GROUP BY ALL ORDER BY ALL""",
            values,
            scope=chosen.scope,
        )

    def reading_extras(self) -> list[str]:
        """Which answers there are beside those of real models in audits: ``single`` (asked one by one), ``mock``, and
        ``tuned`` (of models that were tuned here, and of their bases in runs that compare the two).
        """
        kinds = ", ".join(f"'{kind}'" for kind in OPEN_KINDS)
        found = self.frame(
            f"""SELECT
            coalesce(bool_or(run_id IN (SELECT run_id FROM all_runs WHERE kind IN ({kinds}))), false) AS single,
            coalesce(bool_or(provider IN ('mock', '{MIXED}')), false) AS mock,
            coalesce(bool_or({TUNED}), false) AS tuned
            FROM (
                SELECT run_id, provider, model_id FROM all_responses WHERE current AND reading_key IS NOT NULL
                UNION ALL
                SELECT run_id, provider, model_id FROM aggregated
            )"""
        )
        return [name for name in ("single", "mock", "tuned") if found[name].iloc[0]]

    def prepare_readings(self, scope: str = ALL) -> None:
        """Bring the readings of ``scope`` up to date, so that the next query for them is answered at once."""
        self._frame("SELECT 1", (), scope=scope)

    def cells(self, run_ids: Sequence[str] | None = None) -> pd.DataFrame:
        """One row a cell of a run: its question, persona, variant and model, and its number of samples."""
        self._must_be_in_memory(run_ids or ())
        where, values = _where(run_ids)
        return self.frame(f"FROM cells WHERE {where}", values)

    def _must_be_in_memory(self, run_ids: Sequence[str]) -> None:
        for run_id in run_ids:
            run = self._loader.run(run_id)
            if run is not None and run.aggregate is not None:
                raise InputError(said("run_aggregated", run=run_id, n=run.aggregate.answers))

    def kept(self, run_id: str) -> set[tuple[str, int]]:
        """Cell id and sample number of every answer in a run. Errors are not answers and are asked again.

        Raises :class:`InputError` for a run that is open through its aggregate; :meth:`Store.open` reads it in full.
        """
        self._must_be_in_memory([run_id])
        sql = "SELECT DISTINCT cell_id, sample FROM responses WHERE run_id = ? AND outcome <> 'error'"
        with self._loader.cursor() as cursor:
            return {(cell, sample) for cell, sample in cursor.execute(sql, [run_id]).fetchall()}

    def recent(self, n: int = 20, kind: str | None = None) -> pd.DataFrame:
        """The questions that were asked last, newest first: time, run, models, personas and languages.

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


def _where(
    run_ids: Sequence[str] | None, question_id: str | None = None, model_ids: Sequence[str] | None = None
) -> tuple[str, list[Any]]:
    return Selection(
        run_ids=None if run_ids is None else tuple(run_ids),
        question_id=question_id,
        model_ids=None if model_ids is None else tuple(model_ids),
    ).where()
