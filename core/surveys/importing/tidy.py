"""A plain CSV of shares (question, option, group, share, n) as a private reference."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import InputError, said
from core.surveys.base import group_of
from core.surveys.importing.wvs import COLUMNS
from core.types import AGES, EDUCATIONS, SEXES, Persona, Question

NEEDED = ("question", "option", "group", "share", "n")
_HINT = said("hint_tidy")
_TOLERANCE = 0.02
_MOST_PEOPLE, _YEARS = 10**10, (1900, 2200)


def import_tidy(
    path: Path, questions: Mapping[str, Question], country: str | None = None, year: int | None = None
) -> pd.DataFrame:
    """Shares of known questions in the columns of :data:`core.surveys.importing.wvs.COLUMNS`.

    ``group`` is ``all``, an age (18-29, 30-49, 50+), a sex, an education (lower, middle, higher) or age and sex
    (``18-29|female``). ``country`` and ``year`` are used where the file has no such columns. ``n_eff`` is taken as n
    and the shares as unweighted, since the file does not say. Raises :class:`InputError` naming what is wrong.
    """
    try:
        frame = pd.read_csv(path, sep=None, engine="python", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    except UnicodeError as error:
        raise InputError(said("csv_encoding"), _HINT) from error
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(said("csv_unreadable", reason=str(error)[:200]), _HINT) from error
    if not isinstance(frame.index, pd.RangeIndex):  # pandas takes what is too much for an index
        raise InputError(said("tidy_ragged"), _HINT)
    frame.columns = frame.columns.str.strip().str.lower()
    if missing := [name for name in NEEDED if name not in frame]:
        raise InputError(said("tidy_columns", names=", ".join(missing)), _HINT)
    for name, value in (("country", country), ("year", year)):
        if name not in frame:
            if value is None:
                raise InputError(said("tidy_column", name=name))
            frame[name] = str(value)
    if frame.empty:
        raise InputError(said("tidy_empty"), _HINT)
    if unknown := sorted(set(frame["question"].str.strip()) - set(questions)):
        raise InputError(said("tidy_questions", names=", ".join(unknown[:10])))
    records: list[dict[str, Any]] = [
        {str(k): v for k, v in row.items()} for row in frame[[*NEEDED, "country", "year"]].to_dict("records")
    ]
    rows = [_row(line, row, questions) for line, row in enumerate(records, start=2)]
    out = pd.DataFrame(rows, columns=list(COLUMNS))
    sums = out.groupby(["country_iso3", "item_id", "group_dim", "group"])["share"].sum()
    if (off := sums[(sums - 1).abs() > _TOLERANCE]).size:
        country_, item, _, group = off.index[0]
        raise InputError(said("tidy_sum", item=item, country=country_, group=group, sum=off.iloc[0]), _HINT)
    return out


def _row(line: int, row: Mapping[str, Any], questions: Mapping[str, Question]) -> tuple[Any, ...]:
    question = questions[row["question"].strip()]
    try:
        share, n, year = float(row["share"].replace(",", ".")), int(float(row["n"])), _year(row["year"])
    except (ValueError, OverflowError) as error:
        raise InputError(said("tidy_numbers", line=line), _HINT) from error
    if not 0 <= share <= 1 or not 1 <= n <= _MOST_PEOPLE or not _YEARS[0] <= year <= _YEARS[1]:
        raise InputError(said("tidy_range", line=line), _HINT)
    text = row["option"].strip()
    codes = [o.code for o in question.options if text in (str(o.code), o.text.en, o.text.zh)]
    if len(codes) != 1:
        raise InputError(said("tidy_option", line=line, text=text, question=question.id), _HINT)
    country = row["country"].strip().upper()
    named = _group(row["group"].strip().lower(), country)
    if named is None:
        raise InputError(said("tidy_group", line=line, group=row["group"], country=country), _HINT)
    return (year, country, question.id, codes[0], *named, n, float(n), share, "none")


def _year(text: str) -> int:
    """A whole year, also as spreadsheets and pandas write it (``2017.0``). Raises ``ValueError``, ``OverflowError``."""
    year = float(text)
    if not year.is_integer():
        raise ValueError(text)
    return int(year)


def _group(name: str, country: str) -> tuple[str, str] | None:
    """Dimension and group of ``name``, or None."""
    if len(country) != 3 or not country.isalpha() or not country.isascii():
        return None
    parts = [] if name == "all" else [part.strip() for part in name.split("|")]
    kinds: dict[str, str] = {}
    for kind, values in (("age", AGES), ("sex", SEXES), ("education", EDUCATIONS)):
        kinds |= dict.fromkeys(values, kind)
    if any(part not in kinds for part in parts) or len({kinds[part] for part in parts}) < len(parts):
        return None
    return group_of(Persona.model_validate({"country": country, **{kinds[part]: part for part in parts}}))
