"""Rows of a plain table, each checked by itself: question, option, group, share, n, country and year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from core.errors import InputError, said
from core.surveys.base import group_of
from core.surveys.importing.traits import YEARS
from core.surveys.importing.values import MISSING, Reader, number, whole
from core.surveys.places import country_code
from core.types import AGES, EDUCATIONS, SEXES, Persona, Question

MOST_PEOPLE = 10**10
_MISSING_CODES = (-1, -2, -3, -4, -5)


class Row(NamedTuple):
    """One answer of one group. ``code`` is ``None`` for a declared missing answer such as "don't know"."""

    question: str
    code: int | None
    dimension: str
    group: str
    n: int
    share: float
    country: str
    year: int


def long_rows(frame: pd.DataFrame, questions: Mapping[str, Question]) -> list[Row]:
    """Rows of a table with one row per answer. Raises :class:`InputError` naming the line."""
    readers = {name: Reader(question, missing=_MISSING_CODES) for name, question in questions.items()}
    records = _records(frame)
    return [_long(line, record, readers, _sums(records)) for line, record in enumerate(records, start=2)]


def wide_rows(frame: pd.DataFrame, questions: Mapping[str, Question], known: Sequence[str]) -> list[Row]:
    """Rows of a table with one row per group and a column for each option, named by its code or its words.

    Cells are shares where a row sums to about 1, per cent where it sums to about 100, otherwise counts, which must be
    whole numbers. A blank cell is no option of that question. Raises :class:`InputError` naming the line.
    """
    columns = [str(column) for column in frame.columns if str(column) not in known]
    readers = {name: Reader(question, missing=_MISSING_CODES) for name, question in questions.items()}
    rows = []
    for line, record in enumerate(_records(frame), start=2):
        cells = {column: record[column] for column in columns if record.get(column)}
        values = {column: _share(text, line) for column, text in cells.items()}
        total = sum(values.values())
        counts = total > 1.5 and not 79 <= total <= 102 and all(value.is_integer() for value in values.values())
        counts = counts or ("n" not in record and total > 1.5)
        scale = total if counts else 100.0 if total > 1.5 else 1.0
        n = str(int(total)) if counts else record.get("n", "")
        for column, value in values.items():
            one = {**record, "option": column, "share": repr(value / scale) if scale else "0", "n": n}
            rows.append(_long(line, one, readers, {}))
    return rows


def _records(frame: pd.DataFrame) -> list[dict[str, str]]:
    records: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]
    return [{key: "" if pd.isna(value) else str(value).strip() for key, value in row.items()} for row in records]


def _cell(record: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(record[name].casefold() for name in ("question", "country", "group", "year"))


def _sums(records: Sequence[Mapping[str, str]]) -> dict[tuple[str, ...], float]:
    """The sum of each group, where the table has counts."""
    sums: dict[tuple[str, ...], float] = {}
    for line, record in enumerate(records, start=2):
        if "share" not in record and "percent" not in record:
            sums[_cell(record)] = sums.get(_cell(record), 0.0) + _share(record["count"], line)
    return sums


def _long(
    line: int, record: Mapping[str, str], readers: Mapping[str, Reader], sums: Mapping[tuple[str, ...], float]
) -> Row:
    name = record["question"]
    if name not in readers:
        raise InputError(said("tidy_option", line=line, text=record.get("option", ""), question=name or "–"))
    code = readers[name].read(record["option"]) if record["option"] else None
    if code is None:
        raise InputError(said("tidy_option", line=line, text=record["option"], question=name), said("hint_tidy"))
    if "share" in record:
        share = _share(record["share"], line)
    elif "percent" in record:
        share = _share(record["percent"], line) / (1.0 if record["percent"].endswith("%") else 100.0)
    else:
        total = sums[_cell(record)]
        share = _share(record["count"], line) / total if total > 0 else 0.0
        record = {**record, "n": record.get("n") or repr(total)}
    n, year = whole(record.get("n", "")), whole(record["year"])
    if n is None or year is None:
        raise InputError(said("tidy_numbers", line=line), said("hint_tidy"))
    if not 0 <= share <= 1 or not 1 <= n <= MOST_PEOPLE or not YEARS[0] <= year <= YEARS[1]:
        raise InputError(said("tidy_range", line=line), said("hint_tidy"))
    country = country_code(record["country"])
    named = group_named(record["group"].lower(), country) if country else None
    if country is None or named is None:
        raise InputError(
            said("tidy_group", line=line, group=record["group"], country=record["country"]), said("hint_tidy")
        )
    return Row(name, None if code == MISSING else code, *named, n, share, country, year)


def _share(text: str, line: int) -> float:
    value = number(text.removesuffix("%").strip())
    if value is None or value < 0:
        raise InputError(said("tidy_numbers", line=line), said("hint_tidy"))
    return value / 100.0 if text.endswith("%") else value


def group_named(name: str, country: str) -> tuple[str, str] | None:
    """Dimension and group of ``name``, or None."""
    parts = [] if name in ("all", "total", "全部") else [part.strip() for part in name.split("|")]
    kinds: dict[str, str] = {}
    for kind, values in (("age", AGES), ("sex", SEXES), ("education", EDUCATIONS)):
        kinds |= dict.fromkeys(values, kind)
    if any(part not in kinds for part in parts) or len({kinds[part] for part in parts}) < len(parts):
        return None
    return group_of(Persona.model_validate({"country": country, **{kinds[part]: part for part in parts}}))
