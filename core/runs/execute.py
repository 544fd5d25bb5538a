"""Running an audit, from the start or from where it was left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from core.runs.cap import Purse, check_cap, spent
from core.runs.create import library_versions, plan_of, prompt_versions
from core.runs.progress import Meter, RunProgress
from core.audits.base import Bank
from core.audits.citizens.memory import waves, with_memory
from core.errors import Cancelled, CapReached, DataError, InputError, ProviderError, said
from core.providers.base import Provider
from core.cancel import CancelToken
from core.runs.runner import Result, Runner
from core.types import cell_id
from core.store import RunFolder, RunInfo, Status, Store
from core.store.files.compact import compact
from core.types import Cell, Model, Response

OnProgress = Callable[[RunProgress], None]
_MANY_SHARDS = 8


class RunKeeper:
    """Keeps rows in one run that is held for writing, and finds answers in all runs."""

    def __init__(self, store: Store, folder: RunFolder) -> None:
        self._store = store
        self._folder = folder

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """The latest answer for each cache key, from any run, those of other processes included."""
        self._store.refresh()
        return self._store.lookup(keys)

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """One shard with ``rows``. Raises :class:`DataError` where they cannot be written."""
        if not rows:
            return []
        mine = [row.model_copy(update={"run_id": self._folder.info.run_id}) for row in rows]
        self._store.append(self._folder, mine)
        return mine


def run_audit(
    store: Store,
    run_id: str,
    bank: Bank,
    provider_of: Callable[[str], Provider],
    *,
    cancel: CancelToken | None = None,
    on_progress: OnProgress | None = None,
) -> RunInfo:
    """Ask the cells of the plan that the run does not hold yet; to resume is to call this again.

    Answers that another run holds are copied with their own time, so that the run is whole by itself (a run made as
    ``fresh`` asks them again). Every chunk is
    on the disk before the next is asked. Ends as ``done``, as ``cancelled`` when stopped, or as ``failed`` where
    nothing at all could be answered; cells that failed are asked again at the next call. Raises :class:`InputError`
    where the run is shipped, is written by another process, or was begun with another model or prompt version, and
    :class:`DataError` where rows cannot be written; the run is then ``failed`` and can be resumed.
    """
    with store.open(run_id) as folder:
        status: Status = "failed"
        stopped = ""
        try:
            _run(store, folder, bank, provider_of, cancel, on_progress)
            status = "done"
        except Cancelled as stop:
            status = "cancelled"
            stopped = stop.message if isinstance(stop, CapReached) else ""
        except BaseException:
            # What went wrong tells more than that it could not be noted.
            with suppress(DataError):
                _finish(store, folder, status)
            store.refresh()
            raise
        info = _finish(store, folder, status, stopped)
    if info.status == "done" and len(info.shards) > _MANY_SHARDS:
        # Somebody may have taken hold of it, or the disk be full; many small shards read just as well.
        with suppress(InputError, DataError):
            compact(folder.path)
    store.refresh()
    return store.info(run_id)


def _run(
    store: Store,
    folder: RunFolder,
    bank: Bank,
    provider_of: Callable[[str], Provider],
    cancel: CancelToken | None,
    on_progress: OnProgress | None,
) -> None:
    cells = plan_of(folder.info, bank)
    kept = store.kept(folder.info.run_id)
    missing = [cell for cell in cells if (cell_id(cell), cell.sample) not in kept]
    check_cap(missing, folder.info.cap)
    purse = Purse(folder.info.cap, spent(store, folder.info.run_id))
    revisions = _revisions(cells, provider_of)
    prompts = prompt_versions(cells)
    if kept:
        _check_same(store, folder.info, revisions, prompts)
    folder.update(
        status="running",
        finished=None,
        models=folder.info.models | revisions,
        prompts=prompts,
        libraries=library_versions(),
        counts={**folder.info.counts, "planned": len(cells)},
    )
    meter = Meter(len(cells), len(cells) - len(missing))
    if on_progress:
        on_progress(meter.progress())
    if missing:
        purse.check()
    runner = Runner(RunKeeper(store, folder), provider_of)
    recalled = sorted({name for cell in missing for name in cell.memory})
    known = {row.cell_id: row for row in store.rows(folder.info.run_id, recalled)} if recalled else {}
    planned = {cell_id(cell): cell for cell in cells} if recalled else {}

    def tell(results: list[Result]) -> None:
        if runner.storage_error is not None:
            raise runner.storage_error
        known.update({result.response.cell_id: result.response for result in results} if recalled else {})
        cached = sum(result.cached for result in results)
        errors = sum(result.response.outcome == "error" for result in results)
        progress = meter.add(len(results) - cached, cached, errors)
        if on_progress:
            on_progress(progress)
        purse.take(results)

    # A spec may want new measurements where earlier runs hold answers: a wave is no copy.
    afresh = isinstance(folder.info.spec, dict) and folder.info.spec.get("afresh") is True
    for wave in waves(missing):
        asked = [with_memory(cell, planned, known) for cell in wave]
        runner.run(asked, fresh=folder.info.fresh or afresh, copy=True, cancel=cancel, on_results=tell)


def _revisions(cells: Sequence[Cell], provider_of: Callable[[str], Provider]) -> dict[str, str | None]:
    """The versions that would answer now; a model that cannot be reached is left out and gives error rows later."""
    found: dict[str, str | None] = {}
    models: dict[str, Model] = {cell.model.id: cell.model for cell in cells}
    for model in models.values():
        with suppress(ProviderError):
            found[model.id] = provider_of(model.provider).revision(model)
    return found


def _check_same(store: Store, info: RunInfo, revisions: dict[str, str | None], prompts: dict[str, str]) -> None:
    rows = store.frame(
        "SELECT DISTINCT model_id, model_revision FROM responses WHERE run_id = ? AND outcome <> 'error'",
        [info.run_id],
    )
    for model_id, revision in zip(rows.model_id, rows.model_revision, strict=True):
        if model_id in revisions and revisions[model_id] != (revision or None):
            raise InputError(said("revision_changed", revision=revision, model=model_id, now=revisions[model_id]))
    if prompts != info.prompts:
        raise InputError(said("prompts_changed"))


def _finish(store: Store, folder: RunFolder, status: Status, stopped: str = "") -> RunInfo:
    run_id = folder.info.run_id
    store.refresh()
    found = store.frame(
        """
        SELECT outcome <> 'error' AS good, error_kind, count(*) AS rows, count(copied_from) AS copied,
            sum(cost_usd) FILTER (copied_from IS NULL) AS dollars
        FROM responses WHERE run_id = ? GROUP BY ALL
        """,
        [run_id],
    )
    errors = found[~found.good.astype(bool)]
    answers = int(found.rows.sum() - errors.rows.sum())
    counts = {
        "planned": folder.info.counts.get("planned", 0),
        "answers": answers,
        "copied": int(found.copied.sum()),
        "errors": int(errors.rows.sum()),
        **{f"errors_{kind}": int(rows) for kind, rows in zip(errors.error_kind, errors.rows, strict=True)},
    }
    dollars = found.dollars.dropna()
    if status == "done" and not answers and counts["errors"]:
        status = "failed"
    return folder.update(
        status=status,
        stopped=stopped,
        finished=datetime.now(UTC),
        counts=counts,
        cost_usd=float(dollars.sum()) if len(dollars) else None,
    )
