"""Measures panels: the answers of a model beside the groups of a country, several panels at once.

All ways of asking and all panels of one country that use the same questions are measured together.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from core.audits.representation.people import Known, kept, known_people, people_of
from core.audits.representation.plan import GROUPS, TOLD, Told, asked_as
from core.audits.representation.rows import Measured, contrast_row, group_rows, measured, question_columns
from core.stats import SIGNIFICANT, benjamini_hochberg
from core.stats.distances import Array
from core.surveys import Survey
from core.types import GroupDimension

K = TypeVar("K", bound=Hashable)

FEWEST = 2
"""The smallest number of questions for a group table."""
LEAST_GAP = 0.01
"""Smallest net gap, 0..1, that is worth mentioning: one point in a hundred of the scale."""

Answers = Mapping[tuple[str, str], Sequence[float]]
"""Probabilities in scale order by (persona key, question id)."""
Frames: TypeAlias = dict[str, pd.DataFrame]
"""The frames of :func:`core.audits.representation.audit.measure` by name."""
Way = tuple[Told, GroupDimension]
"""What the model was told, and the dimension whose groups it is compared with."""


class Panel(NamedTuple):
    """One member of a comparison: the answers of a model, compared with the groups of a country."""

    answers: Answers
    country: str


class Asked(NamedTuple):
    """A panel in one dimension: its groups, their people, and for each way of asking the questions that it answered.

    ``keys`` are the personas as which the model answered, one per group; ``questions`` has at least :data:`FEWEST`.
    """

    dimension: GroupDimension
    groups: tuple[str, ...]
    known: Mapping[str, Known]
    keys: Mapping[Told, tuple[str, ...]]
    questions: Mapping[Told, tuple[str, ...]]


def asked_of(
    panel: Panel,
    survey: Survey,
    question_ids: Iterable[str] | None = None,
    dimensions: Iterable[GroupDimension] = tuple(GROUPS),
    tolds: Iterable[Told] = TOLD,
) -> list[Asked]:
    """Each dimension of ``panel`` with at least two known groups; of ``question_ids``, unknown ones are left out."""
    bank = survey.questions()
    answered = {name for _, name in panel.answers}
    ids = [name for name in (bank if question_ids is None else question_ids) if name in bank and name in answered]
    ways, found = tuple(tolds), []
    for dimension in dimensions:
        groups, known = known_people(survey, panel.country, dimension, ids)
        if len(groups) < 2:
            continue
        keys = {told: tuple(asked_as(panel.country, dimension, group, told) for group in groups) for told in ways}
        questions = {}
        for told, personas in keys.items():
            needed = set(personas)
            names = tuple(name for name in known if all((key, name) in panel.answers for key in needed))
            if len(names) >= FEWEST:
                questions[told] = names
        found.append(Asked(dimension, groups, known, keys, questions))
    return found


def measure_panels(
    panels: Mapping[K, Panel],
    asked: Mapping[K, Sequence[Asked]],
    survey: Survey,
    seed: int = 0,
    only: Mapping[K, Mapping[Way, Collection[str]]] | None = None,
) -> dict[K, Frames]:
    """The frames of :func:`core.audits.representation.audit.measure` for each of ``panels``.

    ``asked`` is that of :func:`asked_of`. ``only`` restricts the questions of a panel, way of asking and dimension.
    """
    jobs = [_job(name, panels[name], one, told, only) for name in panels for one in asked[name] for told in one.keys]
    wanted = sorted((job for job in jobs if len(job.questions) >= FEWEST), key=_alike)
    done: dict[tuple[K, GroupDimension, Told], tuple[Measured, Any]] = {}
    for who, group in groupby(wanted, key=_alike):
        same = list(group)
        first = same[0].asked
        people = kept(
            survey,
            ("people", *who, seed),
            lambda: people_of([first.known[n] for n in same[0].questions], seed),  # noqa: B023
        )
        answers = {name: _answers(same, name) for name in same[0].questions}
        found = measured(first.dimension, [job.told for job in same], first.groups, first.known, answers, people, seed)
        done |= {(job.name, first.dimension, job.told): (one, people) for job, one in zip(same, found, strict=True)}
    frames: dict[K, Frames] = {}
    for name in panels:
        groups_out: list[dict[str, Any]] = []
        contrasts: list[dict[str, Any]] = []
        columns: list[dict[str, Any]] = []
        for one in asked[name]:
            mine = [done[name, one.dimension, told] for told in one.keys if (name, one.dimension, told) in done]
            shared = frozenset.intersection(*(frozenset(each.questions) for each, _ in mine)) if mine else frozenset()
            for each, people in mine:
                groups_out += group_rows(each, people, shared)
                contrasts.append(contrast_row(each, people))
                columns.append(question_columns(each, people))
        _judge(groups_out, contrasts)
        whole = {key: np.concatenate([part[key] for part in columns]) for key in (columns[0] if columns else ())}
        frames[name] = {
            "groups": pd.DataFrame(groups_out),
            "contrasts": pd.DataFrame(contrasts),
            "questions": pd.DataFrame(whole),
        }
    return frames


class _Job(NamedTuple):
    """One panel in one dimension under one way of asking, with its questions."""

    name: Any
    panel: Panel
    asked: Asked
    told: Told
    questions: tuple[str, ...]


def _job(
    name: Any, panel: Panel, asked: Asked, told: Told, only: Mapping[K, Mapping[Way, Collection[str]]] | None
) -> _Job:
    questions = asked.questions.get(told, ())
    if only is not None and (chosen := only[name].get((told, asked.dimension))) is not None:
        questions = tuple(one for one in questions if one in chosen)
    return _Job(name, panel, asked, told, questions)


def _alike(job: _Job) -> tuple[str, GroupDimension, tuple[str, ...], tuple[str, ...]]:
    """What jobs that are measured at once have in common: the people."""
    return job.panel.country, job.asked.dimension, job.asked.groups, job.questions


def _answers(jobs: Sequence[_Job], name: str) -> Array:
    """The answers of ``jobs`` to one question, (jobs, groups, options)."""
    return np.array([[job.panel.answers[key, name] for key in job.asked.keys[job.told]] for job in jobs])


def _judge(groups: list[dict[str, Any]], contrasts: list[dict[str, Any]]) -> None:
    """Add the verdicts to both kinds of rows; p-values are adjusted over all groups of one way of asking."""
    tests: dict[Told, int] = {}
    flagged: dict[Way, bool] = {}
    for told in dict.fromkeys(row["told"] for row in groups):
        mine = [row for row in groups if row["told"] == told]
        tests[told] = len(mine)
        for row, p in zip(mine, benjamini_hochberg(np.array([row["p"] for row in mine])), strict=True):
            flag = row["beyond"] and bool(p < SIGNIFICANT) and bool(abs(row["net"]) >= LEAST_GAP)
            row |= {"p_adjusted": p, "tests": len(mine), "flagged": flag}
            way = told, row["dimension"]
            flagged[way] = flagged.get(way, False) or flag
    for row in contrasts:
        beyond = (row["low"] > 0 or row["high"] < 0) and row["p"] < SIGNIFICANT
        row |= {"clear": beyond and flagged[row["told"], row["dimension"]], "tests": tests[row["told"]]}
