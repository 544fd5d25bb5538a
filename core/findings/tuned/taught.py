"""The step of the lesson about a model that was taught here: does the audit of countries find out by whom?"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, NamedTuple

import pandas as pd

from core.audits.alignment.scores import question_scores
from core.audits.option_table import answers_of, option_table
from core.audits.representation.audit import Answers
from core.errors import DataError
from core.findings.tuned.planted import Rank, rank_of, whole_tables
from core.providers.local.tuned import SHIPPED, read_card
from core.settings import DATA
from core.stats import ratio_columns
from core.store import Store
from core.store.index.readings import ReadingFilter
from core.surveys import Survey
from core.surveys.questions import among_kinds
from core.types import Persona

MODEL, RUN, RUN_BEFORE = "tuned-smollm2-china", "tuned-planted-smollm2-china", "alignment-smollm2"
"""The model that was taught, the run in which it answered, and that in which its base was asked the same prompts."""
Outcome = Literal["first", "near", "open"]
OUTCOMES: tuple[Outcome, ...] = ("first", "near", "open")


class TaughtLesson(NamedTuple):
    """A model that was taught the answers of one country, on questions that were kept apart, nobody named, in English.

    ``rows``: when (``before`` and ``after`` it was taught), to (``taught``, ``others``: people of that country, and
    people of all others together), value, low, high (distance relative to that of an even guess, at least 0), n.
    ``rank`` is where the country stands among all by nearness to the model. ``outcome`` is what the audit can say of
    it, one of :data:`OUTCOMES`: an audit that is wrong has not found out either.
    """

    country: str
    rows: pd.DataFrame
    rank: Rank
    outcome: Outcome


def taught_lesson(
    before: Answers, after: Answers, country: str, names: Collection[str], survey: Survey
) -> TaughtLesson | None:
    """See :class:`TaughtLesson`; ``names`` are the questions kept apart. Only what both were asked counts; ``None``
    where that is too little.
    """
    nobody, rows, ranks = Persona().key, [], []
    shared = [name for name in names if (nobody, name) in before and (nobody, name) in after]
    for when, answers in (("before", before), ("after", after)):
        scores = question_scores({"model": answers}, survey, survey.countries(), "none", shared)
        tables, rank = whole_tables(scores, country), rank_of(scores, country)
        if tables is None or rank is None:
            return None
        far, even, blocks = tables
        for to in ("taught", "others"):
            chosen = [country] if to == "taught" else [place for place in far.columns if place != country]
            top, bottom = (table[chosen].mean(axis=1).to_numpy(float)[:, None] for table in (far, even))
            found = ratio_columns(top, bottom, blocks)
            ends = (float(column[0]) for column in found[:3])
            rows.append((when, to, *ends, found.n))
        ranks.append(rank)
    frame = pd.DataFrame(rows, columns=["when", "to", "value", "low", "high", "n"])
    told = ranks[-1].told
    return TaughtLesson(country, frame, ranks[-1], "open" if told == "far" else told)


def shipped_taught_lesson(store: Store, survey: Survey) -> TaughtLesson | None:
    """The lesson from the shipped model and runs; ``None`` where one of them is missing."""
    try:
        card = read_card(DATA / SHIPPED / MODEL)
    except DataError:
        return None
    counted = {name: survey.questions()[name] for name in among_kinds(survey.questions())}

    def answered(run: str, model: str) -> Answers:
        chosen = ReadingFilter(scope=run, languages=("en",), told=("none",))
        return answers_of(option_table(store, counted, chosen), model, "en")

    before, after = answered(RUN_BEFORE, card.base.id), answered(RUN, card.id)
    apart = [name for name in counted if name not in card.seen["questions"]]
    return taught_lesson(before, after, card.seen["countries"][0], apart, survey)
