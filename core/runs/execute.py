"""Runs an audit, from the beginning or from where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from core.audits.base import Bank, Stage
from core.cancel import CancelToken
from core.errors import Cancelled, DataError, ProviderError, Said
from core.providers.base import Provider
from core.providers.hosted.top_k import lone_certainty
from core.runs.cap import Budget, check_cap, spent
from core.runs.check_first import measure_typed
from core.runs.counts import check_unchanged, counts_of, ending, reason_of, stored_revisions
from core.runs.create import prompt_versions, stages_of
from core.runs.keeper import RunKeeper
from core.runs.progress import Meter, RunProgress
from core.runs.record import library_versions
from core.runs.runner import Result
from core.runs.settle import settle
from core.runs.stages import StageRunner, models_of
from core.store import RunFolder, RunInfo, Status, Store
from core.types import Model

OnProgress = Callable[[RunProgress], None]


def run_audit(
    store: Store,
    run_id: str,
    bank: Bank,
    provider_of: Callable[[str], Provider],
    *,
    cancel: CancelToken | None = None,
    on_progress: OnProgress | None = None,
) -> RunInfo:
    """Ask the cells of the plan that the run has no answer to yet. Calling it again resumes the run.

    Answers of other runs are copied with the time at which they were measured, so that the run is complete by itself; a
    ``fresh`` run asks them again. Answers are on the disk before the next batch is asked. The run ends as ``done``, as
    ``cancelled`` when it was stopped, or as ``failed`` where not a single cell could be answered. Cells that failed are
    asked again by the next call.

    Raises :class:`InputError` where the run is shipped, is being written by another process, or was begun with another
    model or prompt version. Raises :class:`DataError` where rows cannot be written; the run is then ``failed`` and can
    be resumed.
    """
    with store.open(run_id) as folder:
        status: Status = "failed"
        stopped: Said | None = None
        stages: list[Stage] = []
        try:
            stages = stages_of(folder.info, bank)
            _run(store, folder, stages, provider_of, cancel, on_progress)
            status = "done"
        except Cancelled as stop:
            status = "cancelled"
            stopped = reason_of(stop)
        except BaseException:
            # The first error says more than the one that it could not be noted.
            with suppress(DataError):
                _finish(store, folder, status, _made_by_code(stages))
            store.refresh()
            raise
        _finish(store, folder, status, _made_by_code(stages), stopped)
    settle(folder.path)
    store.refresh()
    return store.info(run_id)


def _run(
    store: Store,
    folder: RunFolder,
    stages: Sequence[Stage],
    provider_of: Callable[[str], Provider],
    cancel: CancelToken | None,
    on_progress: OnProgress | None,
) -> None:
    info = folder.info
    models = models_of(stages)
    check_cap(models.values(), info.cap)
    budget = Budget(info.cap, spent(store, info.run_id))
    revisions = _revisions(models, provider_of)
    prompts = prompt_versions(stages)
    keeper = RunKeeper(store, folder)
    kept = keeper.kept()
    made = _made_by_code(stages)
    if kept:
        _check_same(store, info, revisions, prompts, made)
    folder.update(
        status="running",
        finished=None,
        models=info.models | revisions,
        prompts=prompts,
        libraries=library_versions(),
    )
    measure_typed(models.values(), provider_of, cancel)
    meter = Meter(sum(stage.most_cells for stage in stages), sum(name not in made for name, _ in kept))
    stage_runner = StageRunner(keeper, provider_of)
    lone: set[tuple[str, int]] = set()

    def show(progress: RunProgress) -> None:
        if on_progress:
            on_progress(progress)

    def planned(cells: int) -> None:
        show(meter.plan(cells))

    def tell(results: list[Result]) -> None:
        if stage_runner.storage_error is not None:
            raise stage_runner.storage_error
        cached = sum(result.cached for result in results)
        errors = sum(result.response.outcome == "error" for result in results)
        show(meter.add(len(results) - cached, cached, errors))
        lone.update(_lone(results))
        budget.count(results)

    # A spec may ask for new measurements although earlier runs have answers: a wave must not be a copy.
    afresh = isinstance(info.spec, dict) and info.spec.get("afresh") is True
    try:
        stage_runner.run(
            stages,
            fresh=info.fresh or afresh,
            cancel=cancel,
            on_planned=planned,
            on_asking=budget.check,
            on_results=tell,
        )
    finally:
        alone = len(lone) + info.counts.get("lone", 0)
        folder.update(counts={**folder.info.counts, "planned": meter.total, **({"lone": alone} if alone else {})})
    if stage_runner.storage_error is not None:
        raise stage_runner.storage_error


def _lone(results: Sequence[Result]) -> set[tuple[str, int]]:
    """Readings in which the endpoint told one word alone, as if it were certain."""
    read = [result.response for result in results if not result.cached and result.response.method == "top_k"]
    return {(row.cell_id, row.sample) for row in read if row.outcome != "error" and lone_certainty(row.top_tokens)}


def _made_by_code(stages: Sequence[Stage]) -> frozenset[str]:
    """Cell ids of rows that stages compute from answers. They are stored in the run but are no cells of its plan."""
    return frozenset(name for stage in stages for name in stage.made_ids)


def _revisions(models: Mapping[str, Model], provider_of: Callable[[str], Provider]) -> dict[str, str | None]:
    """The versions of the models that would answer now. A model that cannot be reached is left out and gives error
    rows.
    """
    found: dict[str, str | None] = {}
    for model in models.values():
        with suppress(ProviderError):
            found[model.id] = provider_of(model.provider).revision(model)
    return found


def _check_same(
    store: Store,
    info: RunInfo,
    revisions: Mapping[str, str | None],
    prompts: Mapping[str, str],
    made: frozenset[str],
) -> None:
    check_unchanged(info, stored_revisions(store, info.run_id, made), revisions, prompts)


def _finish(
    store: Store, folder: RunFolder, status: Status, made: frozenset[str], stopped: Said | None = None
) -> RunInfo:
    store.refresh()
    return folder.update(**ending(folder.info, counts_of(store, folder.info.run_id, made), status, stopped))
