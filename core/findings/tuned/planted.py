"""Planted values: what the audits find in models whose values are known, because they were taught here.

A finding that is right on these models does not prove that an audit is right on others; one that is wrong shows that it
is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.audits.alignment.scores import question_scores
from core.audits.representation.audit import Answers, measure
from core.stats import mean_columns
from core.stats.clustered import two_stage_counts
from core.stats.distances import Array
from core.surveys import Survey
from core.types import Persona

Part = Literal["all", "seen", "new"]
PARTS: tuple[Part, ...] = ("all", "seen", "new")
"""Which questions: all of the run, those of the training, or those of batteries kept apart for the test."""
NOBODY = Persona().key
Told = Literal["first", "near", "open", "far"]
TOLD: tuple[Told, ...] = ("first", "near", "open", "far")
"""What the audit of countries says of the country that a model was taught, from right and sure to wrong."""

_TIE = 1e-9
AGE_COLUMNS = ("group", "net", "low", "high", "p_adjusted", "flagged", "questions", "model_id", "part")


def planted_ages(
    answers: Mapping[str, Answers], survey: Survey, country: str, questions: Mapping[Part, Collection[str]]
) -> pd.DataFrame:
    """What *Who is left out* finds about age with nobody named: one row a model, part and age group.

    Columns: model_id, part, group, net, low, high, p_adjusted, flagged, questions. ``net`` is the gap of the group, net
    of that of an even guess: below 0 the model is nearer to this group than to the others.
    """
    parts = []
    for (part, names), (model, mine) in product(questions.items(), answers.items()):
        found = measure(mine, survey, country, names, dimensions=("age",), tolds=("none",))["groups"]
        if len(found):
            shown = found[["group", "net", "net_low", "net_high", "p_adjusted", "flagged", "questions"]]
            renamed = shown.rename(columns={"net_low": "low", "net_high": "high"})
            parts.append(renamed.assign(model_id=model, part=part))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(AGE_COLUMNS))


class Rank(NamedTuple):
    """Where the people of a country stand among those of all, by nearness to a model's answers.

    Nearness is that of the Alignment audit: the distance relative to that of an even guess, whose complement is the
    skill. Distances alone would favour countries whose people spread over the options, whatever the model says.

    ``rank`` 1 is the nearest of ``countries``, and of countries that are equally near each has the last place, so that
    an even guess ranks none first; ``low`` and ``high`` are the ends of its 95 % bootstrap interval by
    battery. ``lead`` is the relative distance of all other countries together minus that of this one, with its interval
    by battery: above 0 the model is nearer to this country than to countries in general. ``first`` is the nearest.
    """

    rank: int
    low: int
    high: int
    countries: int
    lead: float
    lead_low: float
    lead_high: float
    questions: int
    first: str

    @property
    def told(self) -> Told:
        """``first`` of all in every draw that counts, ``near`` (nearer than to countries in general), ``far`` (further
        than that), or ``open``, where it cannot tell.
        """
        if self.high == 1:
            return "first"
        return "near" if self.lead_low > 0 else "far" if self.lead_high < 0 else "open"


def planted_countries(
    answers: Answers, survey: Survey, country: str, questions: Mapping[Part, Collection[str]], seed: int = 0
) -> pd.DataFrame:
    """Where *Alignment* ranks ``country`` among all, with nobody named: one row a part, ``part`` and those of
    :class:`Rank`, ``told`` among them. A part with fewer than 2 questions has no row.

    Questions that ``country`` or the model lacks are left out, then countries that lack one of the others.
    """
    names = list(dict.fromkeys(name for part in questions.values() for name in part))
    scores = question_scores({"model": answers}, survey, survey.countries(), "none", names)
    by_part = {part: scores[scores["question_id"].isin(mine)] for part, mine in questions.items()}
    found = ((part, rank_of(mine, country, seed)) for part, mine in by_part.items())
    rows = [(part, *rank, rank.told) for part, rank in found if rank is not None]
    return pd.DataFrame(rows, columns=["part", *Rank._fields, "told"])


def rank_of(scores: pd.DataFrame, country: str, seed: int = 0) -> Rank | None:
    """The rank of ``country`` in ``scores``, rows of one model as :func:`question_scores` gives them."""
    found = whole_tables(scores, country)
    if found is None:
        return None
    far, even, blocks = found
    mine = list(far.columns).index(country)
    top, bottom = far.to_numpy(float), even.to_numpy(float)
    relative = top.sum(axis=0) / bottom.sum(axis=0)
    counts = two_stage_counts(blocks, len(top), seed)
    drawn = (counts @ top) / (counts @ bottom)
    ranks = (drawn <= drawn[:, [mine]] + _TIE).sum(axis=1)
    low, high = np.quantile(ranks, [0.025, 0.975], method="nearest")
    here, there = (_deviations(*pair) for pair in ((top[:, mine], bottom[:, mine]), _others(top, bottom, mine)))
    lead = mean_columns((there - here)[:, None], blocks)
    return Rank(
        int((relative <= relative[mine] + _TIE).sum()),
        int(low),
        int(high),
        top.shape[1],
        float(lead.mean[0]),
        float(lead.low[0]),
        float(lead.high[0]),
        len(top),
        str(far.columns[int(relative.argmin())]),
    )


def _others(top: Array, bottom: Array, mine: int) -> tuple[Array, Array]:
    return np.delete(top, mine, axis=1).mean(axis=1), np.delete(bottom, mine, axis=1).mean(axis=1)


def _deviations(top: Array, bottom: Array) -> Array:
    """By question, values whose mean is sum(top) / sum(bottom), and whose spread is that of the ratio, linearised."""
    ratio = top.sum() / bottom.sum()
    return np.asarray(ratio + (top - ratio * bottom) / bottom.mean())


def whole_tables(scores: pd.DataFrame, country: str) -> tuple[pd.DataFrame, pd.DataFrame, list[str]] | None:
    """Distances of one model and of an even guess, by question and country without a gap, and the battery of each
    question, from rows of :func:`question_scores`; ``None`` without two questions and two countries, ``country`` among
    them.
    """
    table = scores.pivot_table(index="question_id", columns="country", values=["distance", "uniform"])
    if scores.empty or country not in table["distance"]:
        return None
    far, even = table["distance"], table["uniform"]
    far = far[far[country].notna()]
    # Few countries have every question; a question that only a quarter of them has would leave few to rank among.
    far = far[far.notna().mean(axis=1) > 0.5].dropna(axis=1)
    if len(far) < 2 or far.shape[1] < 2:
        return None
    blocks = scores.drop_duplicates("question_id").set_index("question_id")["battery"].reindex(far.index)
    return far, even.loc[far.index, far.columns], list(blocks)
