"""Layouts of survey programmes: the meaning of each column of a file, in ``data/layouts``, one file per programme.

A layout says which columns have the country, year, weight and traits of a respondent, which column has which question
of the bank, which codes are missing, and where this is documented. :func:`match` compares a file's columns with it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

from pydantic import Field

from core.errors import DataError, InputError, said
from core.settings import DATA
from core.types import Frozen, Question

FOLDER = DATA / "layouts"
Role = Literal["country", "year", "weight", "sex", "age", "education"]
ROLES: tuple[Role, ...] = ("country", "year", "weight", "sex", "age", "education")

_COMMON: Mapping[Role, tuple[str, ...]] = {
    "country": ("country", "iso3", "iso", "cntry", "country_code", "b_country", "nation", "国家"),
    "year": ("year", "survey_year", "fieldwork_year", "jahr", "年份"),
    "weight": ("weight", "wgt", "wt", "w", "weights", "gewicht", "权重"),
    "sex": ("sex", "gender", "geschlecht", "性别"),
    "age": ("age", "alter", "年龄"),
    "education": ("education", "educ", "edu", "bildung", "教育程度"),
}
"""Usual names of such columns; they are proposed and never used without confirmation."""


class LayoutItem(Frozen):
    """The column of one question. ``codes`` maps the file's codes to the bank's where they differ.

    ``not_offered`` are codes of answers that the bank leaves out on purpose.
    """

    column: str
    codes: Mapping[str, int] | None = None
    not_offered: tuple[int, ...] = ()

    @property
    def by_code(self) -> dict[int, int] | None:
        """:attr:`codes` with whole numbers as keys."""
        return None if self.codes is None else {int(code): option for code, option in self.codes.items()}


class Layout(Frozen):
    """The files of one programme. ``roles`` lists the columns that may have each role, the best first."""

    id: str
    title: str
    source: str
    roles: Mapping[Role, tuple[str, ...]]
    education: Mapping[str, str] = {}
    missing: tuple[int, ...]
    bare: bool = False
    items: Mapping[str, LayoutItem] = Field(default_factory=dict)

    def item(self, name: str) -> LayoutItem | None:
        """The column of the question ``name``; in a ``bare`` layout the column of every question is its id."""
        return self.items.get(name) or (LayoutItem(column=name) if self.bare else None)


class Match(Frozen):
    """The meaning of the columns of a file: the file's own name of each role and each question.

    ``proposed`` are the roles that were only guessed from a usual name; the user has to confirm them.
    """

    layout: str
    roles: Mapping[Role, str]
    items: Mapping[str, str]
    proposed: Mapping[Role, str] = Field(default_factory=dict)


@cache
def layouts() -> dict[str, Layout]:
    """All layouts by id. Raises :class:`DataError` for a shipped file that is damaged."""
    found = {}
    for path in sorted(FOLDER.glob("*.toml")):
        try:
            layout = Layout.model_validate(tomllib.loads(path.read_text("utf-8")))
        except (OSError, ValueError) as error:
            what = str(error).splitlines()[0]
            raise DataError(said("data_entry", file=path.name, where=said("part_whole_file"), what=what)) from error
        found[layout.id] = layout
    return found


def bare_name(column: str) -> str:
    """A column's name without the label after it, in capitals: ``Q1: Important in life`` is ``Q1``."""
    return re.split(r":|\s[-–—]\s", column, maxsplit=1)[0].strip().strip('"').upper()


def match(columns: Sequence[str], questions: Mapping[str, Question], given: Mapping[str, str] | None = None) -> Match:
    """The meaning of each of ``columns``, by the layout that finds most questions.

    ``given`` maps a role or question to the file's column and takes precedence over the layout. Raises
    :class:`InputError` where a given column is missing, where no question is found, or where no column has the country.
    """
    given = dict(given or {})
    there: dict[str, str] = {}
    for column in columns:
        there.setdefault(bare_name(column), column)
    wanted = {_key(name): _given(_key(name), column, columns, there, questions) for name, column in given.items()}
    every = [_items(layout, there, questions) for layout in layouts().values()]
    best = max(range(len(every)), key=lambda place: len(every[place]))
    layout = list(layouts().values())[best]
    items = every[best] | {name: column for name, column in wanted.items() if name in questions}
    if not items:
        raise InputError(said("people_no_questions"), said("hint_people"))
    roles: dict[Role, str] = {}
    proposed: dict[Role, str] = {}
    for role in ROLES:
        official = next((there[name.upper()] for name in layout.roles.get(role, ()) if name.upper() in there), None)
        usual = next((there[name.upper()] for name in _COMMON[role] if name.upper() in there), None)
        if role in wanted:
            if wanted[role]:
                roles[role] = wanted[role]
        elif official:
            roles[role] = official
        elif usual:
            proposed[role] = usual
    return Match(layout=layout.id, roles=roles, items=items, proposed=proposed)


def _key(name: str) -> str:
    return name.lower() if name.lower() in ROLES else name


def _items(layout: Layout, there: Mapping[str, str], questions: Mapping[str, Question]) -> dict[str, str]:
    found = {}
    for name in questions:
        item = layout.item(name)
        if item and item.column.upper() in there:
            found[name] = there[item.column.upper()]
    return found


def _given(
    name: str, column: str, columns: Sequence[str], there: Mapping[str, str], questions: Mapping[str, Question]
) -> str:
    if name not in ROLES and name not in questions:
        raise InputError(said("column_of_nothing", name=name, roles=", ".join(ROLES)))
    if not column:
        return ""
    found = column if column in columns else there.get(bare_name(column))
    if found is None:
        raise InputError(said("column_missing", name=column))
    return found
