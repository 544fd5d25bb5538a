"""The store: every run of the user and every shipped one, behind typed queries that return data frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    """Reads run folders under ``runs_dir`` and, never writing there, under each of ``shipped``.

    Safe to use from any number of threads; other processes may write the same folders. What they wrote shows after
    :meth:`refresh`. A folder that cannot be read is set aside and reported by :meth:`problems`.
    """

    def __init__(self, runs_dir: Path, shipped: Iterable[Path] = ()) -> None:
        self.runs_dir = runs_dir
        super().__init__(Loader([*((path, True) for path in shipped), (runs_dir, False)]))
        self._loader.refresh()

    def refresh(self) -> None:
        """Load new shards and changed run.json files, and drop runs that were deleted."""
        self._loader.refresh()

    def faults(self) -> list[tuple[Path, DataError]]:
        """Folders that were set aside, in whole or in part, each with what is wrong with it."""
        return self._loader.faults()

    def problems(self, language: str = DEFAULT) -> list[tuple[Path, str]]:
        """Folders that were set aside, in whole or in part, with the reason in ``language``."""
        return self._loader.problems(language)

    def contents(self) -> dict[str, list[str]] | None:
        """The shards of every run by run id: their names tell what is in them. None while answers are in memory only.

        A shard that came, went or could not be read changes it, so what was computed from the store holds as long as
        this stays the same.
        """
        return self._loader.contents()

    def close(self) -> None:
        """Free the memory."""
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
            info = write_title(path, **changes)
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

    def _writable(self, run_id: str) -> Path:
        self.info(run_id)
        run = self._loader.run(run_id)
        if run is None or run.shipped:
            raise InputError(said("run_shipped", run=run_id))
        if run.path is None:
            raise InputError(said("run_in_memory", run=run_id))
        return run.path
