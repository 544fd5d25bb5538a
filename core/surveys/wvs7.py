"""World Values Survey, wave 7 (2017-2023): the shipped table of answer shares, loaded once and then only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.errors import DataError, InputError, said
from core.settings import DATA
from core.surveys.base import NotAsked, group_of
from core.surveys.questions import load_questions
from core.types import AGES, EDUCATIONS, SEXES, GroupDimension, Persona, Question, Reference, WeightStatus

MARGINALS = DATA / "human" / "wvs7_marginals.parquet"
QUESTIONS = DATA / "questions" / "wvs7.toml"

_KEY = ["item_id", "country_iso3", "group_dim", "group"]
_COLUMNS = {*_KEY, "year", "option_code", "n", "n_eff", "share", "weight_status"}

_GROUPS: dict[GroupDimension, tuple[str, ...]] = {
    "all": ("all",),
    "age": AGES,
    "sex": SEXES,
    "education": EDUCATIONS,
    "age_x_sex": tuple(f"{age}|{sex}" for age in AGES for sex in SEXES),
}


class _Row(NamedTuple):
    """One group's answers to one question."""

    shares: tuple[float, ...]
    n: int
    n_eff: float
    weight_status: WeightStatus
    year: int


class Wvs7:
    """The survey of :mod:`core.surveys.base` over a frame like the shipped one.

    Answers whose code is not an option of the question are dropped and the rest rescaled, on purpose: shares are of
    those who chose one of the options shown. Raises :class:`DataError` where columns are missing or a question has
    no answers.
    """

    id = "wvs7"
    title = "World Values Survey, wave 7"
    licence = "Non-profit use with citation; the survey's data files may not be passed on. Shown are aggregates."
    source = (
        "Haerpfer, C., Inglehart, R., Moreno, A., Welzel, C., Kizilova, K., Diez-Medrano, J., Lagos, M., Norris, P., "
        "Ponarin, E., Puranen, B. et al. (eds.) 2022. World Values Survey: Round Seven, Country-Pooled Datafile 6.0. "
        "doi:10.14281/18241.24"
    )

    def __init__(self, questions: Mapping[str, Question], frame: pd.DataFrame) -> None:
        if missing := _COLUMNS - set(frame.columns):
            raise DataError(said("people_columns", names=", ".join(sorted(missing))))
        self._questions = dict(questions)
        known = frame[frame["item_id"].isin(list(self._questions))]
        self._rows = _index(known, self._questions)
        self._by_item: dict[str, dict[str, tuple[float, ...]]] = {item: {} for item in self._questions}
        for (item, country, dimension, _), row in self._rows.items():
            if dimension == "all":
                self._by_item[item][country] = row.shares
        if empty := [item for item, shares in self._by_item.items() if not shares]:
            raise DataError(said("people_missing", names=", ".join(empty)))
        self._sums = {item: np.sum(list(shares.values()), axis=0) for item, shares in self._by_item.items()}
        self._countries = tuple(sorted(set().union(*self._by_item.values())))
        years = [row.year for row in self._rows.values()]
        self._years = (min(years), max(years))

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of fieldwork."""
        return self._years

    def countries(self) -> tuple[str, ...]:
        """ISO 3166-1 alpha-3 codes, sorted."""
        return self._countries

    def questions(self) -> dict[str, Question]:
        """All questions by id."""
        return dict(self._questions)

    def question(self, question_id: str) -> Question:
        """One question. Raises :class:`InputError` on an unknown id."""
        try:
            return self._questions[question_id]
        except KeyError:
            raise InputError(said("survey_question", survey=self.title, question=question_id)) from None

    def reference(self, question_id: str, persona: Persona) -> Reference | NotAsked:
        """Answers of the people nearest to ``persona``, see :class:`core.surveys.base.Survey`."""
        question, country = self.question(question_id), persona.country
        if country is None:
            return NotAsked(question_id=question_id, country=None, reason="no_country")
        whole: tuple[GroupDimension, str] = ("all", "all")
        asked = group_of(persona)
        found = asked if asked is not None and (question_id, country, *asked) in self._rows else whole
        row = self._rows.get((question_id, country, *found))
        if row is None:
            return NotAsked(question_id=question_id, country=country, reason="not_asked")
        return Reference(
            question_id=question_id,
            country=country,
            dimension=found[0],
            group=found[1],
            codes=question.codes,
            survey=self.id,
            matched="exact" if found == asked else "country",
            **row._asdict(),
        )

    def mean_of_others(self, question_id: str, country: str | None) -> tuple[float, ...] | None:
        """Unweighted mean of the other countries' shares, or ``None``, see :class:`core.surveys.base.Survey`."""
        self.question(question_id)
        shares = self._by_item[question_id]
        own = shares.get(country) if country else None
        others = len(shares) - (own is not None)
        if others == 0:
            return None
        total = self._sums[question_id] - (0.0 if own is None else np.asarray(own))
        mean = np.clip(total / others, 0.0, None)
        return tuple(float(share) for share in mean / mean.sum())

    def groups(self, question_id: str, country: str, dimension: GroupDimension) -> pd.DataFrame:
        """All groups of one dimension as a long frame, see :class:`core.surveys.base.Survey`."""
        codes = self.question(question_id).codes
        found = ((group, self._rows.get((question_id, country, dimension, group))) for group in _GROUPS[dimension])
        rows = [
            (group, code, share, row.n, row.n_eff, row.weight_status, row.year)
            for group, row in found
            if row is not None
            for code, share in zip(codes, row.shares, strict=True)
        ]
        return pd.DataFrame(rows, columns=["group", "code", "share", "n", "n_eff", "weight_status", "year"])

    def means(self, question_ids: Sequence[str], country: str) -> pd.DataFrame:
        """Mean answer code of a whole country, for ladders such as 1..10: question_id, mean, n, weight_status, year.

        NaN and n = 0 where the country was not asked. Raises :class:`InputError` on a nominal question, whose codes
        have no mean.
        """
        out: list[tuple[str, float, int, WeightStatus | None, int | None]] = []
        for item in question_ids:
            question = self.question(item)
            if question.scale == "nominal":
                raise InputError(said("no_order_no_mean", item=item))
            row = self._rows.get((item, country, "all", "all"))
            if row is None:
                out.append((item, float("nan"), 0, None, None))
            else:
                mean = float(np.dot(question.codes, row.shares))
                out.append((item, mean, row.n, row.weight_status, row.year))
        return pd.DataFrame(out, columns=["question_id", "mean", "n", "weight_status", "year"])


