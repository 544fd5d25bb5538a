"""Representation: whose answers does a model come near to, within one country, and who is left out?

For each group g of a dimension (age, sex, education, age by sex): the distance of the model's answer to the group's,
with no persona, told only the country, and told that it is g. Under-representation of g is that distance minus the mean
over the other groups, see :mod:`core.metrics.gaps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from core.audits import first_token
from core.audits.base import Bank
from core.audits.representation_plan import GROUPS, TOLD, Spec, Told, asked_as, persona_of, plan
from core.metrics import benjamini_hochberg
from core.metrics.gaps import (
    Gaps,
    Item,
    against_others,
    bootstrap_columns,
    gap_test,
    group_distances,
    group_spreads,
    human_gaps,
    level_distances,
)
from core.surveys import SURVEYS, Survey
from core.surveys.base import NotAsked
from core.types import (
    Cell,
    GroupDimension,
    Question,
    Reference,
    Response,
)

FEWEST = 2
"""Fewest questions that a group table is made of."""

Answers = Mapping[tuple[str, str], Sequence[float]]
"""Probabilities in scale order by (persona key, question id)."""


class _Measured(NamedTuple):
    """One dimension as one ``told``: groups that are known, questions that all of them have, and what came out."""

    dimension: GroupDimension
    told: Told
    groups: tuple[str, ...]
    questions: tuple[str, ...]
    people: tuple[tuple[Reference, ...], ...]
    raw: np.ndarray[Any, np.dtype[np.float64]]
    level: np.ndarray[Any, np.dtype[np.float64]]
    spread: np.ndarray[Any, np.dtype[np.float64]]
    gaps: Gaps


def _known(
    survey: Survey, country: str, dimension: GroupDimension, ids: Iterable[str]
) -> tuple[tuple[str, ...], dict[str, tuple[Reference, ...]]]:
    """Groups that at least half of the questions have, and the references of each question that has them all."""
    personas = {group: persona_of(country, dimension, group) for group in GROUPS[dimension]}
    found: dict[str, dict[str, Reference]] = {}
    for name in ids:
        references = {group: survey.reference(name, persona) for group, persona in personas.items()}
        exact = {g: r for g, r in references.items() if not isinstance(r, NotAsked) and r.matched == "exact"}
        if exact:
            found[name] = exact
    groups = tuple(g for g in personas if 2 * sum(g in r for r in found.values()) >= max(1, len(found)))
    full = {n: tuple(r[g] for g in groups) for n, r in found.items() if all(g in r for g in groups)}
    return groups, full


def _items(
    answers: Answers, questions: Mapping[str, Question], known: Mapping[str, tuple[Reference, ...]], keys: Sequence[str]
) -> dict[str, Item]:
    items = {}
    for name, people in known.items():
        models = [answers.get((key, name)) for key in keys]
        if any(model is None for model in models):
            continue
        items[name] = Item(
            model=np.array(models, dtype=np.float64),
            people=np.array([r.shares for r in people]),
            n=np.array([r.n_eff for r in people]),
            ordinal=questions[name].scale == "ordinal",
        )
    return items


def _measure(
    dimension: GroupDimension,
    told: Told,
    groups: tuple[str, ...],
    known: Mapping[str, tuple[Reference, ...]],
    items: Mapping[str, Item],
    seed: int,
) -> _Measured:
    rng = np.random.default_rng(seed)
    listed = list(items.values())
    level = level_distances(listed, rng)
    return _Measured(
        dimension=dimension,
        told=told,
        groups=groups,
        questions=tuple(items),
        people=tuple(known[name] for name in items),
        raw=group_distances(listed),
        level=level,
        spread=group_spreads(listed),
        gaps=gap_test(level, rng, seed),
    )


def measure(
    answers: Answers,
    survey: Survey,
    country: str,
    question_ids: Iterable[str] | None = None,
    seed: int = 0,
    dimensions: Iterable[GroupDimension] = tuple(GROUPS),
    tolds: Iterable[Told] = TOLD,
) -> dict[str, pd.DataFrame]:
    """All that the answers of one model in one language say about the groups of ``country``.

    ``groups``: one row per told, dimension and group: distance (0..1, as measured) with its interval, gap (distance
    minus the mean of the other groups, sizes levelled) with interval, p and p_adjusted (BH over all groups of that
    told), gap_even (the gap of an even guess over the options, to which groups whose own answers are more even stand
    nearer), dispersion (sd of the model over sd of the people) with interval, human, human_chance, human_chance_high,
    questions, n (median respondents), weight_status, years, source. ``contrasts``: per told and dimension the nearest
    and the farthest group, difference, low, high, questions; ``clear`` where a gap is flagged and the interval leaves
    out 0; ``told_apart`` where people of these groups differ by more than chance. ``questions``: one row per told,
    dimension, group and question: distance, gap, and ``gap_level``, whose mean is the gap of the group. Empty frames
    where nothing can be compared.
    """
    questions = survey.questions()
    ids = [name for name in (questions if question_ids is None else question_ids) if name in questions]
    asked = {name for _, name in answers}
    groups_out: list[dict[str, Any]] = []
    contrasts: list[dict[str, Any]] = []
    by_question: list[dict[str, Any]] = []
    for dimension in dimensions:
        groups, known = _known(survey, country, dimension, [name for name in ids if name in asked])
        human_of: dict[tuple[str, ...], Any] = {}
        for told in tolds:
            items = _items(answers, questions, known, [asked_as(country, dimension, g, told) for g in groups])
            if len(items) < FEWEST or len(groups) < 2:
                continue
            found = _measure(dimension, told, groups, known, items, seed)
            if found.questions not in human_of:
                listed = list(items.values())
                human_of[found.questions] = human_gaps(listed, np.random.default_rng(seed)), _even_gaps(listed, seed)
            human, even = human_of[found.questions]
            groups_out += _group_rows(found, human, even, seed)
            contrasts.append(_contrast(found, bool((human.mean > human.chance_high).any()), seed))
            by_question += _question_rows(found)
    frame = pd.DataFrame(groups_out)
    table = pd.DataFrame(contrasts)
    if len(frame):
        adjusted = [benjamini_hochberg(part["p"].to_numpy()) for _, part in frame.groupby("told", sort=False)]
        order = [index for _, part in frame.groupby("told", sort=False) for index in part.index]
        frame["p_adjusted"] = pd.Series(np.concatenate(adjusted), index=order)
        outside = (frame["gap_low"] > 0) | (frame["gap_high"] < 0)
        frame["flagged"] = outside & (frame["p_adjusted"] < 0.05)
        flagged = frame.groupby(["told", "dimension"])["flagged"].any()
        beyond = (table["low"] > 0) | (table["high"] < 0)
        any_flag = [bool(flagged[told, d]) for told, d in zip(table["told"], table["dimension"], strict=True)]
        table["clear"] = beyond & np.array(any_flag)
    return {"groups": frame, "contrasts": table, "questions": pd.DataFrame(by_question)}


def _even_gaps(items: Sequence[Item], seed: int) -> Any:
    """Mean gap of each group for a model that answers 1/K to everything."""
    flat = [item._replace(model=np.full(item.people.shape[-1], 1 / item.people.shape[-1])) for item in items]
    return against_others(level_distances(flat, np.random.default_rng(seed))).mean(axis=0)


def _group_rows(found: _Measured, human: Any, even: Any, seed: int) -> list[dict[str, Any]]:
    rows = []
    near = bootstrap_columns(found.raw, seed)
    spread = bootstrap_columns(found.spread, seed)
    for place, group in enumerate(found.groups):
        people = [references[place] for references in found.people]
        rows.append(
            {
                "told": found.told,
                "dimension": found.dimension,
                "group": group,
                "questions": found.gaps.n,
                "distance": near[0][place],
                "distance_low": near[1][place],
                "distance_high": near[2][place],
                "gap": found.gaps.mean[place],
                "gap_low": found.gaps.low[place],
                "gap_high": found.gaps.high[place],
                "gap_even": even[place],
                "p": found.gaps.p[place],
                "human": human.mean[place],
                "human_chance": human.chance[place],
                "human_chance_high": human.chance_high[place],
                "dispersion": spread[0][place],
                "dispersion_low": spread[1][place],
                "dispersion_high": spread[2][place],
                "n": int(np.median([r.n for r in people])),
                "weight_status": ", ".join(sorted({r.weight_status for r in people})),
                "years": ", ".join(str(year) for year in sorted({r.year for r in people})),
                "source": ", ".join(sorted({r.survey for r in people})),
            }
        )
    return rows


def _contrast(found: _Measured, told_apart: bool, seed: int) -> dict[str, Any]:
    near, far = int(np.argmin(found.gaps.mean)), int(np.argmax(found.gaps.mean))
    apart = found.level[:, far] - found.level[:, near]
    mean, low, high, n = bootstrap_columns(apart[:, None], seed)
    return {
        "told": found.told,
        "dimension": found.dimension,
        "near": found.groups[near],
        "far": found.groups[far],
        "difference": mean[0],
        "low": low[0],
        "high": high[0],
        "questions": n,
        "told_apart": told_apart,
    }


def _question_rows(found: _Measured) -> list[dict[str, Any]]:
    means = found.raw.mean(axis=1, keepdims=True)
    others = (means * len(found.groups) - found.raw) / (len(found.groups) - 1)
    level = against_others(found.level)
    return [
        {
            "told": found.told,
            "dimension": found.dimension,
            "group": group,
            "question_id": name,
            "distance": float(found.raw[row, place]),
            "gap": float(found.raw[row, place] - others[row, place]),
            "gap_level": float(level[row, place]),
            "n": found.people[row][place].n,
        }
        for row, name in enumerate(found.questions)
        for place, group in enumerate(found.groups)
    ]


def score(rows: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
    """The frames of :func:`measure` for every model, language and country that the rows name, with those columns."""
    survey = SURVEYS["wvs7"]()
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


class Representation:
    """This audit as the registry holds it; see :class:`core.audits.base.Audit`."""

    name = "representation"
    spec = Spec

    def plan(self, spec: Spec, bank: Bank) -> list[Cell]:
        """See :func:`plan`."""
        return plan(spec, bank)

    def score(self, rows: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`score`."""
        return score(rows, bank)


__all__ = ["GROUPS", "TOLD", "Representation", "Spec", "Told", "measure", "persona_of", "plan", "score"]
