"""Makes the folder of a new run, and reads the spec and stages of a run back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from core.audits import AUDITS
from core.audits.base import Bank, Spec, Stage
from core.audits.maker import spec_of
from core.errors import InputError, said
from core.runs.cap import check_cap
from core.runs.record import new_info, new_run_id
from core.runs.stages import models_of
from core.store import Cap, RunInfo, Store


def parse_spec(audit: str, values: Any) -> Spec:
    """The spec of ``audit`` from plain data, such as a spec file or a run.json. Raises :class:`InputError`."""
    return spec_of(AUDITS[audit](), values)


def stages_of(info: RunInfo, bank: Bank) -> list[Stage]:
    """The stages of a run that :func:`create_run` made. Raises :class:`InputError` where its audit is unknown."""
    if info.kind not in AUDITS:
        raise InputError(said("no_audit_run", run=info.run_id))
    return planned_stages(info.kind, parse_spec(info.kind, info.spec), bank)


def planned_stages(audit: str, spec: Spec, bank: Bank) -> list[Stage]:
    """The stages of ``audit`` for ``spec``. Raises :class:`InputError` where they ask nothing."""
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

    run.json gets the spec with its seed, prompt versions, the model revisions that the catalogue pins, library versions
    and the number of planned cells, which is an upper bound where later cells depend on earlier answers. A ``fresh``
    run asks everything again, as a wave of its own; ``cap`` limits what it may use.

    Raises :class:`InputError` for a spec that asks nothing, a ``run_id`` that exists or is no plain name, a title or
    note that is too long, or a cap in dollars on a model without a known price. Raises :class:`DataError` where the
    runs folder cannot be written.
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
    """The versions of the templates that the cells of ``stages`` are rendered with, each mapped to itself."""
    return {version: version for version in sorted({name for stage in stages for name in stage.templates})}
