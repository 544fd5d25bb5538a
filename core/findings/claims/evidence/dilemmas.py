"""Evidence on stability, from runs of dilemmas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pandas as pd

from core.audits.stability.rows import readings
from core.audits.stability.scores import AGAIN, by_dilemma
from core.audits.stability.waves import list_waves
from core.findings.claims.evidence.frame import evidence_frame, facts_of, table_sources
from core.surveys.dilemmas import Dilemma
from core.types import Model


def dilemma_runs(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Which models to read from which run: for each model the run with most answers, the latest if several have.

    ``runs`` is what :meth:`core.store.Store.runs` gives.
    """
    found: dict[str, str] = {}
    for _, run in list_waves(runs).sort_values(["rows", "created"], kind="stable").iterrows():
        for model in json.loads(run["models"]):
            found[model] = run["run_id"]
    out: dict[str, list[str]] = {}
    for model, run_id in found.items():
        out.setdefault(run_id, []).append(model)
    return out


def instability(
    frame: pd.DataFrame,
    dilemmas: Mapping[str, Dilemma],
    models: Mapping[str, Model],
    shipped: Iterable[str] = (),
) -> pd.DataFrame:
    """Excess instability of each dilemma, 0..1: changed choices beyond what sampling alone explains, when only order,
    wording or language changes, which should not matter. ``frame``: responses of one run per model."""
    if frame.empty:
        return evidence_frame([])
    each = by_dilemma(readings(frame, dilemmas))
    each = each[each["axis"] == AGAIN]
    sources = table_sources(frame, shipped)
    return evidence_frame(
        (model, name, side, developer, sources[model], dilemma, value)
        for model, dilemma, value in zip(each["model_id"], each["dilemma"], each["excess"], strict=True)
        for name, side, developer in [facts_of(model, models)]
    )
