"""Compares several models, or countries, side by side: the groups of each, on the questions that all of them have."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, MutableMapping
from typing import Any, Generic, NamedTuple, TypeVar

import pandas as pd

from core.audits.representation.panels import Asked, Frames, Panel, Way, asked_of, measure_panels
from core.audits.representation.plan import Told
from core.audits.shared import Shared, shared_items
from core.surveys import Survey
from core.types import digest

K = TypeVar("K", bound=Hashable)


class Together(NamedTuple, Generic[K]):
    """``frames`` of :func:`.audit.measure` by panel, and the number of questions that each leaves out for the others.

    ``sets`` has one row per panel, told and dimension: panel, told, dimension, ``asked`` (questions that it has),
    ``shared`` (questions used for it), ``aside`` (asked minus shared) and ``comparable``, which is False where it has
    too few to be compared and keeps its own (:func:`core.audits.shared.shared_items`). ``used`` is a digest by panel of
    the groups and questions that its frames were measured on: a panel of the same answers and the same digest has the
    same frames, whatever stands beside it.
    """

    frames: dict[K, Frames]
    sets: pd.DataFrame
    used: dict[K, str]


SET_COLUMNS = ("panel", "told", "dimension", "asked", "shared", "aside", "comparable")


def measure_together(
    panels: Mapping[K, Panel],
    survey: Survey,
    question_ids: Iterable[str] | None = None,
    seed: int = 0,
    measured: MutableMapping[tuple[K, str], Frames] | None = None,
) -> Together[K]:
    """:func:`.audit.measure` of each of ``panels``; each way of asking and dimension uses the questions all have.

    ``measured`` are frames by panel and :attr:`Together.used` from earlier calls with the same answers, people and
    seed. Panels that are there are not measured again; the others are added.
    """
    ids = None if question_ids is None else list(question_ids)
    asked = {name: asked_of(panel, survey, ids) for name, panel in panels.items()}
    sets: dict[K, dict[Way, tuple[str, ...]]] = {
        name: {(told, one.dimension): names for one in found for told, names in one.questions.items()}
        for name, found in asked.items()
    }
    ways = list(dict.fromkeys(way for found in sets.values() for way in found))
    shared: dict[Way, Shared[K]] = {
        way: shared_items({name: found[way] for name, found in sets.items() if way in found}) for way in ways
    }
    only = {name: {way: shared[way].kept(name, own) for way, own in found.items()} for name, found in sets.items()}
    rows = [
        (
            name,
            *way,
            len(own),
            len(only[name][way]),
            len(own) - len(only[name][way]),
            name not in shared[way].apart,
        )
        for name, found in sets.items()
        for way, own in found.items()
    ]
    used = {name: _used(asked[name], only[name]) for name in panels}
    known: MutableMapping[tuple[K, str], Frames] = {} if measured is None else measured
    before = {name: known.get((name, used[name])) for name in panels}
    made = measure_panels(
        {name: panels[name] for name, old in before.items() if old is None}, asked, survey, seed, only
    )
    known.update({(name, used[name]): frames for name, frames in made.items()})
    frames = {name: old if old is not None else made[name] for name, old in before.items()}
    return Together(frames, pd.DataFrame(rows, columns=list(SET_COLUMNS)), used)


def _used(asked: Iterable[Asked], only: Mapping[Way, Collection[str]]) -> str:
    sets = [
        [one.dimension, one.groups, told, [name for name in names if name in only[told, one.dimension]]]
        for one in asked
        for told, names in one.questions.items()
    ]
    return digest(sets)


def left_aside(sets: pd.DataFrame, told: Told) -> pd.DataFrame:
    """The part of :attr:`Together.sets` that a page reports for one way of asking: panels that lost or lack questions.

    Columns: panel, ``aside`` (most over the dimensions), ``shared`` (fewest), ``comparable`` (in all dimensions).
    """
    found: dict[Any, tuple[int, int, bool]] = {}
    columns = (sets[name] for name in ("panel", "told", "aside", "shared", "comparable"))
    for panel, way, aside, shared, comparable in zip(*columns, strict=True):
        if way == told:
            most, fewest, all_of_it = found.get(panel, (0, shared, True))
            found[panel] = max(most, aside), min(fewest, shared), all_of_it and bool(comparable)
    rows = [(panel, *facts) for panel, facts in found.items() if facts[0] > 0 or not facts[2]]
    return pd.DataFrame(rows, columns=["panel", "aside", "shared", "comparable"])


__all__ = ["SET_COLUMNS", "Panel", "Together", "left_aside", "measure_together"]
