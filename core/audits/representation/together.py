"""Compares several models, or countries, side by side: the groups of each, on the questions that all of them have."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

import pandas as pd

from core.audits.representation.audit import Answers, measure, questions_of
from core.audits.representation.plan import Told
from core.audits.shared import Shared, shared_items
from core.surveys import Survey
from core.types import GroupDimension

K = TypeVar("K", bound=Hashable)


class Panel(NamedTuple):
    """One member of a comparison: the answers of a model, compared with the groups of a country."""

    answers: Answers
    country: str


class Together(NamedTuple, Generic[K]):
    """``frames`` of :func:`.audit.measure` by panel, and the number of questions that each leaves out for the others.

    ``sets`` has one row per panel, told and dimension: panel, told, dimension, ``asked`` (questions that it has),
    ``shared`` (questions used for it), ``aside`` (asked minus shared) and ``comparable``, which is False where it has
    too few to be compared and keeps its own (:func:`core.audits.shared.shared_items`).
    """

    frames: dict[K, dict[str, pd.DataFrame]]
    sets: pd.DataFrame


SET_COLUMNS = ("panel", "told", "dimension", "asked", "shared", "aside", "comparable")


def measure_together(
    panels: Mapping[K, Panel], survey: Survey, question_ids: Iterable[str] | None = None, seed: int = 0
) -> Together[K]:
    """:func:`.audit.measure` of each of ``panels``; each way of asking and dimension uses the questions all have."""
    ids = None if question_ids is None else list(question_ids)
    asked = {name: questions_of(panel.answers, survey, panel.country, ids) for name, panel in panels.items()}
    ways = list(dict.fromkeys(way for found in asked.values() for way in found))
    shared: dict[tuple[Told, GroupDimension], Shared[K]] = {
        way: shared_items({name: found[way] for name, found in asked.items() if way in found}) for way in ways
    }
    rows = []
    frames: dict[K, dict[str, pd.DataFrame]] = {}
    for name, panel in panels.items():
        only = {way: shared[way].kept(name, own) for way, own in asked[name].items()}
        frames[name] = measure(panel.answers, survey, panel.country, ids, seed, only=only)
        rows += [
            (name, *way, len(own), len(only[way]), len(own) - len(only[way]), name not in shared[way].apart)
            for way, own in asked[name].items()
        ]
    return Together(frames, pd.DataFrame(rows, columns=list(SET_COLUMNS)))


def left_aside(sets: pd.DataFrame, told: Told) -> pd.DataFrame:
    """The part of :attr:`Together.sets` that a page reports for one way of asking: panels that lost or lack questions.

    Columns: panel, ``aside`` (most over the dimensions), ``shared`` (fewest), ``comparable`` (in all dimensions).
    """
    mine = sets[sets["told"] == told]
    found = mine.groupby("panel", sort=False).agg(
        aside=("aside", "max"), shared=("shared", "min"), comparable=("comparable", "all")
    )
    return found[(found["aside"] > 0) | ~found["comparable"]].reset_index()
