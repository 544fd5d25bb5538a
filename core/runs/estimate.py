"""Estimates what an audit would take before it starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

import pandas as pd

from core.audits.base import Answers, Bank, Load, NotAnswered, Spec, Stage
from core.audits.stages import loads
from core.errors import ProviderError
from core.providers import get_provider
from core.providers.base import Provider
from core.runs.create import planned_stages
from core.runs.rows import cache_key_or_none
from core.runs.stages import models_of
from core.store import Store
from core.store.files.cell_keys import KeySet, packed
from core.types import Cell, Frozen, Model, cell_id

_RECENT = 500
_LOOK_AHEAD = 2_000


class _Kind(NamedTuple):
    """What takes its own time: a model, options or text, and whether options are counted from sampled answers."""

    model_id: str
    kind: Literal["options", "text"]
    sampled: bool


_Pace = dict[_Kind, tuple[float, float | None]]
"""Seconds and dollars of one prompt."""


class Estimate(Frozen):
    """``cells`` of the plan, how many of them are ``cached``, and how many ``prompts`` would be sent for the rest.

    ``cells`` and ``prompts`` are upper bounds where cells depend on answers that are not known yet. ``seconds`` and
    ``cost_usd`` are computed prompt by prompt from the last answers of the same models and kinds in the store, as if
    asked one after the other; they are ``None`` where a model has no answer yet. An answer that is counted from samples
    takes many times as long as one that is read directly, so the one says nothing of the other: a model that used to
    tell probabilities and does so no longer has no pace yet. A local model costs nothing, so ``cost_usd`` is ``None``.
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
    store.refresh()
    stored = _Stored(store, _revisions(models_of(stages), provider_of), _answered(store))
    cells, cached = 0, 0
    left: Counter[_Kind] = Counter()
    prompts = 0
    answers = Answers()
    seen = None if len(stages) == 1 and stages[0].distinct else KeySet()
    for place, stage in enumerate(stages):
        follows = place > 0 and stage.group == stages[place - 1].group
        if not follows:
            answers = Answers()
        feeds = any(later.group == stage.group for later in stages[place + 1 : place + 2])
        found, known = _look(stored, stage, answers, seen, follows, feeds)
        cells += known + sum(load.cells for load in found)
        cached += known
        prompts += sum(load.prompts for load in found)
        for load in found:
            left[_kind(load)] += load.prompts
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


def _kind(load: Load) -> _Kind:
    return _Kind(load.model.id, load.kind, load.kind == "options" and load.model.capabilities.method == "sampled")


class _Stored(NamedTuple):
    """What is stored: revisions by model id, and the models that have any answer at all."""

    store: Store
    revisions: Mapping[str, str | None]
    answered: frozenset[str]

    def key(self, cell: Cell) -> str | None:
        """The cache key of ``cell``; ``None`` where no answer can be known, so that no prompt need be made."""
        return cache_key_or_none(cell, self.revisions[cell.model.id]) if self.may_know(cell.model) else None

    def may_know(self, model: Model) -> bool:
        """Whether an answer of ``model`` as it is now can be stored."""
        return model.id in self.revisions and model.id in self.answered


def _look(
    stored: _Stored, stage: Stage, answers: Answers, seen: KeySet | None, follows: bool, feeds: bool
) -> tuple[tuple[Load, ...], int]:
    """What ``stage`` would have to ask, and how many of its cells are known. Known answers are added to ``answers``.

    Its cells are made and forgotten some thousand at a time, unless the stage ``follows`` another, on whose answers
    they rest. With ``feeds`` a later stage needs the answers. Without ``seen`` they are known to be different, and none
    is made where none of their models can have answered.
    """
    if seen is None and not any(stored.may_know(load.model) for load in stage.most):
        return stage.most, 0
    asked: dict[_Kind, Load] = {}
    known = 0
    try:
        stream, unknown = _stream(stage, answers, follows)
        for cells in _each_once(stream, seen):
            keys = [stored.key(cell) for cell in cells]
            if feeds:
                found = stored.store.lookup(key for key in keys if key)
                rows = {key: row for key, row in found.items() if stage.usable(row)}
                answers.update({cell_id(c): rows[key] for c, key in zip(cells, keys, strict=True) if key in rows})
                here = set(rows)
            else:
                here = _known(stored.store, [key for key in keys if key])
            new = [cell for cell, key in zip(cells, keys, strict=True) if key not in here]
            known += len(cells) - len(new)
            _add(asked, loads(new))
    except NotAnswered:
        return stage.most, 0
    _add(asked, unknown)
    return tuple(asked.values()), known


