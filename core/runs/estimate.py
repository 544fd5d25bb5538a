"""Estimates what an audit would take before it starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import pandas as pd

from core.audits.base import Answers, Bank, Load, NotAnswered, Spec, Stage
from core.audits.stages import loads
from core.errors import ProviderError
from core.providers import get_provider
from core.providers.base import Provider
from core.runs.create import planned_stages
from core.runs.rows import cache_key_or_none
from core.runs.stages import each_once, models_of
from core.store import Store
from core.types import Frozen, Model, cell_id

_RECENT = 500
_Kind = tuple[str, Literal["options", "text"]]
_Pace = dict[_Kind, tuple[float, float | None]]


class Estimate(Frozen):
    """``cells`` of the plan, how many of them are ``cached``, and how many ``prompts`` would be sent for the rest.

    ``cells`` and ``prompts`` are upper bounds where cells depend on answers that are not known yet. ``seconds`` and
    ``cost_usd`` are computed from the last answers of the same models and kinds in the store, as if asked one after the
    other; they are ``None`` where a model has no answer yet. A local model costs nothing, so ``cost_usd`` is ``None``.
    """

    cells: int
    cached: int
    prompts: int
    seconds: float | None
    cost_usd: float | None


def estimate(
    store: Store, audit: str, spec: Spec, bank: Bank, provider_of: Callable[[str], Provider] = get_provider
) -> Estimate:
    """What ``spec`` would take now. Raises :class:`InputError` where it asks nothing.

    No cell counts as cached that asks a model whose revision cannot be found out, or that depends on answers not known
    yet.
    """
    stages = planned_stages(audit, spec, bank)
    revisions = _revisions(models_of(stages), provider_of)
    store.refresh()
    cells, cached = 0, 0
    left: Counter[_Kind] = Counter()
    prompts = 0
    answers = Answers()
    seen: set[tuple[str, int]] = set()
    for place, stage in enumerate(stages):
        if place and stage.group != stages[place - 1].group:
            answers = Answers()
        feeds = any(later.group == stage.group for later in stages[place + 1 : place + 2])
        found, known = _look(store, stage, answers, revisions, seen, feeds)
        cells += known + sum(load.cells for load in found)
        cached += known
        prompts += sum(load.prompts for load in found)
        for load in found:
            left[load.model.id, load.kind] += load.cells
    pace = _pace(store, list(left))
    timed = all(key in pace for key in left)
    costs = [cost for _, cost in pace.values() if cost is not None]
    return Estimate(
        cells=cells,
        cached=cached,
        prompts=prompts,
        seconds=sum(pace[key][0] * n for key, n in left.items()) if timed else None,
        cost_usd=sum((pace[key][1] or 0.0) * n for key, n in left.items()) if timed and costs else None,
    )


def _look(
    store: Store,
    stage: Stage,
    answers: Answers,
    revisions: Mapping[str, str | None],
    seen: set[tuple[str, int]],
    feeds: bool,
) -> tuple[tuple[Load, ...], int]:
    """What ``stage`` would have to ask, and how many of its cells are known. Known answers are added to ``answers``."""
    try:
        cells = list(each_once(stage.cells(answers), seen)[0].values())
    except NotAnswered:
        return stage.most, 0
    keys = [cache_key_or_none(c, revisions[c.model.id]) if c.model.id in revisions else None for c in cells]
    if feeds:
        rows = {key: row for key, row in store.lookup(key for key in keys if key).items() if stage.usable(row)}
        answers.update({cell_id(c): rows[key] for c, key in zip(cells, keys, strict=True) if key in rows})
        known = set(rows)
    else:
        known = _known(store, [key for key in keys if key])
    asked = [cell for cell, key in zip(cells, keys, strict=True) if key not in known]
    return loads(asked), len(cells) - len(asked)


def _revisions(models: Mapping[str, Model], provider_of: Callable[[str], Provider]) -> dict[str, str | None]:
    """Revisions by model id; a model that cannot be reached is left out."""
    revisions: dict[str, str | None] = {}
    for model in models.values():
        try:
            revisions[model.id] = provider_of(model.provider).revision(model)
        except ProviderError:
            continue
    return revisions


def _known(store: Store, keys: Sequence[str]) -> set[str]:
    found = store.frame(
        "SELECT DISTINCT cache_key FROM responses "
        "WHERE outcome <> 'error' AND cache_key IN (SELECT unnest(?::VARCHAR[]))",
        [list(keys)],
    )
    return set(found.cache_key)


def _pace(store: Store, kinds: Sequence[_Kind]) -> _Pace:
    """Seconds and dollars that one cell takes, by model and kind: the mean over the last measured answers."""
    pace: _Pace = {}
    for model, kind in kinds:
        found = store.frame(
            """
            SELECT count(*) AS n, avg(latency_s) AS seconds, avg(cost_usd) AS dollars FROM (
                SELECT latency_s, cost_usd FROM responses
                WHERE model_id = ? AND kind = ? AND outcome <> 'error' AND copied_from IS NULL
                    AND tag NOT LIKE '%:vote:%' -- made by code, in no time of a model's
                ORDER BY created DESC LIMIT ?
            )
            """,
            [model, kind, _RECENT],
        ).iloc[0]
        if found.n:
            pace[model, kind] = (float(found.seconds), None if pd.isna(found.dollars) else float(found.dollars))
    return pace
