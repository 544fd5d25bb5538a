"""Before and after a tuning, on seen and unseen countries and questions.

``skill`` is 1 - (mean distance to people) / (mean distance of an even guess). ``apart`` asks whether the answers tell
countries apart: (mean distance to the people of the other countries - distance to those of the country named) / (mean
distance between the people of two countries). Whoever gives every country the same answer has exactly 0, however good
the answer is; people themselves have 1. ``dispersion`` is the standard deviation of the answers over that of people,
mean over ordinal questions; below 1 the answers are more alike than people's. ``valid_mass`` is the probability on any
option.

All intervals are by battery (:mod:`core.stats.clustered`); countries are averaged within a question first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.audits.representation.audit import Answers
from core.stats import dispersion_ratio, distance_for, mean_columns, ratio_columns
from core.stats.clustered import Columns
from core.stats.distances import Array
from core.surveys import NotAsked, Survey
from core.surveys.batteries import battery_of
from core.types import Card, Persona, Question

Quadrant = Literal["seen_seen", "new_seen", "seen_new", "new_new"]
QUADRANTS: tuple[Quadrant, ...] = ("seen_seen", "new_seen", "seen_new", "new_new")
"""Countries, then questions: ``new_seen`` are countries that were not trained on, with trained questions."""
Measure = Literal["skill", "apart", "dispersion"]
MEASURES: tuple[Measure, ...] = ("skill", "apart", "dispersion")
WHO = ("before", "after", "others", "nearest", "floor")
"""The base, the tuned model, the mean of the other countries, the nearest trained country, and draws from people."""
FEWEST_COUNTRIES, FEWEST_QUESTIONS = 2, 2
LEAST_APART = 0.02
"""Smallest part of the difference between countries that counts as telling them apart."""

Verdict = Literal["country", "average", "nothing", "worse", "unknown"]


class Learned(NamedTuple):
    """``frame`` has one row a quadrant, who and measure: value, low, high, p, questions, batteries, countries.

    ``verdicts`` says of each quadrant what the tuned model can do there, see :func:`verdict`.
    """

    frame: pd.DataFrame
    verdicts: dict[Quadrant, Verdict]


class _Cell(NamedTuple):
    """One question in one quadrant: people and answers ``[countries, options]`` of the same countries."""

    question: Question
    countries: tuple[str, ...]
    people: Array
    n: Array
    who: dict[str, Array]


def learned(before: Answers, after: Answers, card: Card, survey: Survey, seed: int = 0) -> Learned:
    """What the tuned model with this ``card`` learned.

    ``before`` and ``after`` are the answers of its base and its own, told a country, by (persona key, question id);
    only what both answered counts.
    """
    rows: list[tuple[object, ...]] = []
    verdicts: dict[Quadrant, Verdict] = {}
    nearest = _nearest(card, survey)
    rng = np.random.default_rng(seed)
    for quadrant in QUADRANTS:
        cells = list(_cells(quadrant, before, after, card, survey, nearest, rng))
        found: dict[tuple[str, Measure], Columns] = {}
        for who in WHO:
            for measure, figure in _MEASURES.items():
                got = figure(cells, who)
                if got is not None:
                    found[who, measure] = got
                    ends = (float(column[0]) for column in got[:4])
                    most = max(len(cell.countries) for cell in cells)
                    rows.append((quadrant, who, measure, *ends, got.n, got.batteries, most))
        verdicts[quadrant] = verdict(found.get(("after", "skill")), found.get(("after", "apart")))
    columns = ["quadrant", "who", "measure", "value", "low", "high", "p", "questions", "batteries", "countries"]
    return Learned(pd.DataFrame(rows, columns=columns), verdicts)


def verdict(skill: Columns | None, apart: Columns | None) -> Verdict:
    """``country`` where the answers beat an even guess and tell countries apart, each beyond its interval; ``average``
    where they only beat the guess; ``worse`` where they are clearly worse than the guess; else ``nothing``.
    """
    if skill is None or apart is None or np.isnan(skill.low[0]):
        return "unknown"
    if skill.low[0] > 0:
        return "country" if apart.low[0] > 0 and apart.mean[0] >= LEAST_APART else "average"
    return "worse" if skill.high[0] < 0 else "nothing"


def _cells(
    quadrant: Quadrant,
    before: Answers,
    after: Answers,
    card: Card,
    survey: Survey,
    nearest: Mapping[str, str],
    rng: np.random.Generator,
) -> Sequence[_Cell]:
    new_country, new_question = quadrant.startswith("new"), quadrant.endswith("new")
    places = card.held_out["test_countries"] if new_country else card.seen["countries"]
    names = card.held_out["test_questions"] if new_question else card.seen["questions"]
    bank, made = survey.questions(), []
    for name in (name for name in names if name in bank):
        kept = []
        for place in places:
            key, person = (Persona(country=place).key, name), Persona(country=place)
            reference = survey.reference(name, person)
            if key in before and key in after and not isinstance(reference, NotAsked):
                kept.append((place, reference, before[key], after[key]))
        if len(kept) < FEWEST_COUNTRIES:
            continue
        people = np.array([reference.shares for _, reference, _, _ in kept])
        size = np.array([max(1, round(reference.n_eff)) for _, reference, _, _ in kept])
        answers = {"before": np.array([b for *_, b, _ in kept]), "after": np.array([a for *_, a in kept])}
        others = [survey.mean_of_others(name, place) for place, *_ in kept]
        if all(mean is not None for mean in others):
            answers["others"] = np.array(others)
        near = [survey.reference(name, Persona(country=nearest[place])) for place, *_ in kept if place in nearest]
        if len(near) == len(kept) and not any(isinstance(one, NotAsked) for one in near):
            answers["nearest"] = np.array([one.shares for one in near if not isinstance(one, NotAsked)])
        answers["floor"] = rng.multinomial(size, people / people.sum(axis=1, keepdims=True)) / size[:, None]
        made.append(_Cell(bank[name], tuple(place for place, *_ in kept), people, size, answers))
    return made


def _nearest(card: Card, survey: Survey) -> dict[str, str]:
    """For each country of the test the trained country whose people answer most alike, on trained questions alone."""
    trained, names = card.seen["countries"], card.seen["questions"]
    places = (*card.held_out["test_countries"], *trained)
    gaps = np.array([_gaps(survey, name, places, len(trained)) for name in names])
    if not gaps.size:
        return {}
    known = np.isfinite(gaps)
    enough = known.sum(axis=0) >= max(FEWEST_QUESTIONS, len(names) / 2)
    sums, counts = np.where(known, gaps, 0.0).sum(axis=0), known.sum(axis=0)
    apart = np.where(enough, sums / np.maximum(counts, 1), np.inf)
    apart[np.array(places)[:, None] == np.array(trained)[None, :]] = np.inf
    return {
        place: trained[int(row.argmin())] for place, row in zip(places, apart, strict=True) if np.isfinite(row).any()
    }


def _gaps(survey: Survey, name: str, places: Sequence[str], last: int) -> Array:
    """Distances ``[places, last]`` from the people of all places to those of the last; NaN where nobody was asked."""
    question = survey.questions()[name]
    asked = [survey.reference(name, Persona(country=place)) for place in places]
    unknown = [np.nan] * len(question.options)
    shares = np.array([unknown if isinstance(one, NotAsked) else one.shares for one in asked])
    return np.asarray(distance_for(question)(shares[:, None], shares[None, -last:]))


def _batteries(cells: Sequence[_Cell]) -> list[str]:
    return [battery_of(cell.question) for cell in cells]


def _ratio(cells: Sequence[_Cell], pairs: Sequence[tuple[float, float]]) -> Columns | None:
    if len(cells) < FEWEST_QUESTIONS:
        return None
    top, bottom = np.array(pairs).T
    return ratio_columns(top[:, None], bottom[:, None], _batteries(cells))


def _skill(cells: Sequence[_Cell], who: str) -> Columns | None:
    kept = [cell for cell in cells if who in cell.who]
    pairs = []
    for cell in kept:
        measure = distance_for(cell.question)
        even = np.full_like(cell.people, 1 / cell.people.shape[1])
        far, base = measure(cell.people, cell.who[who]).mean(), measure(cell.people, even).mean()
        pairs.append((float(base - far), float(base)))
    return _ratio(kept, pairs)


def _apart(cells: Sequence[_Cell], who: str) -> Columns | None:
    kept = [cell for cell in cells if who in cell.who]
    pairs = []
    for cell in kept:
        measure = distance_for(cell.question)
        cross = measure(cell.people[None, :, :], cell.who[who][:, None, :])  # answers for a country x people of another
        between = measure(cell.people[None, :, :], cell.people[:, None, :])
        other = ~np.eye(len(cell.countries), dtype=bool)
        pairs.append((float(cross[other].mean() - np.diag(cross).mean()), float(between[other].mean())))
    return _ratio(kept, pairs)


def _dispersion(cells: Sequence[_Cell], who: str) -> Columns | None:
    kept = [cell for cell in cells if who in cell.who and cell.question.scale == "ordinal"]
    if len(kept) < FEWEST_QUESTIONS:
        return None
    values = [float(np.nanmean(dispersion_ratio(cell.people, cell.who[who]))) for cell in kept]
    return mean_columns(np.array(values)[:, None], _batteries(kept))


_MEASURES: dict[Measure, Callable[[Sequence[_Cell], str], Columns | None]] = {
    "skill": _skill,
    "apart": _apart,
    "dispersion": _dispersion,
}
