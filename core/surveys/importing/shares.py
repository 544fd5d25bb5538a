"""Shares by country and group from the counted answers."""

# Only names made here are put into SQL texts.
# ruff: noqa: S608

from __future__ import annotations

import duckdb
import pandas as pd

LEAST = 50
"""Groups with fewer respondents to a question are left out, as in the shipped table; whole countries are kept."""

COLUMNS = (
    "year",
    "country_iso3",
    "item_id",
    "option_code",
    "group_dim",
    "group",
    "n",
    "n_eff",
    "share",
    "weight_status",
)
_GROUPS = {
    "all": "'all'",
    "age": "age",
    "sex": "sex",
    "education": "education",
    "age_x_sex": "age || '|' || sex",
}


def shares_of(connection: duckdb.DuckDBPyConnection, least: int) -> pd.DataFrame:
    """Shares in :data:`COLUMNS` from the tables ``cells`` and ``places``; it also creates a table ``totals``."""
    spread = " UNION ALL ".join(
        f"""SELECT country, item, code, n, sw, sww, '{dimension}' AS dim, {group} AS grp FROM cells
        WHERE {group} IS NOT NULL"""
        for dimension, group in _GROUPS.items()
    )
    connection.execute(f"CREATE TEMP VIEW spread AS {spread}").fetchall()
    connection.execute(
        """CREATE TEMP TABLE totals AS SELECT country, item, dim, grp, sum(n)::BIGINT AS n, sum(sw) AS sw,
        sum(sww) AS sww FROM spread GROUP BY ALL"""
    ).fetchall()
    out: pd.DataFrame = connection.execute(
        """
        SELECT year, country AS country_iso3, item AS item_id, code::BIGINT AS option_code, dim AS group_dim,
            grp AS "group", t.n, any_value(t.sw * t.sw / t.sww) AS n_eff, sum(s.sw) / any_value(t.sw) AS share,
            weight_status
        FROM spread AS s JOIN totals AS t USING (country, item, dim, grp) JOIN places USING (country)
        WHERE t.n >= ? OR dim = 'all'
        GROUP BY ALL
        ORDER BY item_id, country_iso3, group_dim, "group", option_code
        """,
        [least],
    ).df()
    return out.loc[:, list(COLUMNS)]
