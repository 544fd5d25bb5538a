"""Making the folder of a new audit run, and reading its spec and plan back."""

from __future__ import annotations

import platform
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import Any

from pydantic import ValidationError

from core.runs.cap import check_cap
from core.audits import AUDITS
from core.audits.base import Bank
from core.errors import InputError, said
from core.prompts.render import render
from core.store import Cap, RunInfo, Store
from core.store.files.run_info import LONGEST_NOTE, LONGEST_TITLE
from core.types import Cell, Frozen

MOST_TEXT = {"title": LONGEST_TITLE, "note": LONGEST_NOTE}
_LIBRARIES = ("torch", "transformers", "numpy", "scipy", "openai", "anthropic", "pyarrow")


def parse_spec(audit: str, values: Any) -> Frozen:
    """The spec of ``audit`` from plain data, as a file or a run.json has it. Raises :class:`InputError`."""
    try:
        return AUDITS[audit]().spec.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the spec"
        raise InputError(said("spec_unusable", where=where, reason=first["msg"])) from error


def plan_of(info: RunInfo, bank: Bank) -> list[Cell]:
    """The cells of a run that :func:`create_run` made. Raises :class:`InputError`."""
    if info.kind not in AUDITS:
        raise InputError(said("no_audit_run", run=info.run_id))
    return planned_cells(info.kind, parse_spec(info.kind, info.spec), bank)


def planned_cells(audit: str, spec: Frozen, bank: Bank) -> list[Cell]:
    """The cells that ``audit`` plans for ``spec``. Raises :class:`InputError` where there are none."""
    cells = AUDITS[audit]().plan(spec, bank)
    if not cells:
        raise InputError(said("asks_nothing"))
    return cells


def create_run(
    store: Store,
    audit: str,
    spec: Frozen,
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
    versions and the number of planned cells. A ``fresh`` run asks everything again, as a wave of its own; ``cap`` is
    what it may use. Raises :class:`InputError` (a spec that plans nothing, a ``run_id`` that is taken or not a plain
    name, a title or note that is too long, a cap in dollars on a model without a known price) and
    :class:`DataError` where the runs folder cannot be written.
    """
    cells = planned_cells(audit, spec, bank)
    check_cap(cells, cap)
    created = now()
    try:
        info = RunInfo(
            run_id=run_id or new_run_id(audit, created),
            kind=audit,
            title=title or audit,
            note=note,
            status="planned",
            created=created,
            spec=spec.model_dump(mode="json"),
            fresh=fresh,
            cap=cap,
            models={cell.model.id: cell.model.revision for cell in cells},
            prompts=prompt_versions(cells),
            libraries=library_versions(),
            counts={"planned": len(cells)},
        )
    except ValidationError as error:
        place = str(next(iter(error.errors()[0]["loc"]), ""))
        if place in ("title", "note"):
            raise InputError(said("run_text", field=place, most=MOST_TEXT[place])) from error
        raise InputError(said("run_name", run=run_id)) from error
    store.create(info).close()
    return info.run_id


def new_run_id(audit: str, created: datetime) -> str:
    """A name that sorts by time and that no other run has."""
    return f"{audit.replace('_', '-')}-{created.strftime('%Y-%m-%d-%H%M%S')}-{secrets.token_hex(3)}"


def prompt_versions(cells: list[Cell]) -> dict[str, str]:
    """Version by version: the templates these cells are rendered with."""
    ways = {
        (cell.kind, cell.template, cell.variant.labels, cell.question and cell.question.wording): cell for cell in cells
    }
    return {version: version for version in sorted({render(cell).version for cell in ways.values()})}


@cache
def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that could change a number."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
