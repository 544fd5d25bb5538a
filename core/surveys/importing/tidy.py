"""Imports a plain table of shares or counts, in long or wide form, as a private reference.

Long: one row per answer (question, option, group, share, n). Wide: one row per group, with a column for each option.
Counts may replace shares. A row for "don't know" and the like does not count; the rest are shares of those who chose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from core.errors import InputError, said
from core.surveys.importing.account import Account, Item, LeftOut, Note, Strange
from core.surveys.importing.people import Options, Outcome
from core.surveys.importing.shares import COLUMNS
from core.surveys.importing.sources import open_source
from core.surveys.importing.tidy_rows import Row, long_rows, wide_rows
from core.types import Question

_TOLERANCE = 0.02 + 1e-9
_LEAST_SUM = 0.8
"""The smallest sum of shares that also count people who did not know; the shares are rescaled."""

_KNOWN = ("question", "option", "group", "share", "percent", "count", "n", "country", "year")


def is_tidy(columns: Sequence[str]) -> bool:
    """Whether these are the columns of a plain table and not of people's answers."""
    return "question" in {column.strip().lower() for column in columns}


def import_tidy(
    path: Path, questions: Mapping[str, Question], options: Options | None = None, name: str = ""
) -> Outcome:
    """Shares of known questions in :data:`core.surveys.importing.shares.COLUMNS`, and the account.

    ``group`` is ``all`` (also where there is no such column), an age (18-29, 30-49, 50+), a sex, an education (lower,
    middle, higher) or age and sex (``18-29|female``); groups without ``all`` are enough. ``share`` is between 0 and
    1, or ``percent`` between 0 and 100, or ``count`` is a number of people. ``options`` give country and year where the
    file has no such columns. Shares that sum to 0.8 or more are rescaled to 1, and n is reduced in proportion, because
    it included those without an answer. ``n_eff`` is set to n and the shares count as unweighted, because the file does
    not say. Raises :class:`InputError` naming what is wrong; the account refuses questions whose shares do not add up.
    """
    options = options or Options()
    frame, form, blank = _table(path, name)
    for column, value in (("country", options.country), ("year", options.year)):
        if column not in frame:
            if value is None:
                raise InputError(said("tidy_column", name=column))
            frame[column] = str(value)
    if "group" not in frame:
        frame["group"] = "all"
    if frame.empty:
        raise InputError(said("tidy_empty"), said("hint_tidy"))
    if unknown := sorted({str(q).strip() for q in frame["question"].dropna()} - set(questions)):
        raise InputError(said("tidy_questions", names=", ".join(unknown[:10])))
    rows = long_rows(frame, questions) if "option" in frame else wide_rows(frame, questions, _KNOWN)
    kept, account = _add_up(rows, name or path.name, form, len(frame), blank)
    if not account.refused and not kept:
        raise InputError(said("tidy_empty"), said("hint_tidy"))
    return Outcome(pd.DataFrame(kept, columns=list(COLUMNS)), account)


def _table(path: Path, name: str) -> tuple[pd.DataFrame, str, int]:
    with open_source(path, name) as source:
        names = [column for column in source.names if column]
        low = [column.lower() for column in names]
        if "question" not in low or ("option" in low and not {"share", "percent", "count"} & set(low)):
            lacking = ["question"] if "question" not in low else ["share"]
            raise InputError(said("tidy_columns", names=", ".join(lacking)), said("hint_tidy"))
        if len(set(low)) < len(low):
            raise InputError(said("columns_twice", names=", ".join(sorted({c for c in low if low.count(c) > 1}))))
        connection = duckdb.connect()
        try:
            wanted = {f"c{place}": column for place, column in enumerate(names)}
            blank = source.load(connection, wanted, lambda part: None)
            frame = connection.execute("SELECT * FROM raw").df()
        finally:
            connection.close()
        frame.columns = [column if column.lower() not in _KNOWN else column.lower() for column in names]
        return frame, source.form, blank


def _add_up(
    rows: Sequence[Row], name: str, form: str, read: int, blank: int
) -> tuple[list[tuple[object, ...]], Account]:
    cells: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in rows:
        cells.setdefault((row.question, row.country, row.dimension, row.group), []).append(row)
    off: dict[str, list[Strange]] = {}
    missing: dict[str, int] = {}
    good: list[tuple[object, ...]] = []
    rescaled = False
    for (question, country, _, group), mine in cells.items():
        gone = sum(row.code is None for row in mine)
        missing[question] = missing.get(question, 0) + gone
        chosen = [row for row in mine if row.code is not None]
        total = sum(row.share for row in chosen)
        every = sum(row.share for row in mine)
        twice = len({row.code for row in chosen}) < len(chosen) or len({row.year for row in mine}) > 1
        if twice or not total >= _LEAST_SUM - 1e-9 or every > 1 + _TOLERANCE:
            what = "×2" if twice else f"{total:.3f}"
            off.setdefault(question, []).append(Strange(value=f"{country} {group}: {what}", n=len(mine)))
            continue
        shrink = total if gone or total < 1 - _TOLERANCE else 1.0
        rescaled |= shrink != 1.0
        for row in chosen:
            n = max(1, round(row.n * shrink))
            facts = (
                row.year,
                country,
                question,
                row.code,
                row.dimension,
                group,
                n,
                float(n),
                row.share / total,
                "none",
            )
            good.append(facts)
    kept = [row for row in good if row[2] not in off]
    counts = {q: sum(row.question == q for row in rows) for q in dict.fromkeys(row.question for row in rows)}
    items = tuple(
        Item(
            name=question,
            column=question,
            valid=n - missing.get(question, 0),
            missing=missing.get(question, 0),
            strange=sum(s.n for s in off.get(question, [])),
            examples=tuple(off.get(question, [])[:3]),
            worst=1.0 if question in off else 0.0,
            where=off[question][0].value.split()[0] if question in off else "",
            refused=question in off,
        )
        for question, n in counts.items()
    )
    notes: tuple[Note, ...] = ("rescaled",) if rescaled else ()
    account = Account(
        file=name,
        form=form,
        layout="",
        read=read,
        used=read,
        left_out=(LeftOut(reason="no_answer_rows", n=blank),) if blank else (),
        items=items,
        places=tuple(sorted({str(row[1]) for row in kept})),
        notes=notes,
        table=True,
    )
    return kept, account
