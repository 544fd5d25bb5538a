"""The store: all runs of the user and all shipped runs, behind typed queries that return data frames."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from core.errors import DataError, InputError, said
from core.i18n import DEFAULT
from core.store.files.run_folder import RunFolder, delete_run
from core.store.files.run_info import RunInfo
from core.store.files.run_title import write_title
from core.store.files.schema import Row
from core.store.index.full_rows import FullRows
from core.store.index.loader import Loader
from core.store.index.queries import Queries


class Store(Queries, FullRows):
    """Reads the run folders in ``runs_dir`` and in each of ``shipped``; it writes only in ``runs_dir``.

    Safe to use from any number of threads. Other processes may write the same folders; :meth:`refresh` loads what they
    wrote. A folder that cannot be read is left out, and :meth:`problems` reports it. ``only`` and ``without`` name runs
    that alone are read, or are not.

    A run with more answers than ``aggregate_above`` (by the settings unless given) is opened through its aggregate,
    where it has one: its readings and counts are those of its answers, which are read from its shards when a query asks
    for them.
    """

    def __init__(
        self,
        runs_dir: Path,
        shipped: Iterable[Path] = (),
        *,
        only: Collection[str] | None = None,
        without: Collection[str] = (),
        aggregate_above: int | None = None,
    ) -> None:
        self.runs_dir = runs_dir

        def chosen(name: str) -> bool:
            return name not in without and (only is None or name in only)

        super().__init__(Loader([*((path, True) for path in shipped), (runs_dir, False)], chosen, aggregate_above))
        self._loader.refresh()

    def refresh(self) -> None:
        """Load new shards and changed run.json files, and drop runs that were deleted."""
        self._loader.refresh()

    def faults(self) -> list[tuple[Path, DataError]]:
        """Folders that were left out wholly or in part, each with its error."""
        return self._loader.faults()

    def problems(self, language: str = DEFAULT) -> list[tuple[Path, str]]:
        """Folders that were left out wholly or in part, each with the reason in ``language``."""
        return [(path, found.sentence(language)) for path, found in self.faults()]

    def contents(self) -> dict[str, list[str]] | None:
        """The names of the shards of every run, by run id; ``None`` while some answers are in memory only.

        The value changes whenever a shard appears, disappears or could not be read. What was computed from the store is
        valid as long as it stays the same.
        """
        return self._loader.contents()

    def close(self) -> None:
        """Close the database and free its memory."""
        self._loader.close()

    def create(self, info: RunInfo) -> RunFolder:
        """Make a run and open it for writing.

        Raises :class:`InputError` where the run exists and :class:`DataError` where its folder cannot be written.
        """
        if self._loader.run(info.run_id) is not None:
            raise InputError(said("run_exists", run=info.run_id))
        folder = RunFolder.create(self.runs_dir, info)
        self._loader.reload(folder.path)
        return folder

    def open(self, run_id: str) -> RunFolder:
        """Open an existing run for writing.

        Raises :class:`InputError` where the run does not exist, is shipped or is being written already, and
        :class:`DataError` where it is damaged.
        """
        folder = RunFolder.open(self._writable(run_id))
        self._loader.read_in_full(folder.path)
        return folder

    def append(self, folder: RunFolder, rows: Sequence[Row]) -> None:
        """Write ``rows`` to their run and add them to the database.

        Raises :class:`DataError` where they cannot be written. They are then kept in memory, count in every query, and
        are written with the next append that succeeds.
        """
        try:
            folder.append(rows)
        except DataError:
            if folder.unsaved:
                self.remember(folder.info, rows)
            raise
        self._loader.saved(folder.info.run_id, folder.path)

    def remember(self, info: RunInfo, rows: Sequence[Row]) -> None:
        """Keep ``rows`` in memory only, until this process ends."""
        self._loader.remember(info, rows)

    def update(self, run_id: str, **changes: Any) -> RunInfo:
        """Change fields of a run.json. Title and note can be changed at any time, other fields only while nobody writes
        the run.

        Raises :class:`InputError` where the run is shipped, in memory only or being written, and :class:`DataError`
        where its folder cannot be written.
        """
        path = self._writable(run_id)
        if changes.keys() <= {"title", "note"}:
            info = write_title(path, **changes)
        else:
            with RunFolder.open(path) as folder:
                info = folder.update(**changes)
        self._loader.reload(path)
        return info

    def delete(self, run_id: str) -> None:
        """Delete a run. Raises :class:`InputError` where it is shipped or being written."""
        delete_run(self._writable(run_id))
        self._loader.refresh()

    def info(self, run_id: str) -> RunInfo:
        """The run.json of a run. Raises :class:`InputError` where there is none."""
        run = self._loader.run(run_id)
        if run is None:
            raise InputError(said("no_run", run=run_id))
        return run.info

    def path(self, run_id: str) -> Path | None:
        """The folder of a run; ``None`` where the run is in memory only. Raises :class:`InputError` where there is no
        run.
        """
        self.info(run_id)
        run = self._loader.run(run_id)
        return run.path if run else None

    def is_aggregated(self, run_id: str) -> bool:
        """Whether a run is open through its aggregate, without its answers in memory."""
        run = self._loader.run(run_id)
        return run is not None and run.aggregate is not None

    def aggregated(self) -> list[str]:
        """Ids of the runs that are open through their aggregates."""
        return [run_id for run_id in self._loader.contents() or () if self.is_aggregated(run_id)]

    def _writable(self, run_id: str) -> Path:
        self.info(run_id)
        run = self._loader.run(run_id)
        if run is None or run.shipped:
            raise InputError(said("run_shipped", run=run_id))
        if run.path is None:
            raise InputError(said("run_in_memory", run=run_id))
        return run.path
