"""Representation: to whose answers within one country is a model near, and who is left out?

For each group g of a dimension (age, sex, education, age by sex), the audit measures the distance of the model's answer
to the group's answer: with no persona, told only the country, and told that it is g. Under-representation of g is that
distance minus the mean over the other groups, net of the same gap of an even guess and of the whole population's
answer, see :mod:`core.stats.gaps`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from core.audits.alignment import audit as first_token
from core.audits.base import Bank, Stage
from core.audits.representation.panels import LEAST_GAP, Answers, Panel, asked_of, measure_panels
from core.audits.representation.plan import GROUPS, TOLD, Spec, Told, as_first_token, asked_as, persona_of, plan
from core.surveys import Survey, every_survey
from core.types import GroupDimension, Response


def measure(
    answers: Answers,
    survey: Survey,
    country: str,
    question_ids: Iterable[str] | None = None,
    seed: int = 0,
    dimensions: Iterable[GroupDimension] = tuple(GROUPS),
    tolds: Iterable[Told] = TOLD,
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
    (:mod:`core.stats.clustered`).
    """
    panel = Panel(answers, country)
    asked = asked_of(panel, survey, question_ids, dimensions, tolds)
    return measure_panels({country: panel}, {country: asked}, survey, seed)[country]


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
        """The one stage of the first-token audit that asks the same, made cell by cell."""
        yield from first_token.Alignment().stages(as_first_token(spec), bank)

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`score`."""
        return score(answers, bank)


__all__ = [
    "GROUPS",
    "LEAST_GAP",
    "TOLD",
    "Answers",
    "Representation",
    "Spec",
    "Told",
    "asked_as",
    "measure",
    "persona_of",
    "plan",
    "score",
]
