"""Reads the traits of the people of a file: country, year, weight, sex, age and education; who is left out, and why."""

# Only names made here are put into SQL texts; content of the file is always passed as a value.
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import duckdb
import pandas as pd

from core.errors import InputError, said
from core.surveys.importing.account import EXAMPLES, Item, LeftOut, Reason, Strange
from core.surveys.importing.layout import Layout, Role
from core.surveys.importing.values import is_blank, number, plain_words, says_missing, whole
from core.surveys.places import country_code
from core.types import AGES, EDUCATIONS

YEARS = (1900, 2200)
_SEXES = {
    **dict.fromkeys(("1", "male", "man", "men", "m", "männlich", "男", "男性"), "male"),
    **dict.fromkeys(("2", "female", "woman", "women", "f", "weiblich", "女", "女性"), "female"),
}
_OLDEST = 120
_NUMBER = r"'^[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][+-]?[0-9]+)?$'"
_CELLS = """CREATE TABLE cells (country VARCHAR, item VARCHAR, code SMALLINT, age VARCHAR, sex VARCHAR,
education VARCHAR, n BIGINT, sw DOUBLE, sww DOUBLE)"""


class People(NamedTuple):
    """The number of people read and used, why the others are not, traits that are not understood, and the places."""

    read: int
    used: int
    left_out: tuple[LeftOut, ...]
    traits: tuple[Item, ...]
    places: tuple[str, ...]
    lost: tuple[str, ...]
    several_years: tuple[str, ...]


def read_people(
    connection: duckdb.DuckDBPyConnection,
    roles: Mapping[Role, str],
    layout: Layout,
    country: str | None,
    year: int | None,
) -> People:
    """Make the tables ``people`` (usable rows of ``raw`` with traits), ``places`` and ``cells`` (empty).

    ``country`` and ``year`` replace missing values of a row. Raises :class:`InputError` that names the countries where
    nobody has a year: a year must be given, because a reference without one could not be read again.
    """
    readers: dict[Role, Callable[[str], str | None]] = {
        "country": country_code,
        "year": _year,
        "sex": sex_of,
        "age": age_group,
        "education": lambda text: _education(text, layout),
    }
    traits = []
    for role, reader in readers.items():
        item = _meanings(connection, role, roles.get(role), reader, layout)
        if role in ("sex", "age", "education"):
            traits.append(item)
    meant = {role: f"m_{role}.meant" if role in roles else "NULL" for role in readers}
    joins = " ".join(
        f"LEFT JOIN meant_{role} AS m_{role} ON role_{role} = m_{role}.value" for role in readers if role in roles
    )
    weight = (
        f"CASE WHEN regexp_matches(role_weight, {_NUMBER}) THEN try_cast(replace(role_weight, ',', '.') AS DOUBLE) END"
        if "weight" in roles
        else "1.0"
    )
    if country is not None and country_code(country) != country:
        raise InputError(said("no_country", code=country))
    given = "NULL" if country is None else f"'{country}'"
    written = "role_country" if "country" in roles else "NULL"
    connection.execute(
        f"""CREATE TEMP VIEW everyone AS SELECT raw.* , {written} AS told,
            coalesce({meant["country"]}, CASE WHEN {written} IS NULL THEN {given} END) AS country,
            coalesce({meant["year"]}, {"NULL" if year is None else f"'{int(year)}'"})::SMALLINT AS year, {weight} AS w,
            {meant["sex"]} AS sex, nullif({meant["age"]}, 'under 18') AS age, {meant["education"]} AS education
        FROM raw {joins}"""
    ).fetchall()
    _check_years(connection)
    why = """CASE WHEN country IS NULL AND told IS NULL THEN 'no_country' WHEN country IS NULL THEN 'unknown_country'
        WHEN year IS NULL THEN 'no_year' WHEN coalesce(w > 0 AND isfinite(w), false) THEN 'used' ELSE 'no_weight' END"""
    reasons: dict[str, int] = dict(connection.execute(f"SELECT {why}, count(*) FROM everyone GROUP BY 1").fetchall())
    strange = connection.execute(
        """SELECT told, count(*) FROM everyone WHERE country IS NULL AND told IS NOT NULL GROUP BY 1
        ORDER BY 2 DESC, 1 LIMIT 5"""
    ).fetchall()
    names = ", ".join(f"“{value[:40]}” ({n})" for value, n in strange)
    every = [
        row[0]
        for row in connection.execute("SELECT DISTINCT country FROM everyone WHERE country IS NOT NULL").fetchall()
    ]
    connection.execute(f"CREATE TABLE people AS SELECT * FROM everyone WHERE {why} = 'used'").fetchall()
    connection.execute("DROP VIEW everyone").fetchall()
    connection.execute("DROP TABLE raw").fetchall()
    status = "CASE WHEN max(abs(w - 1)) < 1e-9 THEN 'unit' ELSE 'applied' END" if "weight" in roles else "'none'"
    connection.execute(
        f"CREATE TABLE places AS SELECT country, mode(year) AS year, {status} AS weight_status FROM people GROUP BY 1"
    ).fetchall()
    connection.execute(_CELLS).fetchall()
    several = connection.execute(
        "SELECT country FROM people GROUP BY country HAVING count(DISTINCT year) > 1 ORDER BY 1"
    ).fetchall()
    used = {row[0] for row in connection.execute("SELECT country FROM places").fetchall()}
    order: tuple[Reason, ...] = ("no_country", "unknown_country", "no_year", "no_weight")
    left = tuple(
        LeftOut(reason=reason, n=reasons[reason], example=names if reason == "unknown_country" else "")
        for reason in order
        if reasons.get(reason)
    )
    return People(
        read=sum(reasons.values()),
        used=reasons.get("used", 0),
        left_out=left,
        traits=tuple(traits),
        places=tuple(sorted(used)),
        lost=tuple(sorted(set(every) - used)),
        several_years=tuple(row[0] for row in several),
    )


