"""Making the folder of a new audit run, and reading its spec and stages back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from core.audits import AUDITS
from core.audits.base import Bank, Spec, Stage
from core.errors import InputError, said
from core.runs.cap import check_cap
from core.runs.record import new_info, new_run_id
from core.runs.stages import models_of
from core.store import Cap, RunInfo, Store


def parse_spec(audit: str, values: Any) -> Spec:
    """The spec of ``audit`` from plain data, as a file or a run.json has it. Raises :class:`InputError`."""
    try:
        return AUDITS[audit]().Spec.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the spec"
        raise InputError(said("spec_unusable", where=where, reason=first["msg"])) from error


def stages_of(info: RunInfo, bank: Bank) -> list[Stage]:
    """The stages of a run that :func:`create_run` made. Raises :class:`InputError`."""
    if info.kind not in AUDITS:
        raise InputError(said("no_audit_run", run=info.run_id))
    return planned_stages(info.kind, parse_spec(info.kind, info.spec), bank)


def planned_stages(audit: str, spec: Spec, bank: Bank) -> list[Stage]:
    """The stages of ``audit`` for ``spec``. Raises :class:`InputError` where nothing is asked."""
    stages = list(AUDITS[audit]().stages(spec, bank))
    if not any(stage.most_cells for stage in stages):
        raise InputError(said("asks_nothing"))
    return stages


def create_run(
    store: Store,
    audit: str,
    spec: Spec,
    bank: Bank,
    title: str = "",
    note: str = "",
    *,
    run_id: str | None = None,
    fresh: bool = False,
    cap: Cap = Cap(),  # noqa: B008 - it is frozen
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> str:
    """Make the folder of a new run and return its id. Nothing is asked yet; the status is ``planned``.

    run.json gets the spec with its seed, prompt versions, the model revisions that the catalogue pins, library
    versions and the number of planned cells, which is a bound where later cells rest on earlier answers. A ``fresh``
    run asks everything again, as a wave of its own; ``cap`` is what it may use. Raises :class:`InputError` (a spec that
    asks nothing, a ``run_id`` that is taken or not a plain name, a title or note that is too long, a cap in dollars on
    a model without a known price) and :class:`DataError` where the runs folder cannot be written.
    """
    kind = AUDITS.name_of(audit)
    stages = planned_stages(kind, spec, bank)
    models = models_of(stages)
    check_cap(models.values(), cap)
    created = now()
    info = new_info(
        kind,
        run_id or new_run_id(kind, created),
        created,
        title=title or kind,
        note=note,
        spec=spec.model_dump(mode="json"),
        fresh=fresh,
        cap=cap,
        models={name: model.revision for name, model in models.items()},
        prompts=prompt_versions(stages),
        counts={"planned": sum(stage.most_cells for stage in stages)},
    )
    store.create(info).close()
    return info.run_id


def prompt_versions(stages: Iterable[Stage]) -> dict[str, str]:
    """Version by version: the templates that the cells of ``stages`` are rendered with."""
    return {version: version for version in sorted({name for stage in stages for name in stage.templates})}
