"""Reads the answers of one column: each distinct value once, as an answer or as one that is not understood."""

# Only names made here are put into SQL texts; content of the file is always passed as a value.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import pandas as pd

from core.surveys.importing.account import EXAMPLES, MOST_NOT_UNDERSTOOD, Item, Strange
from core.surveys.importing.values import MISSING, Reader, whole
from core.types import Question

_MOST_VALUES = 5_000
"""A column with more distinct values than this has no closed answers; the rest counts as not understood."""

_EXAMPLE_LENGTH = 40


def count_answers(
    connection: duckdb.DuckDBPyConnection,
    question: Question,
    column: str,
    written: str,
    labels: Mapping[str, str],
    ranges: Sequence[tuple[float, float]],
    missing: Sequence[int],
    codes: Mapping[int, int] | None,
    not_offered: Sequence[int],
) -> Item:
    """Read column ``column`` of table ``people``; add the valid answers to table ``cells`` unless it is refused.

    ``written`` is the column's name in the file. See :class:`Reader` for the rest. A question is refused where, in any
    country, more than :data:`MOST_NOT_UNDERSTOOD` of the answers that are not missing are not understood, or where
    answers count from 0 and the last option never occurs, because then every answer is shifted by one place.
    """
    reader = Reader(question, labels, missing, ranges, codes)
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE counted AS SELECT {column} AS value, country, age, sex, education,
            count(*) AS n, sum(w) AS sw, sum(w * w) AS sww FROM people GROUP BY ALL"""
    ).fetchall()
    found = connection.execute(
        f"SELECT value, sum(n)::BIGINT FROM counted GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_VALUES}"
    ).fetchall()
    rows: list[tuple[str | None, int | None, str]] = []
    missed, strange = 0, list[Strange]()
    for value, n in found:
        code = reader.read(value)
        if code == MISSING:
            missed += n
            rows.append((value, None, "missing"))
        elif code is not None:
            rows.append((value, int(code), "valid"))
        elif value is not None and whole(value) in not_offered:
            rows.append((value, None, "not_offered"))
        else:
            rows.append((value, None, "strange"))
            strange.append(Strange(value=value[:_EXAMPLE_LENGTH], n=n))
    meanings = pd.DataFrame(rows, columns=["value", "code", "what"]).astype({"code": "Int64"})
    connection.register("meanings", meanings)
    by_place = connection.execute(
        """SELECT country, coalesce(sum(n) FILTER (what = 'valid'), 0)::BIGINT AS valid,
            coalesce(sum(n) FILTER (what = 'not_offered'), 0)::BIGINT AS not_offered,
            coalesce(sum(n) FILTER (coalesce(what, 'strange') = 'strange'), 0)::BIGINT AS strange
        FROM counted LEFT JOIN meanings ON counted.value IS NOT DISTINCT FROM meanings.value
        GROUP BY country ORDER BY country"""
    ).fetchall()
    parts = [(odd / (valid + odd), country) for country, valid, _, odd in by_place if odd]
    worst, where = max(parts, key=lambda part: part[0]) if parts else (0.0, "")
    valid = sum(row[1] for row in by_place)
    refused = worst > MOST_NOT_UNDERSTOOD or _counts_from_zero(question, rows)
    if not refused:
        connection.execute(
            """INSERT INTO cells SELECT country, ? AS item, code, age, sex, education, sum(n), sum(sw), sum(sww)
            FROM counted JOIN meanings ON counted.value = meanings.value WHERE code IS NOT NULL GROUP BY ALL""",
            [question.id],
        ).fetchall()
    connection.unregister("meanings")
    return Item(
        name=question.id,
        column=written,
        valid=valid,
        missing=missed,
        not_offered=sum(row[2] for row in by_place),
        strange=sum(row[3] for row in by_place),
        examples=tuple(strange[:EXAMPLES]),
        worst=worst,
        where=where,
        refused=refused,
        by_label=reader.by_label,
    )


def _counts_from_zero(question: Question, rows: Sequence[tuple[str | None, int | None, str]]) -> bool:
    """Whether 0 occurs in the column, is not understood, and the highest option is never chosen."""
    zero = any(value is not None and whole(value) == 0 and what == "strange" for value, _, what in rows)
    return zero and max(question.codes) not in {code for _, code, _ in rows}
