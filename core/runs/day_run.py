"""The run that all single asks of one day and process share, so that a day of trying things out makes one run."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from core.errors import DataError
from core.runs.keeper import R, RunKeeper
from core.runs.record import new_info
from core.store import RunFolder, RunInfo, Store
from core.store.files.kinds import PROBE
from core.types import Computation, Response, digest


def _now() -> datetime:
    return datetime.now(UTC)


class DayRun:
    """Stores single asks in the run of today and this process. Safe to use from several threads.

    The folder of the run is made with the first answer; a new day begins a new run.
    """

    def __init__(self, store: Store, kind: str = PROBE, title: str = "", now: Callable[[], datetime] = _now) -> None:
        self._store = store
        self._kind = kind
        self._title = title
        self._now = now
        self._lock = threading.Lock()
        self._info: RunInfo | None = None
        self._folder: RunFolder | None = None

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """The latest answer for each cache key from any run, also one of another process."""
        self._store.refresh()
        return self._store.lookup(keys)

    def append(self, rows: Sequence[R]) -> list[R]:
        """Store ``rows`` in today's run and return them with its id.

        Raises :class:`DataError` where they cannot be written. The store then has them in memory and finds them for
        every query.
        """
        if not rows:
            return []
        with self._lock:
            info = self._today()
            if self._folder is None:
                try:
                    self._folder = self._store.create(info)
                except DataError:
                    for _, same in groupby(rows, key=type):
                        self._store.remember(info, [row.model_copy(update={"run_id": info.run_id}) for row in same])
                    # A later folder would hide the rows that are only in memory, so the next ask begins a new run.
                    self._info = None
                    raise
            return RunKeeper(self._store, self._folder).append(rows)

    def kept(self) -> set[tuple[str, int]]:
        """Cell id and sample number of every answer in today's run; errors are not among them."""
        with self._lock:
            return RunKeeper(self._store, self._folder).kept() if self._folder else set()

    def answers(self, cell_ids: Sequence[str]) -> dict[str, Response]:
        """The answers that today's run has to these cells, by cell id; errors are not among them."""
        with self._lock:
            return RunKeeper(self._store, self._folder).answers(cell_ids) if self._folder else {}

    def note(self, computed: Mapping[str, Computation], seconds: float = 0.0) -> None:
        """Write into run.json on what the models were computed. Does nothing before the first answer of the day."""
        with self._lock:
            if self._folder is not None:
                RunKeeper(self._store, self._folder).note(computed, seconds)

    def close(self) -> None:
        """Mark the run as done and close its folder. Raises :class:`DataError` where that cannot be written."""
        with self._lock:
            self._finish()

    def _today(self) -> RunInfo:
        now = self._now()
        day = now.strftime("%Y-%m-%d")
        if self._info is None or self._info.created.strftime("%Y-%m-%d") != day:
            self._finish()
            # The name of the computer is hashed, because runs are meant to be passed on.
            who = f"{digest(socket.gethostname(), 6)}-{os.getpid()}-{secrets.token_hex(3)}"
            run_id = f"{self._kind.replace('_', '-')}-{day}-{who}"
            self._info = new_info(self._kind, run_id, now, "running", title=self._title)
        return self._info

    def _finish(self) -> None:
        folder, self._folder, self._info = self._folder, None, None
        if folder is not None:
            try:
                folder.flush()
                folder.update(status="done", finished=self._now())
            finally:
                folder.close()
