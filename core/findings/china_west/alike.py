"""Do models of several makers answer alike, and more alike than people? By topic, from stored readings."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from core.findings.wording import Figure, direction
from core.stats.clustered import mean_interval
from core.stats.distances import jsd
from core.surveys.base import Survey
from core.surveys.batteries import battery_of
from core.types import Persona, Question, Reference

EVERY = "any"
"""The topic of the row over all questions."""
PUBLICS = {"china": "CHN", "usa": "USA"}
Verdict = Literal["alike", "apart", "even", "open"]
VERDICTS: tuple[Verdict, ...] = ("alike", "apart", "even", "open")
LEAST = 0.01
"""Mean distances of 0.01 (Jensen-Shannon, base 2, 0..1) or more apart are called different."""

_HEAD = ("topic", "questions", "batteries", "models", "developers", "between", "even", *PUBLICS)
COLUMNS = (*_HEAD, *(f"{name}_{end}" for name in PUBLICS for end in ("lead", "low", "high")))


def alike(
    answers: Mapping[str, Mapping[str, tuple[float, ...]]],
    developers: Mapping[str, str],
    survey: Survey,
    questions: Mapping[str, Question],
) -> pd.DataFrame:
    """Mean distances between makers and from makers to people; one row over all questions, then one per topic.

    ``answers`` are the distributions over a question's options by model and question id. Only questions count that all
    models answered and that people in both countries were asked. Distances are Jensen-Shannon divergences, base
    2, 0..1: ``between`` over pairs of models of different developers, ``even`` from the models to an even guess, which
    all of them may be near, ``china`` and ``usa`` from the models to people. Each developer has the same weight.
    ``china_lead`` is ``between`` minus ``china``, a mean over questions with its 95 % interval by battery: below 0,
    makers are more like each other than like people there. Empty with fewer than two developers or no such question.
    """
    makers = {developers[model] for model in answers}
    common = [name for name in questions if all(name in mine for mine in answers.values())]
    if len(makers) < 2 or not common:
        return pd.DataFrame(columns=list(COLUMNS))
    lines = [line for name in common if (line := _line(answers, developers, survey, questions[name]))]
    found = pd.DataFrame(lines)
    if found.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    parts = [(EVERY, found), *found.groupby("topic", sort=True)]
    counts = {"models": len(answers), "developers": len(makers)}
    return pd.DataFrame([_row(str(topic), part, counts) for topic, part in parts], columns=list(COLUMNS))


def _line(
    answers: Mapping[str, Mapping[str, tuple[float, ...]]],
    developers: Mapping[str, str],
    survey: Survey,
    question: Question,
) -> dict[str, object]:
    """The distances on one question; empty where people of one country were not asked."""
    found: dict[str, object] = {"topic": question.topic, "battery": battery_of(question)}
    for name, country in PUBLICS.items():
        people = survey.reference(question.id, Persona(country=country))
        if not isinstance(people, Reference) or people.matched != "exact":
            return {}
        to = [(developers[model], float(jsd(mine[question.id], people.shares))) for model, mine in answers.items()]
        found[name] = _one_voice(to)
    apart = [
        ("|".join(sorted((developers[one], developers[two]))), float(jsd(left[question.id], right[question.id])))
        for (one, left), (two, right) in combinations(answers.items(), 2)
        if developers[one] != developers[two]
    ]
    k = len(question.codes)
    even = [(developers[model], float(jsd(mine[question.id], np.full(k, 1 / k)))) for model, mine in answers.items()]
    found.update({"between": _one_voice(apart), "even": _one_voice(even)})
    return found


def _one_voice(values: list[tuple[str, float]]) -> float:
    """The mean over names of the mean of each name's values."""
    by_name: dict[str, list[float]] = {}
    for name, value in values:
        by_name.setdefault(name, []).append(value)
    return float(np.mean([np.mean(each) for each in by_name.values()]))


def _row(topic: str, part: pd.DataFrame, counts: Mapping[str, int]) -> dict[str, object]:
    batteries = part["battery"].to_numpy(object)
    out: dict[str, object] = {"topic": topic, "questions": len(part), "batteries": int(part["battery"].nunique())}
    out.update(counts)
    out.update({name: float(part[name].mean()) for name in ("between", "even")})
    for name in PUBLICS:
        lead = mean_interval((part["between"] - part[name]).to_numpy(float), batteries, within=(-1, 1))
        out.update({name: float(part[name].mean())})
        out.update({f"{name}_lead": lead.mean, f"{name}_low": lead.low, f"{name}_high": lead.high})
    return out


def lead_of(row: pd.Series, public: str) -> Figure:
    """The lead over one public, ``china`` or ``usa``, as a figure for a sentence."""
    return Figure(row[f"{public}_lead"], row[f"{public}_low"], row[f"{public}_high"], least=LEAST)


def verdict_of(row: pd.Series) -> Verdict:
    """What may be said of a row of :func:`alike`.

    ``even``: makers are nearer to each other than to people, but no nearer than to an even guess, so this says nothing
    about their views.
    """
    found = {direction(lead_of(row, public)) for public in PUBLICS}
    if found == {"above"}:
        return "apart"
    if found != {"below"}:
        return "open"
    return "alike" if row["between"] < row["even"] else "even"
