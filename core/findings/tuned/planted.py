"""Planted values: what the audits find in models whose values are known, because they were taught here.

A finding that is right on these models does not prove that an audit is right on others; one that is wrong shows that it
is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.audits.alignment.scores import question_scores
from core.audits.representation.audit import Answers, measure
from core.stats import mean_columns
from core.stats.clustered import two_stage_counts
from core.surveys import Survey
from core.types import AGES, Persona

AGES_ASKED = AGES
Part = Literal["all", "seen", "new"]
PARTS: tuple[Part, ...] = ("all", "seen", "new")
"""Which questions: all of the run, those of the training, or those of batteries kept apart for the test."""
NOBODY = Persona().key


def planted_ages(
    answers: Mapping[str, Answers], survey: Survey, country: str, questions: Mapping[Part, Collection[str]]
) -> pd.DataFrame:
    """What *Who is left out* finds about age with nobody named: one row a model, part and age group.

    Columns: model_id, part, group, net, low, high, p_adjusted, flagged, questions. ``net`` is the gap of the group, net
    of that of an even guess: below 0 the model is nearer to this group than to the others.
    """
    parts = []
    for part, names in questions.items():
        for model, mine in answers.items():
            found = measure(mine, survey, country, names, dimensions=("age",), tolds=("none",))["groups"]
            if len(found):
                shown = found[["group", "net", "net_low", "net_high", "p_adjusted", "flagged", "questions"]]
                renamed = shown.rename(columns={"net_low": "low", "net_high": "high"})
                parts.append(renamed.assign(model_id=model, part=part))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


class Rank(NamedTuple):
    """Where the people of a country stand among those of all, by nearness to a model's answers.

    ``rank`` 1 is the nearest of ``countries``; ``low`` and ``high`` are the ends of its 95 % bootstrap interval by
    battery. ``lead`` is the mean distance of the other countries minus that of this one, with its interval by battery:
    above 0 the model is nearer to this country than to countries in general.
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


def planted_countries(
    answers: Answers, survey: Survey, country: str, questions: Collection[str], seed: int = 0
) -> Rank | None:
    """The rank of ``country`` among all that have each of ``questions``, with nobody named; ``None`` below 2 questions.

    Questions that ``country`` or the model lacks are left out, then countries that lack one of the others.
    """
    frame = question_scores({"model": answers}, survey, survey.countries(), "none", questions)
    table = frame.pivot_table(index="question_id", columns="country", values="distance")
    if country not in table or len(table) < 2:
        return None
    table = table[table[country].notna()]
    # Few countries have every question; a question that only a quarter of them has would leave few to rank among.
    table = table[table.notna().mean(axis=1) > 0.5].dropna(axis=1)
    if len(table) < 2 or table.shape[1] < 2:
        return None
    blocks = frame.drop_duplicates("question_id").set_index("question_id")["battery"].reindex(table.index)
    far, mine = table.to_numpy(float), list(table.columns).index(country)
    means = far.mean(axis=0)
    counts = two_stage_counts(list(blocks), len(far), seed)
    drawn = counts @ far
    ranks = (drawn < drawn[:, [mine]]).sum(axis=1) + 1
    low, high = np.quantile(ranks, [0.025, 0.975], method="nearest")
    others = np.delete(far, mine, axis=1).mean(axis=1)
    lead = mean_columns((others - far[:, mine])[:, None], list(blocks))
    return Rank(
        int((means < means[mine]).sum()) + 1,
        int(low),
        int(high),
        far.shape[1],
        float(lead.mean[0]),
        float(lead.low[0]),
        float(lead.high[0]),
        len(far),
        str(table.columns[int(means.argmin())]),
    )
