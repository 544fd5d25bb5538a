"""What a worker tells of a portion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from core.providers.hosted.top_k import lone_certainty
from core.runs.cap import USAGE, Spent, usage_of
from core.runs.runner import Result
from core.store.files.cell_keys import Key
from core.store.files.shards import ShardInfo
from core.types import Computation, Response

_COUNTED = (*USAGE, "model_id", "model_revision", "prompt_version")


@dataclass
class Report:
    """The account of one attempt at a portion.

    ``written`` are its shards. ``unwritten`` are rows that could not be written where the worker is, with the reason in
    ``problem``. ``answers`` are the answers themselves, where a later stage of the audit needs them. ``used`` is what
    its new answers have used. ``stopped`` is true where the reader stopped the run. ``models`` are the versions that
    answered; those of models that gave errors are in ``failed``, and may be unknown.
    """

    written: dict[str, ShardInfo] = field(default_factory=dict)
    unwritten: list[Response] = field(default_factory=list)
    problem: str = ""
    answers: list[Response] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    used: Spent = field(default_factory=Spent)
    stopped: bool = False
    lone: set[Key] = field(default_factory=set)
    models: dict[str, str | None] = field(default_factory=dict)
    failed: dict[str, str | None] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    computed: dict[str, Computation] = field(default_factory=dict)
    seconds: float = 0.0
    """How long asking took, beside the time that the worker waited for its next portion."""

    def add(self, results: list[Result]) -> None:
        """Count ``results``: fresh, cached, errors, and what was used."""
        for result in results:
            row = result.response
            self._count({name: getattr(row, name) for name in _COUNTED}, result.cached)
            told = row.method == "top_k" and row.outcome != "error" and not result.cached
            if told and lone_certainty(row.top_tokens):
                self.lone.add((row.cell_id, row.sample))

    def count_table(self, table: pa.Table) -> None:
        """Count the rows of a shard whose worker was lost before it could report."""
        for row in table.select(_COUNTED).to_pylist():
            self._count(row, row["copied_from"] is not None)

    def _count(self, row: Mapping[str, Any], cached: bool) -> None:
        failed = row["outcome"] == "error"
        self.counts["cached" if cached else "fresh"] += 1
        self.counts["errors"] += failed
        (self.failed if failed else self.models)[row["model_id"]] = row["model_revision"]
        if row["prompt_version"]:
            self.prompts[row["prompt_version"]] = row["prompt_version"]
        if not cached:
            self.used += usage_of(row)
