"""Runs an audit on Ray: plans it as a stream, hands out portions, and commits what workers wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from core.audits.base import Bank, Stage
from core.cancel import CancelToken
from core.errors import Cancelled, DataError, Said
from core.runs.cap import check_cap
from core.runs.counts import check_unchanged, ending, reason_of
from core.runs.create import prompt_versions, stages_of
from core.runs.progress import RunProgress
from core.runs.record import library_versions
from core.runs.settle import settle
from core.runs.stages import models_of
from core.scale.address import Engine
from core.scale.cluster import connected
from core.scale.office import Office
from core.scale.stages import run_stages
from core.store import RunFolder, RunInfo, Status

OnProgress = Callable[[RunProgress], None]


def run_on_ray(
    path: Path,
    bank: Bank,
    engine: Engine = Engine(),  # noqa: B008 - it is frozen
    *,
    cancel: CancelToken | None = None,
    on_progress: OnProgress | None = None,
) -> RunInfo:
    """Ask the cells of the run in ``path`` that it has no answer to yet, on Ray. Calling it again resumes the run.

    It asks what :func:`core.runs.run_audit` asks and ends as that ends: the same cells with the same ids, the same
    rows, statuses and counts; either goes on with what the other began. Two cells of one run that print the same
    prompt may both be asked, where they go to different workers.

    A worker that is lost is replaced, and its portion is asked again but for the answers that it had written. A portion
    that takes three workers with it is asked in halves; a single cell that does so gets an error row. What a worker
    cannot write is written by this process. The folder must be the same for all nodes.

    Raises :class:`InputError` where Ray is not installed, or the run is being written or was begun with another model
    or prompt version; :class:`Unreachable` where there is no cluster or no worker can begin; :class:`DataError` where
    rows cannot be written. The run is then ``failed`` and can be resumed.
    """
    with connected(engine) as ray, RunFolder.open(path) as folder:
        status: Status = "failed"
        stopped: Said | None = None
        made: frozenset[str] = frozenset()
        office = Office(ray, folder, cancel)
        try:
            stages = stages_of(folder.info, bank)
            made = frozenset(name for stage in stages for name in stage.made_ids)
            _begin(office, folder, stages, made)
            run_stages(office, folder, stages, made, on_progress)
            status = "done"
        except Cancelled as stop:
            status = "cancelled"
            stopped = reason_of(stop)
        except BaseException:
            # The first error says more than the one that it could not be noted.
            with suppress(DataError):
                folder.update(status="failed")
                office.ledger.commit()
            raise
        finally:
            office.end_workers()
        try:
            folder.update(**ending(folder.info, office.counts(made), status, stopped))
        finally:
            office.end()
    return settle(path)


def _begin(office: Office, folder: RunFolder, stages: Sequence[Stage], made: frozenset[str]) -> None:
    info = folder.info
    models = models_of(stages)
    check_cap(models.values(), info.cap)
    prompts = prompt_versions(stages)
    office.open(models, fresh=info.fresh or _afresh(info))
    revisions = office.revisions(models)
    if info.shards:
        check_unchanged(info, office.stored_revisions(made), revisions, prompts)
    folder.update(
        status="running",
        finished=None,
        models=info.models | revisions,
        prompts=prompts,
        libraries=library_versions(),
    )


def _afresh(info: RunInfo) -> bool:
    """Whether the spec asks for new measurements although earlier runs have answers."""
    return isinstance(info.spec, dict) and info.spec.get("afresh") is True
