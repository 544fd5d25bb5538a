"""A worker: one process that has a provider, asks portions of cells and writes their rows as shards."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import Cancelled, DataError, ProviderError
from core.providers import get_provider
from core.providers.base import computation_of
from core.runs.check_first import measure_typed
from core.runs.fetch import fetch_now
from core.runs.keeper import UsableOnly
from core.runs.runner import Runner
from core.scale.limits import SharedPaces
from core.scale.report import Report
from core.settings import settings
from core.store.files.worker_shards import write_part
from core.types import Cell, Model, Response

_EVERY_S = 20.0
_MOST_ROWS = 5_000
"""A shard is written after so many seconds or rows: so much is asked again where a worker is lost."""


class Worker:
    """Asks cells for the run in ``path``. It becomes an actor where a driver makes it one.

    ``environment`` are settings of the driver (never keys, which each node has in its own environment); ``threads`` are
    the cores that it may use; ``limits`` and ``known`` are actors, or ``None``.
    """

    def __init__(
        self, name: str, path: Path, environment: Mapping[str, str], threads: int | None, limits: Any, known: Any
    ) -> None:
        os.environ.update(environment)
        if threads is not None:
            # Ray sets OMP_NUM_THREADS to the cores of an actor; torch is told the same number by the loader.
            os.environ["PARALLAX_THREADS"] = str(threads)
        settings.cache_clear()
        now = settings()
        # Nodes share the folder of runs, or each mirrors the object store in a folder of its own.
        self._name, self._path = name, now.runs_dir / path.name if now.runs_address else path
        self._path.mkdir(parents=True, exist_ok=True)
        self._limits, self._known = limits, known
        self._stop = threading.Event()
        self._tried: set[str] = set()
        self._shared: set[str] = set()

    def ready(self) -> int:
        """The id of its process, once it can be asked."""
        return os.getpid()

    def stop(self) -> None:
        """Stop after the batch in hand; what was answered is written."""
        self._stop.set()

    def meet(self, models: Sequence[Model]) -> list[tuple[bool, str | None, int]]:
        """Of each model whether it can be reached, its version here, and how many requests a batch of it has."""
        found: list[tuple[bool, str | None, int]] = []
        for model in models:
            provider = get_provider(model.provider)
            try:
                measure_typed([model], get_provider, self._stop)
                fetch_now([model])
                found.append((True, provider.revision(model), provider.batch_size(model)))
            except ProviderError:
                found.append((False, None, provider.batch_size(model)))
        return found

    def ask(
        self, attempt: int, cells: Sequence[Cell], fresh: bool, usable: Callable[[Response], bool], want_answers: bool
    ) -> Report:
        """Ask ``cells``, all of one model, and write the rows under the number ``attempt``.

        ``usable`` says which answers of other runs may be used.
        """
        report = Report()
        keeper = _PartKeeper(self._path, attempt, self._known, report)
        model = cells[0].model
        provider = get_provider(model.provider)
        self._share_limits(provider)
        begun = time.monotonic()
        runner = Runner(UsableOnly(keeper, usable), get_provider, trial=model.id not in self._tried)
        try:
            with suppress(ProviderError):  # the runner makes rows of it
                fetch_now([model])
            runner.run(
                cells,
                fresh=fresh,
                copy=True,
                cancel=self._stop,
                on_results=report.add,
            )
            self._tried.add(model.id)
        except Cancelled:
            report.stopped = True
        keeper.close()
        report.seconds = time.monotonic() - begun
        computed = computation_of(provider, model)
        if computed is not None:
            report.computed[model.id] = computed
        if want_answers:
            report.answers = [row for row in keeper.rows if row.outcome != "error"]
        return report

    def _share_limits(self, provider: Any) -> None:
        """Give a hosted provider the limits that all workers keep together."""
        if self._limits is not None and provider.name not in self._shared and hasattr(provider, "share_limits"):
            self._shared.add(provider.name)
            provider.share_limits(SharedPaces(self._limits, self._name, lambda: settings().max_in_flight))


class _PartKeeper:
    """Keeps the rows of one portion and writes them from time to time."""

    def __init__(self, path: Path, attempt: int, known: Any, report: Report) -> None:
        self._path, self._attempt, self._known, self._report = path, attempt, known, report
        self._mine: dict[str, Response] = {}
        self._waiting: list[Response] = []
        self._last = time.monotonic()
        self.rows: list[Response] = []

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """Answers of earlier runs, and of this portion."""
        found = {key: self._mine[key] for key in keys if key in self._mine}
        other = [key for key in keys if key not in found]
        if other and self._known is not None:
            import ray

            found |= ray.get(self._known.lookup.remote(other))
        return found

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """Keep ``rows``, and write what waits where it is time to."""
        mine = [row.model_copy(update={"run_id": self._path.name}) for row in rows]
        self._mine |= {row.cache_key: row for row in mine if row.outcome != "error"}
        self.rows += mine
        self._waiting += mine
        if time.monotonic() - self._last >= _EVERY_S or len(self._waiting) >= _MOST_ROWS:
            self._write()
        return mine

    def close(self) -> None:
        """Write the rest. What cannot be written goes back with the report, and whoever runs the audit writes it."""
        self._write()
        self._report.unwritten = self._waiting

    def _write(self) -> None:
        self._last = time.monotonic()
        if not self._waiting:
            return
        try:
            self._report.written |= write_part(self._path, self._attempt, self._waiting)
        except DataError as error:
            self._report.problem = error.sentence()
            return
        self._waiting = []
