"""World Values Survey, wave 7 (2017-2023): the shipped table of answer shares, loaded once and never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError, InputError, said
from core.once import once
from core.settings import DATA
from core.surveys.base import NotAsked, group_of
from core.surveys.questions import load_questions
from core.types import AGES, EDUCATIONS, SEXES, GroupDimension, Persona, Question, Reference, WeightStatus

MARGINALS = DATA / "human" / "wvs7_marginals.parquet"
QUESTIONS = DATA / "questions" / "wvs7.toml"

_KEY = ["item_id", "country_iso3", "group_dim", "group"]
COLUMNS = {*_KEY, "year", "option_code", "n", "n_eff", "share", "weight_status"}

GROUPS: dict[GroupDimension, tuple[str, ...]] = {
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


Key = tuple[str, str, str, str]
"""Question, country, dimension, group."""


class _Rows:
    """All rows by key. A row is made when it is requested, because a page needs few of the thirty thousand."""

    def __init__(
        self, keys: Sequence[Key], shares: NDArray[np.float64], options: Mapping[str, int], facts: Sequence[Any]
    ) -> None:
        self._place = {key: place for place, key in enumerate(keys)}
        self._all, self._options, self._facts = shares, options, facts

    def __contains__(self, key: Key) -> bool:
        return key in self._place

    def get(self, key: Key) -> _Row | None:
        place = self._place.get(key)
        return None if place is None else _Row(self._shares(key[0], place), *(fact[place] for fact in self._facts))

    def _shares(self, item: str, place: int) -> tuple[float, ...]:
        return tuple(self._all[place, : self._options[item]].tolist())

    def whole_countries(self) -> Iterator[tuple[str, str, tuple[float, ...]]]:
        """Question, country and shares of everybody there."""
        for (item, country, dimension, _), place in self._place.items():
            if dimension == "all":
                yield item, country, self._shares(item, place)


class Wvs7:
    """The survey of :mod:`core.surveys.base` over a frame like the shipped one.

    Answers whose code is not an option of the question are dropped and the rest rescaled, because shares are of those
    who chose one of the options shown. Raises :class:`DataError` where columns are missing or a question has
    no answers.
    """

    needs_whole = True
    """Whether every question must have the answers of a whole country; if so, groups alone are not enough."""

    id = "wvs7"
    title = "World Values Survey, wave 7"
    licence = "Non-profit use with citation; the survey's data files may not be passed on. Shown are aggregates."
    source = (
        "Haerpfer, C., Inglehart, R., Moreno, A., Welzel, C., Kizilova, K., Diez-Medrano, J., Lagos, M., Norris, P., "
        "Ponarin, E., Puranen, B. et al. (eds.) 2022. World Values Survey: Round Seven, Country-Pooled Datafile 6.0. "
        "doi:10.14281/18241.24"
    )

    def __init__(self, questions: Mapping[str, Question], frame: pd.DataFrame) -> None:
        if missing := COLUMNS - set(frame.columns):
            raise DataError(said("people_columns", names=", ".join(sorted(missing))))
        self._questions = dict(questions)
        self._codes = {name: question.codes for name, question in self._questions.items()}
        known = frame[frame["item_id"].isin(list(self._questions))]
        self._rows = _index(known, self._questions)
        self._by_item: dict[str, dict[str, tuple[float, ...]]] = {item: {} for item in self._questions}
        for item, country, whole in self._rows.whole_countries():
            self._by_item[item][country] = whole
        if self.needs_whole and (empty := [item for item, shares in self._by_item.items() if not shares]):
            raise DataError(said("people_missing", names=", ".join(empty)))
        self._sums = {item: np.sum(list(shares.values()), axis=0) for item, shares in self._by_item.items()}
        self._countries = tuple(sorted({str(country) for country in known["country_iso3"].unique()}))
        self._years = (int(known["year"].min()), int(known["year"].max()))

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
        self.question(question_id)
        country = persona.country
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
            codes=self._codes[question_id],
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
        found = ((group, self._rows.get((question_id, country, dimension, group))) for group in GROUPS[dimension])
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
                mean = sum(code * share for code, share in zip(question.codes, row.shares, strict=True))
                out.append((item, mean, row.n, row.weight_status, row.year))
        return pd.DataFrame(out, columns=["question_id", "mean", "n", "weight_status", "year"])

    def country_means(self, question_ids: Sequence[str]) -> pd.DataFrame:
        """Mean answer codes of all countries at once: one row per country, one column per question.

        NaN where a country was not asked. Raises :class:`InputError` as :meth:`means` does.
        """
        out = pd.DataFrame(index=pd.Index(self._countries, name="country"), columns=list(question_ids), dtype=float)
        for item in question_ids:
            question, shares = self.question(item), self._by_item[item]
            if question.scale == "nominal":
                raise InputError(said("no_order_no_mean", item=item))
            if shares:
                out.loc[list(shares), item] = np.array(list(shares.values())) @ np.array(question.codes, dtype=float)
        return out


def _index(frame: pd.DataFrame, questions: Mapping[str, Question]) -> _Rows:
    """Rows by (question, country, dimension, group), shares in the question's scale order, summing to 1."""
    cell = frame.groupby(_KEY, observed=True, sort=False).ngroup().to_numpy()
    last = np.zeros(cell.max(initial=-1) + 1, dtype=np.intp)
    last[cell] = np.arange(len(cell))
    place = _places(frame, questions)
    shares = np.zeros((len(last), max((len(q.options) for q in questions.values()), default=0)))
    known = place >= 0
    shares[cell[known], place[known]] = frame["share"].to_numpy()[known]
    totals = shares.sum(axis=1, keepdims=True)
    facts = frame.iloc[last]
    keys = list(zip(*(facts[name].astype(object).tolist() for name in _KEY), strict=True))
    if (empty := np.flatnonzero(totals <= 0)).size:
        item, country, *_ = keys[empty[0]]
        raise DataError(said("people_share", question=item, country=country))
    options = {name: len(question.options) for name, question in questions.items()}
    return _Rows(keys, shares / totals, options, [facts[c].tolist() for c in ("n", "n_eff", "weight_status", "year")])


def _places(frame: pd.DataFrame, questions: Mapping[str, Question]) -> NDArray[np.intp]:
    """Place of each row's option in the scale of its question, (rows,); -1 for codes that are no option."""
    every = np.array(sorted({code for question in questions.values() for code in question.codes}), dtype=np.int64)
    item, names = pd.factorize(frame["item_id"])
    table = np.full((len(names), len(every)), -1, dtype=np.intp)
    for row, name in enumerate(names):
        codes = questions[name].codes
        table[row, np.searchsorted(every, codes)] = np.arange(len(codes))
    given = frame["option_code"].to_numpy(np.int64)
    at = np.minimum(np.searchsorted(every, given), len(every) - 1)
    return np.where(every[at] == given, table[item, at], -1)


@once
def load(marginals: Path = MARGINALS, questions: Path = QUESTIONS) -> Wvs7:
    """The shipped survey, read on first use. Raises :class:`DataError`."""
    try:
        frame = pd.read_parquet(marginals)
    except (OSError, ValueError) as error:
        raise DataError(said("people_unreadable", reason=error)) from error
    return Wvs7(load_questions(questions), frame)
