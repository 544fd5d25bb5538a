"""Columns of the stored grains (responses and trace steps), their version, and conversion from and to Arrow tables.

A stored file is never rewritten to a newer schema. The functions in :data:`MIGRATIONS` convert it in memory each time
it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, get_args

import pyarrow as pa

from core.errors import DataError, InputError, said
from core.store.files.kinds import with_present_kind
from core.types import Frozen, Response

SCHEMA_VERSION = 2
VERSION_KEY = b"parallax_schema"

Grain = Literal["responses", "trace_steps"]
GRAINS: tuple[Grain, ...] = get_args(Grain)


class TraceStep(Frozen):
    """One step of a reasoning trace: a closed decision with its probabilities, a text, or both.

    ``probabilities`` (0..1) are in the order of ``options``; both are empty where the step has only a text.
    """

    run_id: str
    cell_id: str
    sample: int = 0
    created: datetime
    stage: str
    step: str
    decision: str | None = None
    options: tuple[str, ...] = ()
    probabilities: tuple[float, ...] = ()
    text: str | None = None
    prompt: str = ""
    cache_key: str | None = None
    latency_s: float | None = None


Row = Response | TraceStep

_TIME = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_INT = pa.int64()
_FLOAT = pa.float64()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema([pa.field(name, kind) for name, kind in columns.items()])


SCHEMAS: dict[Grain, pa.Schema] = {
    "responses": _schema(
        run_id=_TEXT,
        cell_id=_TEXT,
        cache_key=_TEXT,
        created=_TIME,
        kind=_TEXT,
        provider=_TEXT,
        model_id=_TEXT,
        model_revision=_TEXT,
        survey=_TEXT,
        question_id=_TEXT,
        question_json=_TEXT,
        country=_TEXT,
        age=_TEXT,
        sex=_TEXT,
        education=_TEXT,
        language=_TEXT,
        paraphrase=_INT,
        prompt_version=_TEXT,
        tag=_TEXT,
        sample=_INT,
        codes=pa.list_(_INT),
        mass=pa.list_(_FLOAT),
        valid_mass=_FLOAT,
        method=_TEXT,
        n=_INT,
        text=_TEXT,
        parsed_code=_INT,
        outcome=_TEXT,
        error_kind=_TEXT,
        error_text=_TEXT,
        top_tokens=_TEXT,
        rendered_prompt=_TEXT,
        latency_s=_FLOAT,
        tokens_in=_INT,
        tokens_out=_INT,
        cost_usd=_FLOAT,
        copied_from=_TEXT,
        served_model=_TEXT,
        served_fingerprint=_TEXT,
    ),
    "trace_steps": _schema(
        run_id=_TEXT,
        cell_id=_TEXT,
        sample=_INT,
        created=_TIME,
        stage=_TEXT,
        step=_TEXT,
        decision=_TEXT,
        options=pa.list_(_TEXT),
        probabilities=pa.list_(_FLOAT),
        text=_TEXT,
        prompt=_TEXT,
        cache_key=_TEXT,
        latency_s=_FLOAT,
    ),
}

# Long texts that no chart needs. They stay in the shard files and are read when a cell is opened.
HEAVY: dict[Grain, tuple[str, ...]] = {
    "responses": ("top_tokens", "rendered_prompt"),
    "trace_steps": ("prompt",),
}

# Rows of a run that agree in these columns are the same row asked again. The last one counts.
IDENTITY: dict[Grain, tuple[str, ...]] = {
    "responses": ("run_id", "cell_id", "sample"),
    "trace_steps": ("run_id", "cell_id", "sample", "stage", "step"),
}

Doc = dict[str, Any]


@dataclass(frozen=True)
class Migration:
    """How a file of one version is read as the next: ``info`` converts run.json, ``tables`` the rows of a grain."""

    info: Callable[[Doc], Doc] = lambda doc: doc
    tables: Mapping[Grain, Callable[[pa.Table], pa.Table]] = field(default_factory=dict)


def _with_served(table: pa.Table) -> pa.Table:
    """Responses of version 1, which lack the names that the endpoint gave for the model that answered."""
    for name in ("served_model", "served_fingerprint"):
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(table.num_rows, _TEXT))
    return table


MIGRATIONS: dict[int, Migration] = {1: Migration(info=with_present_kind, tables={"responses": _with_served})}
"""Version -> how to read it as the next. Version 2 renamed kinds and added the name of the model that answered."""


def _path_from(version: object) -> range:
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise DataError(said("schema_none"))
    if version > SCHEMA_VERSION:
        raise DataError(said("schema_newer", version=version, most=SCHEMA_VERSION))
    steps = range(version, SCHEMA_VERSION)
    if any(step not in MIGRATIONS for step in steps):
        raise DataError(said("schema_old", version=version))
    return steps


def migrate_info(doc: Doc) -> Doc:
    """The content of a run.json in the present version. Raises :class:`DataError`."""
    for version in _path_from(doc.get("schema_version")):
        doc = {**MIGRATIONS[version].info(doc), "schema_version": version + 1}
    return doc


def migrate_table(grain: Grain, table: pa.Table) -> pa.Table:
    """A table that was read from a shard, in the present version. Raises :class:`DataError`."""
    raw = (table.schema.metadata or {}).get(VERSION_KEY, b"")
    for version in _path_from(int(raw) if raw.isdigit() else None):
        step = MIGRATIONS[version].tables.get(grain)
        table = step(table) if step else table
    return conform(grain, table)


def needs_no_change(grain: Grain, schema: pa.Schema) -> bool:
    """Whether a file with this schema has the columns of the present version."""
    raw = (schema.metadata or {}).get(VERSION_KEY, b"")
    return all(grain not in MIGRATIONS[version].tables for version in _path_from(int(raw) if raw.isdigit() else None))


def conform(grain: Grain, table: pa.Table) -> pa.Table:
    """``table`` with exactly the columns and types of ``grain``. Raises :class:`DataError` where it has others."""
    schema = SCHEMAS[grain]
    missing = sorted(set(schema.names) - set(table.column_names))
    extra = sorted(set(table.column_names) - set(schema.names))
    if missing or extra:
        raise DataError(said("columns_differ", grain=grain, missing=missing, extra=extra))
    try:
        return table.select(schema.names).cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(said("columns_types", grain=grain, reason=error)) from error


def grain_of(rows: Sequence[Row]) -> Grain:
    """The grain of these rows. Raises :class:`InputError` where there are none, or of two grains."""
    kinds = {type(row) for row in rows}
    if kinds == {Response}:
        return "responses"
    if kinds == {TraceStep}:
        return "trace_steps"
    raise InputError(said("rows_mixed"))


def to_table(rows: Sequence[Row]) -> pa.Table:
    """Rows of one grain as an Arrow table with the schema version in its metadata."""
    schema = SCHEMAS[grain_of(rows)]
    table = pa.Table.from_pylist([row.model_dump() for row in rows], schema=schema)
    return stamp(table)


def stamp(table: pa.Table) -> pa.Table:
    """``table`` with the present schema version in its metadata."""
    return table.replace_schema_metadata({VERSION_KEY: str(SCHEMA_VERSION).encode()})


def to_responses(table: pa.Table) -> list[Response]:
    """The responses in ``table``, in its order. Times are in UTC."""
    return [Response.model_validate(row) for row in table.to_pylist()]


def to_trace_steps(table: pa.Table) -> list[TraceStep]:
    """The trace steps in ``table``, in its order. Times are in UTC."""
    return [TraceStep.model_validate(row) for row in table.to_pylist()]
