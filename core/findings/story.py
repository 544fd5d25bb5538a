"""The figures of the story: the question, the picture, the lean of an answer without values, what moves answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd

from core.surveys import Survey
from core.surveys.base import NotAsked
from core.surveys.published import baselines, item_table, lean_counts, positions
from core.types import Persona

PUBLICS = ("CHN", "USA")


QUESTION = "Q185"
"""Divorce: one of the 19 questions that can be said aloud anywhere, and on which the two publics differ."""


class Asked(NamedTuple):
    """One question as the two publics answered it: both means (1..10) and the distributions of answers.

    ``people`` has columns country, code, share (0..1), n, year, weight_status.
    """

    question_id: str
    china: float
    usa: float
    people: pd.DataFrame


def asked(survey: Survey, question_id: str = QUESTION) -> Asked:
    """A question of the published study. Raises ``LookupError`` where the survey lacks one of the publics."""
    table = item_table()
    [row] = table[table["item_id"] == question_id].to_dict("records")
    parts = []
    for country in PUBLICS:
        found = survey.reference(question_id, Persona(country=country))
        if isinstance(found, NotAsked):
            raise LookupError(f"{country} was not asked {question_id}")
        known = pd.DataFrame({"code": found.codes, "share": found.shares})
        parts.append(known.assign(country=country, n=found.n, year=found.year, weight_status=found.weight_status))
    people = pd.concat(parts, ignore_index=True)
    return Asked(question_id, float(row["chn_mean"]), float(row["usa_mean"]), people)


class Lean(NamedTuple):
    """How many published models lean which way, and how an answer without values leans.

    ``middle`` is the lean of always answering 5.5 in scale points (above 0: nearer to the USA). ``less`` counts models
    that lean to the majority's side by less than that, or to the other side. ``clear`` counts those whose lean is clear
    (:func:`core.surveys.published.lean_counts`), ``clear_china`` those of them that were built in China.
    """

    places: pd.DataFrame
    measured: int
    to_usa: int
    clear: int
    clear_china: int
    middle: float
    less: int


def lean() -> Lean:
    """Published models between the two publics, asked in English without a persona."""
    frame = positions()
    counts: dict[str, dict[Any, Any]] = {row["origin"]: row for row in lean_counts(frame).to_dict("records")}
    whole, plain = counts["all"], baselines()
    middle = float(dict(zip(plain["baseline"], plain["lean"], strict=True))["middle"])
    known = frame["lean"].dropna()
    usa = whole["nearer_usa"] >= whole["nearer_chn"]
    clearly = "clearly_usa" if usa else "clearly_chn"
    return Lean(
        pd.concat([frame, plain.assign(model=plain["baseline"], origin="baseline")], ignore_index=True),
        int(whole["measured"]),
        int(whole["nearer_usa"]),
        int(whole[clearly]),
        int(counts["China"][clearly]),
        middle,
        int((known < middle).sum() if usa else (known > middle).sum()),
    )


def moved(parts: pd.DataFrame) -> pd.DataFrame:
    """The variance decomposition (:mod:`core.audits.alignment.decomposition`) in three parts, one row per model.

    Columns: model_id, question (its content), asked (order, format, prompt language and person by themselves), both
    (their interactions); they sum to 1, apart from rounding.
    """
    rows = []
    for model, mine in parts.groupby("model_id", sort=False):
        shares = dict(zip(mine["part"], mine["share"], strict=True))
        asked = sum(shares[name] for name in ("order", "format", "language", "persona"))
        rows.append((model, shares["content"], asked, 1 - shares["content"] - asked))
    frame = pd.DataFrame(rows, columns=["model_id", "question", "asked", "both"])
    return frame.sort_values(["question", "model_id"], ascending=[False, True], ignore_index=True)
