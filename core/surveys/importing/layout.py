"""Layouts of survey programmes: the meaning of each column of a file, in ``data/layouts``, one file per programme.

A layout says which columns have the country, year, weight and traits of a respondent, which column has which question
of the bank, which codes are missing, and where this is documented. :func:`match` compares a file's columns with it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from pydantic import Field

from core.errors import DataError, InputError, said
from core.once import once
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


_NUMBERED = re.compile(r"(?<![A-Za-z0-9])[qQ]0*(\d{1,3})(?![A-Za-z0-9])")
"""The number of a question of the survey in the name of a column, as in ``wvs_q049``."""


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

    ``proposed`` are the roles that were only guessed from a usual name, ``proposed_items`` the questions that were
    guessed from a number in the name or the label of a column. The user has to confirm both. ``turned`` are columns
    that the inverted release has in place of a question, such as Q6P for Q6.
    """

    layout: str
    roles: Mapping[Role, str]
    items: Mapping[str, str]
    proposed: Mapping[Role, str] = Field(default_factory=dict)
    proposed_items: Mapping[str, str] = Field(default_factory=dict)
    turned: tuple[str, ...] = ()

    def guesses(self) -> dict[str, str]:
        """All that was only guessed: the column of each role and question."""
        found: dict[str, str] = {str(role): column for role, column in self.proposed.items()}
        return found | dict(self.proposed_items)

    def confirmed(self) -> Match:
        """The same once the user has confirmed the guesses."""
        return self.model_copy(
            update={
                "roles": {**self.roles, **self.proposed},
                "items": {**self.items, **self.proposed_items},
                "proposed": {},
                "proposed_items": {},
            }
        )


@once
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


def match(
    columns: Sequence[str],
    questions: Mapping[str, Question],
    given: Mapping[str, str] | None = None,
    titles: Mapping[str, str] | None = None,
) -> Match:
    """The meaning of each of ``columns``, by the layout that finds most questions.

    ``given`` maps a role or question to the file's column and takes precedence over the layout; an empty column means
    that the file has none. ``titles`` are the file's labels of columns. Raises :class:`InputError` where a given column
    is missing, where one column is given for two questions, or where no question is found or can be guessed.
    """
    given = dict(given or {})
    there: dict[str, str] = {}
    for column in columns:
        there.setdefault(bare_name(column), column)
    keys = {name: _key(name, questions) for name in given}
    wanted = {keys[name]: _given(keys[name], column, columns, there, questions) for name, column in given.items()}
    found = {layout.id: _items(layout, there, questions) for layout in layouts().values()}
    layout = max(layouts().values(), key=lambda one: (len(found[one.id]), one.bare))
    items = found[layout.id] | {name: column for name, column in wanted.items() if name in questions}
    items = {name: column for name, column in items.items() if column}
    if shared := next((column for column in items.values() if list(items.values()).count(column) > 1), None):
        names = ", ".join(name for name, column in items.items() if column == shared)
        raise InputError(said("column_of_several", column=shared, names=names))
    used = {*items.values(), *wanted.values(), *(there[n.upper()] for n in _known(layout) if n.upper() in there)}
    free = [column for column in columns if column not in used]
    # Only the bank's own survey numbers its questions as the bank does.
    guessed = guesses(free, titles or {}, set(questions) - set(items)) if layout.bare else {}
    guessed = {name: column for name, column in guessed.items() if name not in wanted}
    turned = tuple(there[f"{name}P".upper()] for name in questions if name not in items and is_turned(name, there))
    if not items and not guessed:
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
    guessed = {name: column for name, column in guessed.items() if column not in proposed.values()}
    return Match(layout=layout.id, roles=roles, items=items, proposed=proposed, proposed_items=guessed, turned=turned)


def guesses(columns: Sequence[str], titles: Mapping[str, str], questions: Collection[str]) -> dict[str, str]:
    """Which of ``columns`` may be which of ``questions``, by the number of a question in a column's name or label.

    A question that several columns name is not guessed, and neither is one by a column that names several.

    >>> guesses(["wvs_q049", "x12", "Q6P"], {"x12": "Q57: Most people can be trusted"}, {"Q49", "Q57", "Q6"})
    {'Q49': 'wvs_q049', 'Q57': 'x12'}
    """
    by_number = {number: name for name in questions if (number := _numbered(name)) is not None}
    named: dict[str, list[str]] = {}
    for column in columns:
        told = _NUMBERED.findall(column) or _NUMBERED.findall(bare_name(titles.get(column, ""))[:12])
        found = {by_number[number] for number in map(int, told) if number in by_number}
        if len(found) == 1 and len(set(told)) == 1:
            named.setdefault(found.pop(), []).append(column)
    return {name: mine[0] for name, mine in named.items() if len(mine) == 1}


def is_turned(question: str, columns: Collection[str]) -> bool:
    """Whether ``columns`` (bare names) hold ``question`` as the inverted release names it where its scale is turned."""
    return f"{question}P".upper() in columns


def _numbered(name: str) -> int | None:
    found = _NUMBERED.fullmatch(name)
    return int(found[1]) if found else None


def _known(layout: Layout) -> list[str]:
    """The columns that ``layout`` gives a role, whether they are used or not."""
    return [name for names in layout.roles.values() for name in names]


def _key(name: str, questions: Collection[str]) -> str:
    small = name.lower()
    return small if small in ROLES else next((known for known in questions if known.lower() == small), name)


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
