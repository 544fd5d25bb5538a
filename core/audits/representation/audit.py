"""Representation: to whose answers within one country is a model near, and who is left out?

For each group g of a dimension (age, sex, education, age by sex), the audit measures the distance of the model's answer
to the group's answer: with no persona, told only the country, and told that it is g. Under-representation of g is that
distance minus the mean over the other groups, net of the same gap of an even guess and of the whole population's
answer, see :mod:`core.stats.gaps`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from core.audits.alignment import audit as first_token
from core.audits.base import Bank, Stage, fixed
from core.audits.representation.plan import GROUPS, TOLD, Spec, Told, asked_as, persona_of, plan
from core.audits.representation.rows import (
    Known,
    contrast_row,
    group_rows,
    measured,
    people_of,
    question_rows,
)
from core.stats import benjamini_hochberg
from core.stats.groups import Item
from core.surveys import Survey, every_survey
from core.surveys.base import NotAsked
from core.surveys.batteries import battery_of
from core.types import GroupDimension, Persona, Question, Reference, Response

FEWEST = 2
"""The smallest number of questions for a group table."""
LEAST_GAP = 0.01
"""Smallest net gap, 0..1, that is worth mentioning: one point in a hundred of the scale."""
SIGNIFICANT = 0.05

Answers = Mapping[tuple[str, str], Sequence[float]]
"""Probabilities in scale order by (persona key, question id)."""


def _known(
    survey: Survey, country: str, dimension: GroupDimension, ids: Iterable[str]
) -> tuple[tuple[str, ...], dict[str, Known]]:
    """Groups that at least half of the questions have, and the survey data of each question that has all of them."""
    personas = {group: persona_of(country, dimension, group) for group in GROUPS[dimension]}
    questions = survey.questions()
    found: dict[str, dict[str, Reference]] = {}
    for name in ids:
        references = {group: survey.reference(name, persona) for group, persona in personas.items()}
        exact = {g: r for g, r in references.items() if not isinstance(r, NotAsked) and r.matched == "exact"}
        if exact:
            found[name] = exact
    groups = tuple(g for g in personas if 2 * sum(g in r for r in found.values()) >= max(1, len(found)))
    full = {}
    for name, by_group in found.items():
        whole = survey.reference(name, Persona(country=country))
        if all(g in by_group for g in groups) and isinstance(whole, Reference):
            full[name] = Known(tuple(by_group[g] for g in groups), whole, battery_of(questions[name]))
    return groups, full


_MOST_KEPT = 24
_PEOPLE: WeakKeyDictionary[Survey, OrderedDict[tuple[Any, ...], Any]] = WeakKeyDictionary()
"""Results that depend on people only, by survey, cached because every model that is compared needs the same."""


def _kept(survey: Survey, key: tuple[Any, ...], make: Callable[[tuple[Any, ...]], Any]) -> Any:
    kept = _PEOPLE.setdefault(survey, OrderedDict())
    if key not in kept:
        kept[key] = make(key)
        while len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    return kept[key]


def _items(
    answers: Answers, questions: Mapping[str, Question], known: Mapping[str, Known], keys: Sequence[str]
) -> dict[str, Item]:
    items = {}
    for name, of_question in known.items():
        models = [answers.get((key, name)) for key in keys]
        if any(model is None for model in models):
            continue
        items[name] = Item(
            model=np.array(models, dtype=np.float64),
            people=np.array([r.shares for r in of_question.groups]),
            n=np.array([r.n_eff for r in of_question.groups]),
            ordinal=questions[name].scale == "ordinal",
        )
    return items


Only = Mapping[tuple[Told, GroupDimension], Collection[str]]
"""Questions by way of asking and dimension."""


def _among(items: dict[str, Item], names: Collection[str] | None) -> dict[str, Item]:
    return items if names is None else {name: item for name, item in items.items() if name in names}


def _asked(
    answers: Answers,
    survey: Survey,
    country: str,
    ids: Sequence[str],
    dimensions: Iterable[GroupDimension],
    tolds: Iterable[Told],
) -> Iterator[tuple[GroupDimension, tuple[str, ...], dict[str, Known], dict[Told, dict[str, Item]]]]:
    """Each dimension with at least two known groups: its groups, people, and answers by way of asking."""
    asked = {name for _, name in answers}
    ways = tuple(tolds)
    for dimension in dimensions:
        groups, known = _kept(
            survey,
            ("known", country, dimension, tuple(name for name in ids if name in asked)),
            lambda key: _known(survey, country, dimension, key[-1]),  # noqa: B023
        )
        if len(groups) > 1:
            questions = survey.questions()
            personas = {told: [asked_as(country, dimension, group, told) for group in groups] for told in ways}
            yield (
                dimension,
                groups,
                known,
                {told: _items(answers, questions, known, keys) for told, keys in personas.items()},
            )


def questions_of(
    answers: Answers,
    survey: Survey,
    country: str,
    question_ids: Iterable[str] | None = None,
    dimensions: Iterable[GroupDimension] = tuple(GROUPS),
    tolds: Iterable[Told] = TOLD,
) -> dict[tuple[Told, GroupDimension], tuple[str, ...]]:
    """The questions that :func:`measure` would use, by way of asking and dimension; none if under :data:`FEWEST`.

    Each has an answer of the model to this way of asking, and answers of people by group.
    """
    questions = survey.questions()
    ids = [name for name in (questions if question_ids is None else question_ids) if name in questions]
    return {
        (told, dimension): tuple(items)
        for dimension, _, _, every in _asked(answers, survey, country, ids, dimensions, tolds)
        for told, items in every.items()
        if len(items) >= FEWEST
    }


def measure(
    answers: Answers,
    survey: Survey,
    country: str,
    question_ids: Iterable[str] | None = None,
    seed: int = 0,
    dimensions: Iterable[GroupDimension] = tuple(GROUPS),
    tolds: Iterable[Told] = TOLD,
    only: Only | None = None,
) -> dict[str, pd.DataFrame]:
    """All measures of the groups of ``country`` from the answers of one model in one language.

    ``groups``: one row per told, dimension and group: distance (0..1, as measured) with its interval, ``shared`` (the
    distance on the questions that every way of asking has, to compare them) with its interval and questions_shared;
    gap (distance minus the mean of the other groups, sizes levelled) with interval; gap_even and gap_whole (the gaps of
    an even guess over the options, and of the whole population's answer given to every group); net and net_whole (gap
    minus each of these) with intervals; p (that both nets are 0), p_adjusted (BH over all groups of that told,
    ``tests`` of them), ``flagged`` (both nets off 0 in one direction, adjusted p under .05, and net at least
    :data:`LEAST_GAP`); dispersion (sd of the model over sd of the people) with interval, human, human_chance,
    human_chance_high, questions, batteries, n (median respondents), weight_status, years, source.

    ``contrasts``: per told and dimension the nearest and the farthest group net of an even guess, difference, low and
    high (for all pairs), p, questions; ``clear`` where a group is flagged, the interval excludes 0 and p is under
    .05; ``told_apart`` where people of these groups differ by more than chance. ``questions``: one row per told,
    dimension, group and question: distance, gap, ``gap_level``, whose mean is the gap of the group, ``net`` and
    ``net_whole``. Empty frames where nothing can be compared. Intervals and tests are by battery
    (:mod:`core.stats.clustered`). ``only`` restricts the questions of a way of asking and dimension further, see
    :mod:`core.audits.representation.together`.
    """
    questions = survey.questions()
    ids = [name for name in (questions if question_ids is None else question_ids) if name in questions]
    groups_out: list[dict[str, Any]] = []
    contrasts: list[dict[str, Any]] = []
    by_question: list[dict[str, Any]] = []
    for dimension, groups, known, every in _asked(answers, survey, country, ids, dimensions, tolds):
        if only is not None:
            every = {told: _among(items, only.get((told, dimension))) for told, items in every.items()}
        every = {told: items for told, items in every.items() if len(items) >= FEWEST}
        shared = frozenset.intersection(*map(frozenset, every.values())) if every else frozenset()
        for told, items in every.items():
            key = ("people", country, dimension, groups, tuple(items), seed)
            people = _kept(survey, key, lambda _: people_of(list(items.values()), [known[n] for n in items], seed))  # noqa: B023
            found = measured(dimension, told, groups, known, items, people, seed)
            groups_out += group_rows(found, people, shared)
            contrasts.append(contrast_row(found, people))
            by_question += question_rows(found, people)
    frame, table = pd.DataFrame(groups_out), pd.DataFrame(contrasts)
    if len(frame):
        frame, table = _judged(frame, table)
    return {"groups": frame, "contrasts": table, "questions": pd.DataFrame(by_question)}


def _judged(frame: pd.DataFrame, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both frames with their verdicts; p-values are adjusted over all groups of one way of asking."""
    p = frame.groupby("told", sort=False)["p"]
    frame = frame.assign(
        p_adjusted=p.transform(lambda part: benjamini_hochberg(part.to_numpy())), tests=p.transform("size")
    )
    frame["flagged"] = frame["beyond"] & (frame["p_adjusted"] < SIGNIFICANT) & (frame["net"].abs() >= LEAST_GAP)
    flagged = frame.groupby(["told", "dimension"])["flagged"].any()
    beyond = ((table["low"] > 0) | (table["high"] < 0)) & (table["p"] < SIGNIFICANT)
    any_flag = [bool(flagged[told, d]) for told, d in zip(table["told"], table["dimension"], strict=True)]
    tests = frame.drop_duplicates("told").set_index("told")["tests"]
    return frame, table.assign(clear=beyond & np.array(any_flag), tests=table["told"].map(tests))


