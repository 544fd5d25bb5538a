"""Counts of answers that hold for every run, also where a run is open through its aggregate.

The view ``tallies`` has a row for each answer in memory with ``n`` = 1, and of runs that are open through their
aggregates a row for each group of answers that agree in its columns, with their number ``n``. So a query that counts
answers sums ``n``, see :func:`counted`.
"""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from core.types import LITTLE_MASS


def mostly_beside(rows: str = "responses") -> str:
    """An SQL condition on stored answers called ``rows``: readings with little probability on their options."""
    read = f"{rows}.kind = 'options' AND {rows}.outcome NOT IN ('error', 'refusal')"
    return f"({read} AND {rows}.valid_mass < {LITTLE_MASS})"


def counted(where: str = "true") -> str:
    """SQL for the number of answers that meet a condition on the columns of ``tallies``.

    >>> counted("outcome = 'error'")
    "coalesce(sum(n) FILTER (WHERE outcome = 'error'), 0)::BIGINT"
    """
    return f"coalesce(sum(n) FILTER (WHERE {where}), 0)::BIGINT"


_BY = (
    "run_id",
    "kind",
    "provider",
    "model_id",
    "model_revision",
    "survey",
    "question_id",
    "country",
    "language",
    "method",
    "outcome",
    "error_kind",
    "served_model",
    "served_fingerprint",
)
COLUMNS = (*_BY, "beside", "first", "n")
"""``beside`` is whether a reading has little probability on its options, ``first`` the earliest time."""

_COLUMNS, _GROUPS = ", ".join(COLUMNS), ", ".join(_BY)
MAKE_TALLIES = f"""
SELECT {_GROUPS}, coalesce({mostly_beside()}, false) AS beside, min(created) AS first, count(*) AS n
FROM responses GROUP BY ALL ORDER BY ALL
"""
"""SQL query: the tallies of all answers in memory."""

TALLIES = (
    f"""
    CREATE TABLE stored_tallies (
        {" VARCHAR, ".join(_BY)} VARCHAR, beside BOOLEAN, first TIMESTAMP, n BIGINT
    )
    """,
    f"""
    CREATE VIEW tallies AS
    SELECT {_GROUPS}, coalesce({mostly_beside()}, false) AS beside, created AS first, 1::BIGINT AS n FROM responses
    UNION ALL SELECT {_COLUMNS} FROM stored_tallies
    """,
)
"""SQL that makes the table of counts that come from aggregates, and the view."""
