"""Ids of cells, cache keys and versions: what is stored of each run, and what its spec would be asked as today."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.audits.base import Bank
from core.providers.base import Provider
from core.runs.create import stages_of
from core.runs.execute import run_audit
from core.runs.rows import cache_key_of
from core.store import RunInfo, Store
from core.store.files.scan import look
from core.store.files.shards import read_shard
from core.types import Capabilities, Model, Response, cell_id, digest
from tests.unit.planned import walked

KINDS = {
    "first_token": "alignment",
    "representation": "representation",
    "dilemmas": "stability",
    "diversity": "citizens",
    "trace": "traces",
    "probe": "probe",
}
"""Kind of a run as version 1 of the schema has it -> what that kind is called today."""
SAMPLES = 12
"""Rows of each run whose ids and keys are pinned letter by letter; of all there is a digest."""

PROBE = "probe"
"""The kind, in version 1, of runs of single questions; they have no plan."""

Keys = dict[str, str]
"""Cell id -> cache key."""


class Silent:
    """A provider that knows which version of a model it has, and fails the test when it is asked anything."""

    name = "silent"
    batches_at_once = 1

    def __init__(self, revisions: Mapping[str, str | None]) -> None:
        self._revisions = revisions

    def capabilities(self, model: Model) -> Capabilities:
        return model.capabilities

    def revision(self, model: Model) -> str | None:
        return self._revisions[model.id]

    def batch_size(self, model: Model) -> int:
        return 64

    def option_distribution(self, requests: Sequence[Any], cancel: object = None) -> list[Any]:
        raise AssertionError(f"{len(requests)} prompts would be asked again")

    def generate(self, requests: Sequence[Any], on_text: object = None, cancel: object = None) -> list[Any]:
        raise AssertionError(f"{len(requests)} texts would be asked again")


def stored_rows_of(store: Store, run_id: str) -> list[Response]:
    """Every response of a run, whole."""
    return store.rows(run_id, list(store.responses([run_id])["cell_id"]))


def stored(store: Store, run_id: str) -> Keys:
    """Ids and keys as they are stored."""
    frame = store.frame("SELECT cell_id, cache_key FROM responses WHERE run_id = ?", [run_id])
    return dict(zip(frame["cell_id"], frame["cache_key"], strict=True))


def asked(store: Store, run_id: str, bank: Bank) -> Keys:
    """Ids and keys of all that the spec of a run asks today, given the answers that the run holds."""
    info = store.info(run_id)
    answers = {row.cell_id: row for row in stored_rows_of(store, run_id)}
    keys: Keys = {}
    for stage, cells, so_far in walked(stages_of(info, bank), answers):
        keys |= {cell_id(cell): cache_key_of(cell, info.models[cell.model.id]) for cell in cells}
        keys |= {row.cell_id: row.cache_key for row in stage.made(so_far) if isinstance(row, Response)}
    return keys


def resume(store: Store, run_id: str, bank: Bank, provider_of: Callable[[str], Provider]) -> RunInfo:
    """Go on with a run."""
    return run_audit(store, run_id, bank, provider_of)


def verified(folder: Path) -> dict[str, int]:
    """Rows of each shard of a run folder; raises where a shard does not have the hash that run.json names."""
    return {name: read_shard(folder / name, entry)[0].num_rows for name, entry in look(folder).shards.items()}


TODAY = " of today"
"""The end of the names of what a spec would be asked as today, among the names of digests."""


def identities(store: Store, bank: Bank, planned: Collection[str] | None = None) -> dict[str, pd.DataFrame]:
    """All that must not move, of every run of ``store``, as frames to be pinned.

    What a spec would be asked as today is told of the runs ``planned`` alone; of all without.
    """
    old_names = {today: before for before, today in KINDS.items()}
    heads, digests, versions, samples, shards = [], [], [], [], []
    for run_id in sorted(store.runs()["run_id"]):
        info = store.info(run_id)
        rows = store.frame(
            """SELECT cell_id, cache_key, prompt_version, kind, question_id, tag, language, model_revision
            FROM responses WHERE run_id = ? ORDER BY cell_id""",
            [run_id],
        )
        walk = planned is None or run_id in planned
        spec = asked(store, run_id, bank) if walk and old_names[info.kind] != PROBE else {}
        prompts = json.dumps(sorted(set(info.prompts.values())))
        heads.append([run_id, old_names[info.kind], info.status, info.title, prompts, json.dumps(info.models)])
        listed = {
            "stored cells": list(rows["cell_id"]),
            "stored keys": list(rows["cache_key"]),
        }
        if walk:
            listed |= {f"cells{TODAY}": sorted(spec), f"keys{TODAY}": [spec[name] for name in sorted(spec)]}
        digests += [[run_id, what, len(names), digest(names)] for what, names in listed.items()]
        counted = rows.groupby(["prompt_version", "kind"]).size().reset_index()
        versions += [[run_id, *row] for row in counted.itertuples(index=False, name=None)]
        picked = rows.iloc[:: max(1, len(rows) // SAMPLES)].head(SAMPLES)
        samples += [[run_id, *row] for row in picked.itertuples(index=False, name=None)]
        shards += [[run_id, name, one.sha256, one.rows] for name, one in sorted(info.shards.items())]
    columns = ["cell_id", "cache_key", "prompt_version", "kind", "question_id", "tag", "language", "model_revision"]
    return {
        "runs": pd.DataFrame(heads, columns=["run_id", "kind", "status", "title", "prompts", "models"]),
        "digests": pd.DataFrame(digests, columns=["run_id", "what", "count", "digest"]),
        "versions": pd.DataFrame(versions, columns=["run_id", "prompt_version", "kind", "count"]),
        "samples": pd.DataFrame(samples, columns=["run_id", *columns]),
        "shards": pd.DataFrame(shards, columns=["run_id", "shard", "sha256", "rows"]),
    }