def score(rows: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
    """The frames of :func:`measure` for every model, language and country that the rows name, with those columns."""
    survey = every_survey()
    answers: dict[tuple[str, str], dict[tuple[str, str], Sequence[float]]] = {}
    countries = {row.country for row in rows if row.country}
    for reading in first_token.readings(rows, bank):
        if reading.distribution.valid_mass > 0:
            mine = answers.setdefault((reading.model_id, reading.language), {})
            mine[reading.persona.key, reading.question_id] = reading.distribution.probabilities
    parts: dict[str, list[pd.DataFrame]] = {"groups": [], "contrasts": [], "questions": []}
    for (model, language), mine in answers.items():
        for country in sorted(countries):
            for name, frame in measure(mine, survey, country).items():
                parts[name].append(frame.assign(model_id=model, language=language, country=country))
    return {name: pd.concat(frames) if frames else pd.DataFrame() for name, frames in parts.items()}


_Spec = Spec


class Representation:
    """This audit as it is registered; see :class:`core.audits.base.Audit`."""

    name = "representation"
    Spec = _Spec

    def stages(self, spec: _Spec, bank: Bank) -> Iterator[Stage]:
        """See :func:`plan`."""
        yield fixed(plan(spec, bank))

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`score`."""
        return score(answers, bank)


__all__ = ["GROUPS", "TOLD", "Representation", "Spec", "Told", "measure", "persona_of", "plan", "questions_of", "score"]