def _check_years(connection: duckdb.DuckDBPyConnection) -> None:
    without = connection.execute(
        """SELECT country FROM everyone WHERE country IS NOT NULL GROUP BY country HAVING count(year) = 0 ORDER BY 1"""
    ).fetchall()
    if without:
        raise InputError(said("people_no_year", names=", ".join(row[0] for row in without)))


def _meanings(
    connection: duckdb.DuckDBPyConnection,
    role: Role,
    column: str | None,
    reader: Callable[[str], str | None],
    layout: Layout,
) -> Item:
    """Make table ``meant_ROLE`` with the meaning of each written value. The item counts missing and unclear values."""
    rows: list[tuple[str, str | None]] = []
    valid = missing = 0
    strange: list[Strange] = []
    if column is not None:
        found = connection.execute(f"SELECT role_{role}, count(*) FROM raw GROUP BY 1 ORDER BY 2 DESC, 1").fetchall()
        for value, n in found:
            meant = None if value is None else reader(value)
            if meant is not None:
                valid += n
                rows.append((value, meant))
            elif is_blank(value) or says_missing(value) or whole(value) in layout.missing:
                missing += n
            else:
                strange.append(Strange(value=value[:40], n=n))
    connection.register("found", pd.DataFrame(rows, columns=["value", "meant"], dtype="str"))
    connection.execute(f"CREATE TEMP TABLE meant_{role} AS SELECT * FROM found").fetchall()
    connection.unregister("found")
    return Item(
        name=role,
        column=column or "",
        valid=valid,
        missing=missing,
        strange=sum(s.n for s in strange),
        examples=tuple(strange[:EXAMPLES]),
    )


def _plain(text: str) -> str:
    code = whole(text)
    return str(code) if code is not None else plain_words(text)


def _year(text: str) -> str | None:
    year = whole(text)
    return str(year) if year is not None and YEARS[0] <= year <= YEARS[1] else None


def sex_of(text: str) -> str | None:
    """``female`` or ``male`` from the forms that surveys use; ``None`` for anything else."""
    return _SEXES.get(_plain(text))


def age_group(text: str) -> str | None:
    """An age in years or one of the groups. Those under 18 belong to no group."""
    if text in AGES:
        return text
    years = number(text)
    if years is None or not 0 <= years <= _OLDEST:
        return None
    if years < 18:
        return "under 18"
    return "18-29" if years < 30 else "30-49" if years < 50 else "50+"


def _education(text: str, layout: Layout) -> str | None:
    word = plain_words(text)
    return layout.education.get(_plain(text)) or (word if word in EDUCATIONS else None)
