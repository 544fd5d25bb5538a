"""Evidence on stability, from runs of dilemmas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pandas as pd

from core.audits.stability.rows import readings
from core.audits.stability.scores import AGAIN, by_dilemma
from core.audits.stability.waves import list_waves
from core.findings.claims.evidence.frame import answering, evidence_frame, facts_of, table_sources
from core.store.index.scopes import is_of_tuned
from core.surveys.dilemmas import Dilemma
from core.types import Model


def counted_waves(runs: pd.DataFrame) -> pd.DataFrame:
    """:func:`~core.audits.stability.waves.list_waves` of ``runs``, with the list of ids in ``models``, less the models
    that were tuned here and the runs that were made for them: claims about models and makers do not speak of these.
    """
    waves = list_waves(runs)
    models = [[name for name in json.loads(listed) if not is_of_tuned(name)] for listed in waves["models"]]
    counts = [bool(names) and not is_of_tuned(run) for run, names in zip(waves["run_id"], models, strict=True)]
    return waves.assign(models=pd.Series(models, dtype=object))[pd.Series(counts, dtype=bool)].reset_index(drop=True)


def dilemma_runs(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Which models to read from which run: for each model the run with most answers, the latest if several have.

    ``runs`` is what :meth:`core.store.Store.runs` gives; of these those of :func:`counted_waves` count.
    """
    found: dict[str, str] = {}
    for _, run in counted_waves(runs).sort_values(["rows", "created"], kind="stable").iterrows():
        for model in run["models"]:
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
    each = by_dilemma(readings(answering(frame, models), dilemmas))
    each = each[each["axis"] == AGAIN]
    sources = table_sources(frame, shipped)
    return evidence_frame(
        (model, name, side, developer, sources[model], dilemma, value)
        for model, dilemma, value in zip(each["model_id"], each["dilemma"], each["excess"], strict=True)
        for name, side, developer in [facts_of(model, models)]
    )
