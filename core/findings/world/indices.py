"""Indices of places, each from several questions, which a map can show like single questions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
import pandas as pd

from core.findings.map import inglehart_welzel
from core.stats import distance_for, mean_columns
from core.surveys.base import NotAsked, Survey
from core.surveys.batteries import battery_of
from core.surveys.published import ITEMS
from core.types import DEFAULT_KINDS, Persona

Index = Literal["secular", "expression", "justifiable", "unlike"]
INDICES: tuple[Index, ...] = ("secular", "expression", "justifiable", "unlike")
"""Secular-rational and self-expression values as published; the mean of the 19 questions on what can be justified; the
mean distance of a place to the mean of all others."""
_COLUMNS = ["country", "value", "low", "high", "n", "year", "questions"]


def index_values(survey: Survey, index: Index) -> pd.DataFrame:
    """One row per place: country, value, low, high, n (median over questions), year, questions.

    The two published indices are factor scores without an interval, n is 0 there. ``justifiable`` is 1..10, in the
    places that have all 19 questions; ``unlike`` a distance 0..1 over the questions of value and attitude that nearly
    all places have, in the places that have all of these. Both with 95 % t intervals by battery.
    """
    if index in ("secular", "expression"):
        table = inglehart_welzel()
        value = table["y"] if index == "secular" else table["x"]
        known = pd.DataFrame({"country": table["id"], "value": value, "low": np.nan, "high": np.nan})
        return known.assign(n=0, year=table["year"], questions=0)[_COLUMNS]
    bank = survey.questions()
    values = [name for name, question in bank.items() if question.kind in DEFAULT_KINDS]
    names = [name for name in ITEMS if name in bank] if index == "justifiable" else values
    return _means(index, _by_place(survey, index, names), {name: battery_of(bank[name]) for name in names})


def _by_place(survey: Survey, index: Index, names: Iterable[str]) -> pd.DataFrame:
    bank, rows = survey.questions(), []
    for name in names:
        asked = [(country, survey.reference(name, Persona(country=country))) for country in survey.countries()]
        known = [(country, found) for country, found in asked if not isinstance(found, NotAsked)]
        if index == "justifiable":
            codes = np.asarray(bank[name].codes, dtype=np.float64)
            values = [float(np.asarray(found.shares) @ codes) for _, found in known]
        else:
            others = [survey.mean_of_others(name, country) for country, _ in known]
            known = [one for one, mean in zip(known, others, strict=True) if mean is not None]
            shares = [found.shares for _, found in known]
            # One call for all places: a call costs more than its few numbers.
            means = [mean for mean in others if mean is not None]
            values = distance_for(bank[name])(shares, means).tolist() if known else []
        rows += [
            (country, name, value, found.n, found.year) for (country, found), value in zip(known, values, strict=True)
        ]
    return pd.DataFrame(rows, columns=["country", "question_id", "value", "n", "year"])


def _means(index: Index, rows: pd.DataFrame, batteries: dict[str, str]) -> pd.DataFrame:
    wide = rows.pivot(index="question_id", columns="country", values="value")
    table = wide.loc[:, wide.notna().all(axis=0)] if index == "justifiable" else shared_cells(wide)
    found = mean_columns(table.to_numpy(float), [batteries[str(name)] for name in table.index])
    facts = rows.groupby("country").agg(n=("n", "median"), year=("year", "max")).reindex(table.columns)
    made = pd.DataFrame({"country": table.columns, "value": found.mean, "low": found.low, "high": found.high})
    return made.assign(n=facts["n"].to_numpy(int), year=facts["year"].to_numpy(int), questions=len(table))[_COLUMNS]


MOST_PLACES = 0.9
"""A question counts where at least this share of the places has it."""


def shared_cells(table: pd.DataFrame) -> pd.DataFrame:
    """The rows (questions) of ``table`` that nearly all columns (places) have, and the columns that have all of these.

    Places in one ranking must have the same questions. Without this rule a few questions that were asked only in some
    places would leave nothing.
    """
    kept = table[table.notna().mean(axis=1) >= MOST_PLACES]
    whole: pd.DataFrame = kept.loc[:, kept.notna().all(axis=0)]
    return whole
