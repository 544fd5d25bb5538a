"""What an audit would take, told before it starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from core.runs.create import planned_cells
from core.audits.base import Bank
from core.errors import ProviderError
from core.providers import get_provider
from core.providers.base import Provider
from core.runs.rows import cache_key_of
from core.store import Store
from core.types import Cell, Frozen

_RECENT = 500
_Pace = dict[tuple[str, str], tuple[float, float | None]]


class Estimate(Frozen):
    """``cells`` of the plan, how many are ``cached``, and how many ``prompts`` would be sent for the rest.

    ``seconds`` and ``cost_usd`` come from the last answers of the same model and kind in the store, asked one after
    the other; ``None`` where one of the models has none yet. A local model costs nothing, so ``cost_usd`` is ``None``.
    """

    cells: int
    cached: int
    prompts: int
    seconds: float | None
    cost_usd: float | None


def estimate(
    store: Store, audit: str, spec: Frozen, bank: Bank, provider_of: Callable[[str], Provider] = get_provider
) -> Estimate:
    """What ``spec`` would take now. Raises :class:`InputError` where it plans nothing.

    Of a model whose revision cannot be told (not reachable) nothing counts as cached, nor does a cell that is to recall
    answers that are not known yet.
    """
    cells = planned_cells(audit, spec, bank)
    keys = _cache_keys(cells, provider_of)
    store.refresh()
    cached = _known(store, [key for key in keys if key])
    asked = [cell for cell, key in zip(cells, keys, strict=True) if key not in cached]
    pace = _pace(store, asked)
    known = all((cell.model.id, cell.kind) in pace for cell in asked)
    costs = [cost for _, cost in pace.values() if cost is not None]
    return Estimate(
        cells=len(cells),
        cached=len(cells) - len(asked),
        prompts=sum(_prompts(cell) for cell in asked),
        seconds=sum(pace[cell.model.id, cell.kind][0] for cell in asked) if known else None,
        cost_usd=sum(pace[cell.model.id, cell.kind][1] or 0.0 for cell in asked) if known and costs else None,
    )


def _prompts(cell: Cell) -> int:
    return cell.samples if cell.kind == "options" and cell.model.capabilities.method == "sampled" else 1


def _cache_keys(cells: Sequence[Cell], provider_of: Callable[[str], Provider]) -> list[str | None]:
    revisions: dict[str, str | None] = {}
    unknown: set[str] = set()
    for model in {cell.model.id: cell.model for cell in cells}.values():
        try:
            revisions[model.id] = provider_of(model.provider).revision(model)
        except ProviderError:
            unknown.add(model.id)
    return [None if c.model.id in unknown or c.memory else cache_key_of(c, revisions[c.model.id]) for c in cells]


def _known(store: Store, keys: Sequence[str]) -> set[str]:
    found = store.frame(
        "SELECT DISTINCT cache_key FROM responses "
        "WHERE outcome <> 'error' AND cache_key IN (SELECT unnest(?::VARCHAR[]))",
        [list(keys)],
    )
    return set(found.cache_key)


def _pace(store: Store, cells: Sequence[Cell]) -> _Pace:
    """Seconds and dollars a cell takes, by model and kind: the mean of the last answers that were measured."""
    pace: _Pace = {}
    for model, kind in {(cell.model.id, cell.kind) for cell in cells}:
        found = store.frame(
            """
            SELECT count(*) AS n, avg(latency_s) AS seconds, avg(cost_usd) AS dollars FROM (
                SELECT latency_s, cost_usd FROM responses
                WHERE model_id = ? AND kind = ? AND outcome <> 'error' AND copied_from IS NULL
                ORDER BY created DESC LIMIT ?
            )
            """,
            [model, kind, _RECENT],
        ).iloc[0]
        if found.n:
            pace[model, kind] = (float(found.seconds), None if pd.isna(found.dollars) else float(found.dollars))
    return pace
