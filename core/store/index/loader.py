"""Keeps an in-process database in step with run folders: new shards are loaded, deleted runs are dropped.

One thread loads at a time, under a lock. Queries need no lock: each has its own cursor and sees the state before a load
or after it.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import DataError, said
from core.store.files.run_info import RunInfo
from core.store.files.scan import Fingerprint, Snapshot, fingerprint, folders, look
from core.store.files.schema import GRAINS, Grain, Row, to_table
from core.store.files.shards import ShardName, read_shard
from core.store.index import aggregates, tables
from core.store.index.aggregates import Aggregates
from core.store.index.connection import Connection
from core.store.index.loaded import Loaded, Moved, Source
from core.store.index.memory import TableCompressor
from core.store.index.readings import Readings

log = logging.getLogger(__name__)
_BATCH_ROWS = 100_000
_UNSAVED_SEQ = 10**12


class Loader(Connection):
    """The database over ``roots``: pairs of a folder and whether its runs are shipped; ``chosen`` ones are read.

    ``above`` is the number of answers above which a run is opened through its aggregate (:class:`Aggregates`).
    """

    def __init__(
        self, roots: Sequence[tuple[Path, bool]], chosen: Callable[[str], bool], above: int | None = None
    ) -> None:
        super().__init__()
        self._roots = list(roots)
        self._chosen = chosen
        self._aggregates = Aggregates(above)
        self._runs: dict[str, Loaded] = {}
        self._sources: dict[int, Source] = {}
        self._seen: dict[Path, Fingerprint | None] = {}
        self._problems: dict[Path, list[DataError]] = {}
        self._shard_ids = itertools.count()
        self._compressor = TableCompressor()
        self._readings = Readings()

    @contextmanager
    def rows_of(self, run_ids: Sequence[str] | None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one call that finds every answer of these runs (``None``: of all), also where one is open
        through its aggregate. Raises :class:`DataError` where a shard of such a run is damaged.
        """
        chosen = [run for run in list(self._runs.values()) if run_ids is None or run.info.run_id in run_ids]
        with self.cursor() as cursor:
            if opened := self._aggregates.opened(chosen):
                aggregates.show_every_row(cursor, opened)
            yield cursor

    def read_in_full(self, path: Path) -> None:
        """Have all answers of the run in ``path`` in memory while it is written: whoever writes it needs them."""
        self._aggregates.in_full.add(path.name)
        self.reload(path)

    def source(self, shard: int) -> Source:
        """Where the rows of shard number ``shard`` are. Raises :class:`Moved`."""
        if shard not in self._sources:
            raise Moved
        return self._sources[shard]

    def run(self, run_id: str) -> Loaded | None:
        """The loaded run with this id; ``None`` where there is none."""
        return self._runs.get(run_id)

    def faults(self) -> list[tuple[Path, DataError]]:
        """Folders that were left out wholly or in part, each with its error."""
        with self._lock:
            return [(path, found) for path, errors in self._problems.items() for found in errors]

    def refresh(self) -> None:
        """Load what other threads and processes have written, and drop what they have deleted."""
        with self._lock:
            present: set[Path] = set()
            for root, shipped in self._roots:
                self._problems.pop(root, None)
                try:
                    found = [path for path in folders(root) if self._chosen(path.name)]
                except DataError as error:
                    self._problems[root] = [error]
                    present.update(path for path in self._seen if path.parent == root)
                    continue
                present.update(found)
                if not self._runs:
                    self._load_at_once(found, shipped)
                for path in found:
                    mark = fingerprint(path)
                    if mark is None or self._seen.get(path) != mark or self._aggregates.is_released(path):
                        self._seen[path] = mark if self._load(path, shipped) else None
            for path in set(self._seen) - present:
                self._forget(path)
                del self._seen[path]
            if self._compressor.due():
                with self.cursor() as cursor:
                    self._compressor.compress(cursor)

    def reload(self, path: Path) -> None:
        """Load the changes of one folder. It stays a shipped run or one of the user as before."""
        with self._lock:
            shipped = next((shipped for root, shipped in self._roots if root == path.parent), False)
            self._load(path, shipped)
            self._seen[path] = None

    def remember(self, info: RunInfo, rows: Sequence[Row]) -> None:
        """Keep ``rows`` that could not be written in memory, until :meth:`saved` is called for their run."""
        with self._lock:
            run = self._runs.setdefault(info.run_id, Loaded(info, None, False))
            table = to_table(rows)
            run.unsaved.append(table)
            with self.transaction() as cursor:
                self._put_unsaved(cursor, run, [table])
                tables.put_run(cursor, run.info, run.shipped, saved=False)

    def saved(self, run_id: str, path: Path) -> None:
        """Note that the rows that were in memory for the run are now in its folder at ``path``."""
        with self._lock:
            if (run := self._runs.get(run_id)) and run.unsaved:
                with self.transaction() as cursor:
                    self._drop(cursor, run_id)
            self.reload(path)

    def bring_up_readings(self, scope: str) -> None:
        """Bring the readings of ``scope`` in the table ``readings`` up to date."""
        with self._lock:
            self._readings.bring_up(scope, self.transaction)

    def contents(self) -> dict[str, list[str]] | None:
        """Names of the loaded shards by run id; ``None`` while a run has answers in memory only."""
        with self._lock:
            if any(run.unsaved for run in self._runs.values()):
                return None
            return {name: sorted(run.shards) for name, run in self._runs.items()}

    def _load_at_once(self, paths: Sequence[Path], shipped: bool) -> None:
        """Load all of ``paths`` into the empty database in one transaction, or nothing where any has a fault."""
        marks, known = {path: fingerprint(path) for path in paths}, dict(self._problems)
        try:
            with self.transaction() as cursor:
                for path in paths:
                    snapshot = look(path)
                    if snapshot.info.run_id in self._runs:
                        raise Moved
                    self._take(cursor, path, snapshot, shipped, last=False)
                if self._problems != known:
                    raise Moved
        except BaseException as error:
            self._runs, self._sources, self._problems = {}, {}, known
            if not isinstance(error, Exception):
                raise
            if not isinstance(error, DataError | Moved):
                log.exception("runs could not be loaded at once")
        else:
            self._seen.update(marks)

    def _load(self, path: Path, shipped: bool) -> bool:
        """Load the changes of ``path``; returns False where the outcome depends on other folders too."""
        for last in (False, False, True):
            self._problems.pop(path, None)
            try:
                snapshot = look(path)
            except DataError as error:
                self._forget(path)
                if path.is_dir():
                    self._problems[path] = [error]
                return True
            other = self._runs.get(snapshot.info.run_id)
            if other is not None and other.path not in (None, path):
                self._problems[path] = [DataError(said("run_twice", run=path.name, path=other.path))]
                return False
            try:
                with self.transaction() as cursor:
                    self._take(cursor, path, snapshot, shipped, last)
                return True
            except Moved:
                # Shards were merged, or the run was deleted, since the folder was listed. List it again.
                self._problems[path] = [DataError(said("run_moved"))]
            except Exception as error:
                # Whatever it is, it concerns this run alone: the others are shown, and this one is tried again.
                log.exception("run %s could not be loaded", path.name)
                self._forget(path)
                reason = f"{type(error).__name__}: {error}"
                self._problems[path] = [DataError(said("run_unloaded", run=path.name, reason=reason))]
                return False
        return False

    def _take(
        self, cursor: duckdb.DuckDBPyConnection, path: Path, snapshot: Snapshot, shipped: bool, last: bool
    ) -> None:
        info, problems = snapshot.info, [snapshot.problem] if snapshot.problem else []
        run = self._runs.get(info.run_id) or Loaded(info, path, shipped)
        aggregate = self._aggregates.wanted(path, snapshot, run, problems)
        fresh = Loaded(info, path, shipped, dict(run.shards), run.unsaved, aggregate)
        again = aggregate != run.aggregate or not run.shards.keys() <= snapshot.shards.keys()
        if again:
            self._drop_rows(cursor, info.run_id)
            fresh.shards = {}
        first = next(self._shard_ids)
        sources: dict[int, Source] = {}
        batch: dict[Grain, list[pa.Table]] = {grain: [] for grain in GRAINS}
        # A run that is there already has rows that these may replace; of a large one it is not looked at here.
        unlike = not (run.shards or run.unsaved)
        for name, listed in snapshot.shards.items():
            parsed = ShardName.parse(name)
            if parsed is None:
                problems.append(DataError(said("shard_left_out", name=name)))
            if parsed is None or name in fresh.shards:
                continue
            if aggregate:
                shard = fresh.shards[name] = next(self._shard_ids)
                sources[shard] = Source(info.run_id, parsed.grain, path / name, None)
                continue
            try:
                table, _ = read_shard(path / name, listed, light=True)
                if pc.unique(table["run_id"]).to_pylist() not in ([info.run_id], []):
                    raise DataError(said("shard_foreign", name=name))
            except FileNotFoundError:
                if not last:
                    raise Moved from None
                problems.append(DataError(said("shard_missing_others", name=name)))
                continue
            except DataError as error:
                problems.append(DataError(error.parts[0], said("hint_others_loaded")))
                continue
            shard = fresh.shards[name] = next(self._shard_ids)
            sources[shard] = Source(info.run_id, parsed.grain, path / name, None)
            batch[parsed.grain].append(tables.place(parsed.grain, table, shard, parsed.number))
            self._compressor.added(table.num_rows)
            if sum(part.num_rows for part in batch[parsed.grain]) >= _BATCH_ROWS:
                tables.insert(cursor, parsed.grain, batch[parsed.grain])
                batch[parsed.grain], unlike = [], False
        for grain, parts in batch.items():
            tables.insert(cursor, grain, parts)
        if again:
            self._put_unsaved(cursor, fresh, fresh.unsaved)
        for grain in {source.grain for source in sources.values() if not aggregate}:
            self._mark_current(cursor, grain, first, unlike and tables.are_unlike(grain, batch[grain]))
        if aggregate != run.aggregate:
            aggregates.put(cursor, fresh)
            aggregates.show(cursor, {**self._runs, info.run_id: fresh}.values())
            self._readings.forget()
        if fresh != run or info.run_id not in self._runs:
            tables.put_run(cursor, info, shipped, saved=not fresh.unsaved)
        for gone in set(run.shards.values()) - set(fresh.shards.values()):
            self._sources.pop(gone, None)
        self._sources.update(sources)
        self._runs[info.run_id] = fresh
        if problems:
            self._problems[path] = problems

    def _put_unsaved(self, cursor: duckdb.DuckDBPyConnection, run: Loaded, parts: Sequence[pa.Table]) -> None:
        for table in parts:
            grain: Grain = "responses" if "outcome" in table.column_names else "trace_steps"
            shard = next(self._shard_ids)
            tables.insert(cursor, grain, [tables.place(grain, table, shard, _UNSAVED_SEQ + shard)])
            self._mark_current(cursor, grain, shard)
            self._sources[shard] = Source(run.info.run_id, grain, None, table)

    def _forget(self, path: Path) -> None:
        self._problems.pop(path, None)
        for run_id in [run_id for run_id, run in self._runs.items() if run.path == path]:
            with self.transaction() as cursor:
                self._drop(cursor, run_id)

    def _mark_current(self, cursor: duckdb.DuckDBPyConnection, grain: Grain, first: int, done: bool = False) -> None:
        if not done:
            tables.mark_current(cursor, grain, first)
        if grain == "responses":
            # Answers that are no longer current belong to the same cells as those that replaced them.
            self._readings.touch(cursor, tables.SAME_CELLS, first)

    def _drop_rows(self, cursor: duckdb.DuckDBPyConnection, run_id: str) -> None:
        self._readings.touch(cursor, "run_id = ?", run_id)
        tables.drop_run(cursor, run_id)
        aggregates.drop(cursor, run_id)

    def _drop(self, cursor: duckdb.DuckDBPyConnection, run_id: str) -> None:
        self._drop_rows(cursor, run_id)
        if self._runs.pop(run_id).aggregate:
            aggregates.show(cursor, self._runs.values())
            self._readings.forget()
        self._sources = {shard: source for shard, source in self._sources.items() if source.run_id != run_id}
