"""Single asks share one run a day and process, so that a day of trying things out is one line in the list of runs."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from core.errors import DataError
from core.store.files.run_folder import RunFolder
from core.store.files.run_info import RunInfo
from core.store.index.database import Store
from core.types import Response, digest


def _now() -> datetime:
    return datetime.now(UTC)


class DayRun:
    """The run of today and this process. Safe to use from several threads."""

    def __init__(
        self,
        store: Store,
        kind: str = "probe",
        title: str = "",
        libraries: Mapping[str, str] | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._store = store
        self._kind = kind
        self._title = title
        self._libraries = dict(libraries or {})
        self._now = now
        self._lock = threading.Lock()
        self._info: RunInfo | None = None
        self._folder: RunFolder | None = None

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """The latest answer for each cache key, from any run, those of other processes included."""
        self._store.refresh()
        return self._store.lookup(keys)

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """Store ``rows`` under today's run and return them with its id.

        Raises :class:`DataError` where they cannot be written; they are then in memory and answer every query.
        """
        if not rows:
            return []
        with self._lock:
            info = self._today()
            mine = [row.model_copy(update={"run_id": info.run_id}) for row in rows]
            if self._folder is None:
                try:
                    self._folder = self._store.create(info)
                except DataError:
                    self._store.remember(info, mine)
                    # A later folder would hide what is only in memory, so the next ask starts a run of its own.
                    self._info = None
                    raise
            self._store.append(self._folder, mine)
            self._describe(mine)
            return mine

    def close(self) -> None:
        """Mark the run as done and let it go. Raises :class:`DataError` where that cannot be written."""
        with self._lock:
            self._finish()

    def _today(self) -> RunInfo:
        now = self._now()
        day = now.strftime("%Y-%m-%d")
        if self._info is None or self._info.created.strftime("%Y-%m-%d") != day:
            self._finish()
            # A hash stands for the name of the computer: runs are meant to be passed on.
            who = f"{digest(socket.gethostname(), 6)}-{os.getpid()}-{secrets.token_hex(3)}"
            self._info = RunInfo(
                run_id=f"{self._kind}-{day}-{who}",
                kind=self._kind,
                title=self._title,
                status="running",
                created=now,
                libraries=self._libraries,
            )
        return self._info

    def _describe(self, rows: Sequence[Response]) -> None:
        if self._folder is None:
            return
        info = self._folder.info
        models = info.models | {row.model_id: row.model_revision for row in rows}
        prompts = info.prompts | {row.prompt_version: row.prompt_version for row in rows}
        if (models, prompts) != (info.models, info.prompts):
            self._folder.update(models=models, prompts=prompts)

    def _finish(self) -> None:
        folder, self._folder, self._info = self._folder, None, None
        if folder is not None:
            try:
                folder.flush()
                folder.update(status="done", finished=self._now())
            finally:
                folder.close()
