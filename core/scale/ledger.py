"""Puts what workers report into run.json: from time to time, several shards at once."""

from __future__ import annotations

import time

from core.scale.report import Report
from core.store import RunFolder
from core.store.files.shards import ShardInfo

_EVERY_S = 1.0


class Ledger:
    """The reports that run.json does not have yet."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder
        self._entries: dict[str, ShardInfo] = {}
        self._models: dict[str, str | None] = {}
        self._failed: dict[str, str | None] = {}
        self._prompts: dict[str, str] = {}
        self._computed: dict[str, tuple[object, ...]] = {}
        self._last = time.monotonic()

    def take(self, report: Report) -> None:
        """Note a report. Rows that its worker could not write are written here.

        Raises :class:`~core.errors.DataError` where they cannot be written here either.
        """
        if report.unwritten:
            self._folder.append(report.unwritten)
        self._entries |= report.written
        self._models |= report.models
        self._failed |= report.failed
        self._prompts |= report.prompts
        for name, one in report.computed.items():
            known = self._computed.get(name, tuple(self._folder.info.computed.get(name, ())))
            self._computed[name] = known if one in known else (*known, one)

    def commit_now_and_then(self) -> None:
        """:meth:`commit` where the last one was a while ago."""
        if time.monotonic() - self._last >= _EVERY_S:
            self.commit()

    def commit(self) -> None:
        """Write what was noted into run.json. Raises :class:`~core.errors.DataError` where that fails."""
        self._last = time.monotonic()
        info = self._folder.info
        changes = {
            "models": self._failed | info.models | self._models,
            "prompts": info.prompts | self._prompts,
            "computed": dict(info.computed) | self._computed,
        }
        if self._entries or any(getattr(info, name) != value for name, value in changes.items()):
            self._folder.commit(self._entries, **changes)
            self._entries = {}

    def note_time(self, seconds: float) -> None:
        """Add ``seconds`` to the time that asking took."""
        self._folder.update(seconds=round(self._folder.info.seconds + seconds, 3))
