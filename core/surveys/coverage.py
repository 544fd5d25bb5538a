"""The items that several countries or models have in common. Only on these can they be ranked together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from core.surveys.base import NotAsked, Survey
from core.types import Persona


def common_items(survey: Survey, countries: Iterable[str], items: Iterable[str] | None = None) -> tuple[str, ...]:
    """The questions of ``items`` (by default all) to which the survey has answers from each of ``countries``."""
    names = list(survey.questions() if items is None else items)
    for country in countries:
        whole = Persona(country=country)
        names = [name for name in names if not isinstance(survey.reference(name, whole), NotAsked)]
    return tuple(names)


def on_common_items(scores: pd.DataFrame, across: Sequence[str] = ("model_id", "country")) -> pd.DataFrame:
    """The rows of ``scores`` on questions that every combination of ``across`` in it has.

    ``scores`` has a row per combination and question, with a column ``question_id``, such as
    :func:`core.audits.alignment.scores.question_scores`. Empty where no question is common to all.
    """
    if scores.empty:
        return scores
    who = scores.groupby(list(across), observed=True, sort=False).ngroup()
    have = who.groupby(scores["question_id"]).transform("nunique")
    return scores[have == who.nunique()]
