"""What a worker tells of a portion."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from core.providers.hosted.top_k import lone_certainty
from core.runs.cap import LOCAL
from core.runs.runner import Result
from core.store.files.cell_keys import Key
from core.store.files.shards import ShardInfo
from core.types import Computation, Response

_COUNTED = (
    "copied_from", "outcome", "model_id", "model_revision", "prompt_version", "provider", "tokens_in", "tokens_out",
    "cost_usd",
)  # fmt: skip


@dataclass
class Report:
    """The account of one attempt at a portion.

    ``written`` are its shards. ``unwritten`` are rows that could not be written where the worker is, with the reason in
    ``problem``. ``answers`` are the answers themselves, where a later stage of the audit needs them. ``stopped`` is
    true where the reader stopped the run, ``lacking`` where an endpoint did not report its tokens. ``models`` are the
    versions that answered; those of models that gave errors are in ``failed``, and may be unknown.
    """

    written: dict[str, ShardInfo] = field(default_factory=dict)
    unwritten: list[Response] = field(default_factory=list)
    problem: str = ""
    answers: list[Response] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    dollars: float = 0.0
    lacking: bool = False
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
            self.counts["cached" if result.cached else "fresh"] += 1
            self.counts["errors"] += row.outcome == "error"
            (self.failed if row.outcome == "error" else self.models)[row.model_id] = row.model_revision
            if row.prompt_version:
                self.prompts[row.prompt_version] = row.prompt_version
            if not result.cached:
                self._used(row)

    def count_table(self, table: pa.Table) -> None:
        """Count the rows of a shard whose worker was lost before it could report."""
        for row in table.select(_COUNTED).to_pylist():
            cached = row["copied_from"] is not None
            self.counts["cached" if cached else "fresh"] += 1
            self.counts["errors"] += row["outcome"] == "error"
            (self.failed if row["outcome"] == "error" else self.models)[row["model_id"]] = row["model_revision"]
            if row["prompt_version"]:
                self.prompts[row["prompt_version"]] = row["prompt_version"]
            if not cached and row["provider"] not in LOCAL:
                self.lacking |= row["tokens_in"] is None and row["outcome"] not in ("error", "refusal")
                self.tokens += (row["tokens_in"] or 0) + (row["tokens_out"] or 0)
                self.dollars += row["cost_usd"] or 0.0

    def _used(self, row: Response) -> None:
        if row.method == "top_k" and row.outcome != "error" and lone_certainty(row.top_tokens):
            self.lone.add((row.cell_id, row.sample))
        if row.provider not in LOCAL:
            self.lacking |= row.tokens_in is None and row.outcome not in ("error", "refusal")
            self.tokens += (row.tokens_in or 0) + (row.tokens_out or 0)
            self.dollars += row.cost_usd or 0.0