def _stream(stage: Stage, answers: Answers, follows: bool) -> tuple[Iterator[Cell], tuple[Load, ...]]:
    """The cells of ``stage`` that are known, and an upper bound for the others."""
    try:
        planned = stage.cells(answers)
        return iter(list(planned) if follows else planned), ()
    except NotAnswered as missing:
        if missing.most is None:
            raise
        return iter(missing.ready), missing.most


def _add(asked: dict[_Kind, Load], more: Iterable[Load]) -> None:
    for load in more:
        before = asked.get(_kind(load), load._replace(cells=0, prompts=0))
        total = before._replace(cells=before.cells + load.cells, prompts=before.prompts + load.prompts)
        asked[_kind(load)] = total


def _each_once(cells: Iterator[Cell], seen: KeySet | None) -> Iterator[list[Cell]]:
    """``cells`` not in ``seen``, some thousand at a time; their keys are added to it. Without ``seen``, all."""
    while ahead := list(islice(cells, _LOOK_AHEAD)):
        if seen is None:
            yield ahead
            continue
        new = seen.take(packed([(cell_id(cell), cell.sample) for cell in ahead]))
        yield [cell for cell, first in zip(ahead, new, strict=True) if first]


def _answered(store: Store) -> frozenset[str]:
    return frozenset(store.frame("SELECT DISTINCT model_id FROM tallies WHERE outcome <> 'error'").model_id)


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
    if not keys:
        return set()
    found = store.frame(
        "SELECT DISTINCT cache_key FROM responses "
        "WHERE outcome <> 'error' AND cache_key IN (SELECT unnest(?::VARCHAR[]))",
        [list(keys)],
    )
    return set(found.cache_key)


def _pace(store: Store, kinds: Sequence[_Kind]) -> _Pace:
    """Seconds and dollars that one prompt takes, by kind: the mean over the last measured answers."""
    pace: _Pace = {}
    for kind in kinds:
        # Where every answer that should have been read directly had to be counted, that is what a cell takes.
        for counted in (True,) if kind.sampled else (False, True):
            found = _measured(store, kind, counted)
            if found.prompts > 0:
                pace[kind] = (
                    float(found.seconds / found.prompts),
                    float(found.dollars / found.paid) if found.paid > 0 else None,
                )
                break
    return pace


def _measured(store: Store, kind: _Kind, counted: bool) -> pd.Series:
    """What the last answers of ``kind`` took: prompts, seconds, and the dollars of those ``paid`` for.

    ``counted`` takes answers that were counted from samples, else those that were read directly.
    """
    return store.frame(
        """
        SELECT coalesce(sum(prompts), 0) AS prompts, sum(latency_s) AS seconds, sum(cost_usd) AS dollars,
            coalesce(sum(prompts) FILTER (cost_usd IS NOT NULL), 0) AS paid FROM (
            SELECT latency_s, cost_usd, CASE WHEN ? THEN coalesce(n, 1) ELSE 1 END::DOUBLE AS prompts FROM responses
            WHERE model_id = ? AND kind = ? AND outcome <> 'error' AND copied_from IS NULL
                AND (method IS NOT DISTINCT FROM 'sampled') = ?
                AND tag NOT LIKE '%:vote:%' -- made by code, in no time of a model's
            ORDER BY created DESC LIMIT ?
        )
        """,
        [kind.sampled, kind.model_id, kind.kind, counted, _RECENT],
    ).iloc[0]
