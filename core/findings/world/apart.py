"""Where people of a country answer differently from the world, and from each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import scipy

from core.findings.world.people import Z95, as_number, persona_in, scoring
from core.stats import benjamini_hochberg
from core.surveys.base import NotAsked, Survey
from core.surveys.batteries import battery_of
from core.surveys.questions import among_kinds
from core.types import Persona, QuestionKind

LEAST = 0.05
"""A difference below this fraction of the scale does not matter, however certain it is."""
LEAST_LISTED = 0.1
"""What is listed as setting a country apart is at least this large."""
LEAST_PLACES = 0.5
"""A question is listed where this share of the survey's countries asked it, because a place among few says little."""
MOST_OF_BATTERY = 2
"""How many questions of one battery are listed, because questions of a battery resemble each other."""
ENDS: dict[str, tuple[str, str]] = {
    "age": ("18-29", "50+"),
    "sex": ("male", "female"),
    "education": ("lower", "higher"),
}
"""The two groups of each dimension that are compared with each other."""
Dimension = Literal["age", "sex", "education"]


class Apart(NamedTuple):
    """The result of :func:`standing_apart`: the ``listed`` rows; of ``questions``, ``clear`` many differ clearly.

    ``listed`` and ``every`` have the columns of :func:`world_answers` with difference, low and high of it, p_adjusted,
    clear.
    """

    listed: pd.DataFrame
    every: pd.DataFrame
    questions: int
    clear: int


def world_answers(survey: Survey) -> pd.DataFrame:
    """Every question in every place as one number, compared with all other places.

    One row per place and question; an unordered question with more than two options has one per option. Columns:
    country, question_id, option (a code, or missing), kind, battery, topic, value, error (standard error), others
    (mean of the other countries), spread (standard deviation of the countries), z, place (1 is the highest), places,
    n, year, weight_status. ``z`` is the distance of a place from the others in such deviations.
    """
    rows = []
    for name, question in survey.questions().items():
        options = question.codes if question.scale == "nominal" and len(question.codes) > 2 else question.codes[:1]
        chosen: Iterable[int | None] = options if question.scale == "nominal" else (None,)
        found = [(c, survey.reference(name, Persona(country=c))) for c in survey.countries()]
        asked = [(country, one) for country, one in found if not isinstance(one, NotAsked)]
        for option in chosen:
            scores = scoring(question, option)
            numbers = [as_number(one, scores) for _, one in asked]
            value = np.array([number for number, _ in numbers])
            n = len(value)
            if n < 3:
                continue
            others, spread = (value.sum() - value) / (n - 1), value.std(ddof=1)
            order = 1 + (value[None, :] > value[:, None] + 1e-12).sum(axis=1)
            for at, (country, one) in enumerate(asked):
                z = float((value[at] - others[at]) / spread) if spread > 0 else 0.0
                facts = (question.kind, battery_of(question), question.topic, value[at], numbers[at][1], others[at])
                rows.append(
                    (country, name, option, *facts, spread, z, order[at], n, one.n, one.year, one.weight_status)
                )
    names = ["country", "question_id", "option", "kind", "battery", "topic", "value", "error", "others", "spread"]
    return pd.DataFrame(rows, columns=[*names, "z", "place", "places", "n", "year", "weight_status"])


def standing_apart(answers: pd.DataFrame, country: str, kinds: Iterable[QuestionKind], most: int = 10) -> Apart:
    """What sets ``country`` apart in :func:`world_answers`: the questions where it is furthest from the others.

    The order is by ``z``, with at most two questions of a battery, of the ``kinds`` given. Only clear differences are
    listed: a p-value under 0.05, adjusted over all questions (Benjamini-Hochberg), and :data:`LEAST_LISTED` of the
    scale. Only questions count that at least half as many countries asked as the most asked one. The interval allows
    for the sample of the country; the values of the others are treated as exact.
    """
    counted = answers["kind"].isin(list(kinds)) | answers["kind"].isna()
    mine = answers[(answers["country"] == country) & counted].copy()
    mine["difference"] = mine["value"] - mine["others"]
    mine["low"] = mine["difference"] - Z95 * mine["error"]
    mine["high"] = mine["difference"] + Z95 * mine["error"]
    steps = mine["difference"].abs() / mine["error"].where(mine["error"] > 0)
    mine["p_adjusted"] = benjamini_hochberg(2 * scipy.special.ndtr(-steps.to_numpy(float)))
    mine["clear"] = (mine["p_adjusted"] < 0.05) & (mine["difference"].abs() >= LEAST)
    mine = mine.iloc[np.argsort(-mine["z"].abs().to_numpy(), kind="stable")]
    widely = mine["places"] >= LEAST_PLACES * answers["places"].max()
    large = mine["difference"].abs() >= LEAST_LISTED
    first = mine[mine["clear"] & widely & large].drop_duplicates("question_id")
    first = first[first.groupby("battery").cumcount() < MOST_OF_BATTERY].head(most)
    by_question = mine.groupby("question_id")["clear"].any()
    return Apart(first.reset_index(drop=True), mine.reset_index(drop=True), len(by_question), int(by_question.sum()))


def group_gaps(survey: Survey, country: str, dimension: Dimension, kinds: Iterable[QuestionKind]) -> pd.DataFrame:
    """Two groups of ``country`` on every question, largest gap first; empty where the survey knows no groups there.

    Columns: question_id, battery, first, second (values 0..1), gap (second minus first), low, high (95 %), p_adjusted,
    clear, n_first, n_second, year. :data:`ENDS` names the two groups.
    """
    rows, bank = [], survey.questions()
    for name in among_kinds(bank, tuple(kinds)):
        question = bank[name]
        found = [survey.reference(name, persona_in(country, group)) for group in ENDS[dimension]]
        known = [one for one in found if not isinstance(one, NotAsked) and one.matched == "exact"]
        if len(known) < 2:
            continue
        (first, a), (second, b) = (as_number(one, scoring(question)) for one in known)
        facts = (known[0].n, known[1].n, known[0].year)
        rows.append((name, battery_of(question), first, second, second - first, float(np.hypot(a, b)), *facts))
    names = ["question_id", "battery", "first", "second", "gap", "error", "n_first", "n_second", "year"]
    frame = pd.DataFrame(rows, columns=names)
    steps = frame["gap"].abs() / frame["error"].where(frame["error"] > 0)
    frame["low"], frame["high"] = frame["gap"] - Z95 * frame["error"], frame["gap"] + Z95 * frame["error"]
    frame["p_adjusted"] = benjamini_hochberg(2 * scipy.special.ndtr(-steps.to_numpy(float)))
    frame["clear"] = (frame["p_adjusted"] < 0.05) & (frame["gap"].abs() >= LEAST)
    return frame.iloc[np.argsort(-frame["gap"].abs().to_numpy(), kind="stable")].reset_index(drop=True)
