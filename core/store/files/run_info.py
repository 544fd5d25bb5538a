"""run.json: what a run is, how it was made, and which shards belong to it."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError

from core.errors import DataError, Said, said
from core.store.files.schema import SCHEMA_VERSION, migrate_info
from core.store.files.shards import ShardInfo
from core.store.files.value_checks import FIRST_DAY, LAST_DAY
from core.store.files.whole_files import write_atomically
from core.types import FIRST_EDITION, Computation, Frozen

RUN_FILE = "run.json"
LONGEST_RUN_FILE = 64 * 2**20
LONGEST_KIND, LONGEST_TITLE, LONGEST_NOTE = 100, 1_000, 20_000
"""Most characters of each; a page allows fewer."""
RUN_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$"

Status = Literal["planned", "running", "done", "cancelled", "failed"]


def _within(moment: datetime) -> datetime:
    if not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
        raise ValueError(f"no year from {FIRST_DAY.year} to {LAST_DAY.year}")
    return moment


Dated = Annotated[datetime, AfterValidator(_within)]
"""A time of which every part of the app can make a date."""


class Cap(Frozen):
    """What a run may use: ``tokens`` read and written, US ``dollars`` by list prices. ``None`` means no limit."""

    tokens: int | None = Field(default=None, ge=1)
    dollars: float | None = Field(default=None, gt=0)


class StoppedBy(Frozen):
    """Why a run ended before its plan, as an entry of the catalogue of texts: said in any language."""

    key: Literal["cap_reached", "cap_unknown"]
    tokens: int = 0
    dollars: str = Field(default="", max_length=40)

    def said(self) -> Said:
        """The reason, with what to do as its hint."""
        if self.key == "cap_unknown":
            return said("cap_unknown")
        return said("cap_reached", tokens=self.tokens, dollars=self.dollars)


class RunInfo(Frozen):
    """The content of a run.json.

    ``models`` maps a model id to the revision that answered, ``prompts`` a template to its version, ``libraries`` a
    package to its version. ``computed`` maps a model id to what it was computed on, where that was this computer; it
    holds several where the run was taken up on another. ``seconds`` is how long asking took, over all calls. ``spec``
    is whatever the audit needs to run again. A ``fresh`` run copies no earlier answer. ``stopped`` says in English why
    a run ended before its plan, where it was not the reader who stopped it, and ``stopped_by`` says it in any language;
    runs made before there was one have the first alone. ``counts`` are the writer's own (planned cells, for
    instance). ``retired`` names shards that a merged one has replaced and that may still lie in the folder.
    """

    schema_version: int = SCHEMA_VERSION
    run_id: str = Field(pattern=RUN_ID)
    kind: str = Field(max_length=LONGEST_KIND)
    title: str = Field(default="", max_length=LONGEST_TITLE)
    note: str = Field(default="", max_length=LONGEST_NOTE)
    status: Status = "planned"
    created: Dated
    finished: Dated | None = None
    spec: Any = None
    fresh: bool = False
    cap: Cap = Cap()
    stopped: str = ""
    stopped_by: StoppedBy | None = None
    models: dict[str, str | None] = Field(default_factory=dict)
    prompts: dict[str, str] = Field(default_factory=dict)
    libraries: dict[str, str] = Field(default_factory=dict)
    computed: dict[str, tuple[Computation, ...]] = Field(default_factory=dict)
    seconds: float = Field(default=0.0, ge=0)
    counts: dict[str, int] = Field(default_factory=dict)
    cost_usd: float | None = None
    shards: dict[str, ShardInfo] = Field(default_factory=dict)
    retired: tuple[str, ...] = ()


def parse_info(data: bytes) -> RunInfo:
    """The content of a run.json in the present version. Raises :class:`DataError` where it is damaged, foreign or
    newer.
    """
    try:
        doc = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise DataError(said("run_file_not_json")) from error
    if not isinstance(doc, dict):
        raise DataError(said("run_file_foreign"))
    try:
        info = RunInfo.model_validate(migrate_info(doc))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DataError(said("run_file_field", where=where, reason=first["msg"])) from error
    before_editions = doc.get("schema_version") == 1
    return info.model_copy(update={"spec": _with_edition(info.spec)}) if before_editions else info


def _with_edition(spec: Any) -> Any:
    """``spec`` with the first edition of the question bank where it names questions and no edition.

    Such a spec comes from version 1 of the schema, before there were editions, and its run must go on with the texts
    that it began with. Later specs name their edition, if their audit has editions; an audit of a plug-in may have
    none.
    """
    if isinstance(spec, dict) and "questions" in spec and "edition" not in spec:
        return {**spec, "edition": FIRST_EDITION}
    return spec


def read_info(folder: Path) -> RunInfo:
    """The run.json of ``folder``. Raises :class:`DataError`, and ``FileNotFoundError`` where there is none."""
    path = folder / RUN_FILE
    try:
        if path.stat().st_size > LONGEST_RUN_FILE:
            raise DataError(said("run_file_large"))
        return parse_info(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DataError(said("run_file_unreadable", reason=error.strerror or error)) from error


def write_info(folder: Path, info: RunInfo) -> None:
    """Replace the run.json of ``folder`` as a whole. Raises :class:`DataError`."""
    write_atomically(folder / RUN_FILE, info.model_dump_json(indent=1).encode())