def _index(frame: pd.DataFrame, questions: Mapping[str, Question]) -> dict[tuple[str, str, str, str], _Row]:
    """Rows by (question, country, dimension, group), shares in the question's scale order, summing to 1."""
    columns = [frame[name].astype(object).tolist() for name in _KEY]
    values = zip(
        *(frame[c].tolist() for c in ("option_code", "share", "n", "n_eff", "weight_status", "year")), strict=True
    )
    cells: dict[tuple[str, str, str, str], dict[int, float]] = {}
    facts: dict[tuple[str, str, str, str], tuple[int, float, WeightStatus, int]] = {}
    for key, (code, share, n, n_eff, status, year) in zip(zip(*columns, strict=True), values, strict=True):
        cells.setdefault(key, {})[code] = share
        facts[key] = (n, n_eff, status, year)
    rows = {}
    for key, by_code in cells.items():
        shares = [by_code.get(code, 0.0) for code in questions[key[0]].codes]
        total = sum(shares)
        if total <= 0:
            raise DataError(said("people_share", question=key[0], country=key[1]))
        rows[key] = _Row(tuple(share / total for share in shares), *facts[key])
    return rows


@cache
def load(marginals: Path = MARGINALS, questions: Path = QUESTIONS) -> Wvs7:
    """The shipped survey, read on first use (about half a second). Raises :class:`DataError`."""
    try:
        frame = pd.read_parquet(marginals)
    except (OSError, ValueError) as error:
        raise DataError(said("people_unreadable", reason=error)) from error
    return Wvs7(load_questions(questions), frame)
