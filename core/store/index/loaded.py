"""What the loader notes of runs and shards that are in the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from core.store.files.aggregate import Aggregate
from core.store.files.run_info import RunInfo
from core.store.files.schema import Grain


class Moved(Exception):
    """A shard is no longer where it was, because the run was deleted or its shards were merged."""


@dataclass
class Loaded:
    """A run that is in the database. ``path`` is ``None`` where it is in memory only.

    With an ``aggregate`` its answers are not in the database; ``shards`` names them all the same.
    """

    info: RunInfo
    path: Path | None
    shipped: bool
    shards: dict[str, int] = field(default_factory=dict)
    unsaved: list[pa.Table] = field(default_factory=list)
    aggregate: Aggregate | None = None


@dataclass(frozen=True)
class Source:
    """Where the full rows of a loaded shard are."""

    run_id: str
    grain: Grain
    path: Path | None
    table: pa.Table | None
