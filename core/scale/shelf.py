"""What a run must know of stored answers, in a process of its own: a store in memory would be the largest part of a
driver.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.runs.cap import Spent, spent
from core.runs.counts import Counts, counts_of, stored_revisions
from core.settings import DATA, settings
from core.store import Store
from core.store.files.mirror import mirror_of
from core.store.index.aggregates import NEVER
from core.types import Response


class Shelf:
    """The actor: the stored answers of all runs but ``run_id``, and on request those of that run."""

    def __init__(self, runs_dir: Path, run_id: str, environment: Mapping[str, str]) -> None:
        os.environ.update(environment)
        settings.cache_clear()
        now = settings()
        self._runs_dir, self._run_id = now.runs_dir if now.runs_address else runs_dir, run_id
        self._others: Store | None = None

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """The latest answer that another run has for each cache key."""
        if self._others is None:
            runs = [DATA / "runs"]
            self._others = Store(self._runs_dir, runs, without={self._run_id}, aggregate_above=NEVER)
        return self._others.lookup(keys)

    def has_others(self) -> bool:
        """Whether any other run has an answer."""
        self.lookup([])
        assert self._others is not None  # noqa: S101 - the line before made it
        return bool(self._others.frame("SELECT 1 FROM responses LIMIT 1").shape[0])

    def spent(self) -> Spent:
        """What the run has used."""
        return spent(self._run(), self._run_id)

    def stored_revisions(self, made: Sequence[str]) -> list[tuple[str, str | None]]:
        """Model and revision of the answers of the run, but of those that code made."""
        return stored_revisions(self._run(), self._run_id, made)

    def answers(self, cell_ids: Sequence[str]) -> list[Response]:
        """The answers of the run to these cells."""
        return [row for row in self._run().rows(self._run_id, cell_ids) if row.outcome != "error"]

    def counts(self, made: Sequence[str]) -> Counts:
        """See :func:`core.runs.counts.counts_of`."""
        return counts_of(self._run(), self._run_id, made)

    def _run(self) -> Store:
        """A store of this run alone, opened anew: it is asked at the beginning, at a stage and at the end."""
        mirror = mirror_of(self._runs_dir)
        if mirror is not None:
            mirror.pull(self._run_id)  # whatever this process fetched a moment ago
        return Store(self._runs_dir, only={self._run_id}, aggregate_above=NEVER)
