"""Turns a file of people's answers into shares by group, with an account of everything that was left out.

Only shares by country and group leave this module; no record of a respondent is kept. Columns are those of the shipped
table (``data/SOURCES.md``). The file becomes a table of text in DuckDB, on disk where memory does not suffice. Each
distinct value of a column is then read once (:mod:`core.surveys.importing.values`). A value that is not understood is
counted as such, never as missing.
"""

# Only checked names are put into SQL texts; content of the file is always passed as a value.

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import duckdb
import pandas as pd

from core.cancel import CancelToken, check_cancel
from core.errors import InputError, said
from core.surveys.importing.account import Account, Item, LeftOut, Note
from core.surveys.importing.answers import count_answers
from core.surveys.importing.layout import Layout, Match, Role, bare_name, is_turned, layouts, match
from core.surveys.importing.shares import LEAST, shares_of
from core.surveys.importing.sources import Source, open_source
from core.surveys.importing.traits import read_people
from core.types import Frozen, Question

Progress = Callable[[float], None]
"""Called with the fraction that is done, 0..1."""

Confirm = Callable[[Match], bool]
"""Called with the meaning of the columns; returns whether the guesses in it are right. It may raise to stop."""

_READING = 0.6  # fraction of the time that reading the file takes, measured with 100,000 respondents
_QUIET = ("enable_progress_bar = true", "enable_progress_bar_print = false")  # counted, not printed


class Options(Frozen):
    """The choices of the user: the year of a file without one, the country, columns by role or question.

    ``confirmed`` accepts the columns that were only guessed from a usual name.
    """

    country: str | None = None
    year: int | None = None
    columns: Mapping[str, str] = {}
    confirmed: bool = False
    least: int = LEAST


class Outcome:
    """The result of an import: ``frame`` of shares (without refused questions), the ``account``, and the columns."""

    def __init__(self, frame: pd.DataFrame, account: Account, columns: Match | None = None) -> None:
        self.frame, self.account, self.columns = frame, account, columns


def import_people(
    path: Path,
    questions: Mapping[str, Question],
    progress: Progress | None = None,
    options: Options | None = None,
    cancel: CancelToken | None = None,
    name: str = "",
    confirm: Confirm | None = None,
) -> Outcome:
    """Weighted shares of every question of the bank that the file has, and the account.

    ``name`` is the file's own name; its ending tells the format. People without a country, a year or a positive weight
    are left out and counted; without a weight column nobody is weighted, and the account says so. ``n`` counts
    respondents with a valid answer and ``n_eff`` is Kish's (sum w)^2 / sum w^2. Groups of fewer than ``options.least``
    are left out. A question with too many answers that are not understood is not in the frame but in the account.
    ``confirm`` is asked what the columns mean unless ``options`` confirm it.

    Raises :class:`InputError` where the file is damaged, has no known question, no country or no year, or where
    columns were only guessed and not confirmed; :class:`Cancelled` where it was stopped.
    """
    options = options or Options()
    tell = progress or (lambda part: None)
    with open_source(path, name) as source:
        columns = match(source.names, questions, options.columns, source.titles)
        if options.confirmed or (confirm is not None and confirm(columns)):
            columns = columns.confirmed()
        elif columns.proposed or not columns.items:
            pairs = ", ".join(f"{name} = {column}" for name, column in columns.guesses().items())
            raise InputError(said("columns_unconfirmed", pairs=pairs))
        _check(columns, options)
        return _read(source, columns, questions, tell, options, cancel, name or path.name)


def _check(columns: Match, options: Options) -> None:
    if "country" not in columns.roles and options.country is None:
        wanted = layouts()[columns.layout].roles["country"][0]
        raise InputError(said("people_no_country_column", name=wanted), said("hint_people"))
    if "year" not in columns.roles and options.year is None:
        wanted = layouts()[columns.layout].roles["year"][0]
        raise InputError(said("people_no_year_column", name=wanted))


def _read(
    source: Source,
    columns: Match,
    questions: Mapping[str, Question],
    tell: Progress,
    options: Options,
    cancel: CancelToken | None,
    name: str,
) -> Outcome:
    layout = layouts()[columns.layout]
    items = list(columns.items)
    wanted = {f"role_{role}": column for role, column in columns.roles.items()}
    wanted |= {f"item_{place}": columns.items[item] for place, item in enumerate(items)}
    with tempfile.TemporaryDirectory(prefix="parallax-import-") as folder:
        connection = duckdb.connect(str(Path(folder) / "import.duckdb"))
        try:
            for setting in ("memory_limit = '400MB'", "preserve_insertion_order = false", "threads = 2", *_QUIET):
                connection.execute(f"SET {setting}").fetchall()
            check_cancel(cancel)
            blank = source.load(connection, wanted, lambda part: tell(part * _READING), cancel)
            check_cancel(cancel)
            people = read_people(connection, columns.roles, layout, options.country, options.year)
            counted = []
            for place, item in enumerate(items):
                check_cancel(cancel)
                tell(_READING + (1 - _READING) * place / len(items))
                counted.append(_item(connection, source, columns, layout, questions[item], place))
            frame = shares_of(connection, options.least)
            small = _small(connection, options.least)
            lost = tuple(place for place in people.places if place not in set(frame["country_iso3"]))
        finally:
            connection.close()
    tell(1.0)
    left_out = people.left_out + ((LeftOut(reason="no_answer_rows", n=blank),) if blank else ())
    account = Account(
        file=name,
        form=source.form,
        layout=layout.title,
        read=people.read,
        used=people.used,
        left_out=left_out,
        items=tuple(counted),
        traits=people.traits,
        places=tuple(sorted(set(frame["country_iso3"]))),
        lost_places=lost + people.lost,
        notes=_notes(columns.roles, options),
        several_years=people.several_years,
        other_columns=len(source.names) - len(set(wanted.values())),
        turned=columns.turned,
        unconfirmed=tuple(f"{name} = {column}" for name, column in columns.proposed_items.items()),
        small_groups=small,
    )
    if not people.used or (frame.empty and account.whole):
        raise InputError(said("people_no_answers", account=" ".join(line.message() for line in account.lines())))
    return Outcome(frame, account, columns)


def _item(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    columns: Match,
    layout: Layout,
    question: Question,
    place: int,
) -> Item:
    column = columns.items[question.id]
    if is_turned(question.id, {bare_name(column)}) and not source.labels.get(column):
        raise InputError(said("column_turned", column=column, question=question.id))
    item = layout.item(question.id)
    told = item if item is not None and item.column.upper() == column.split(":")[0].strip().upper() else None
    return count_answers(
        connection,
        question,
        f"item_{place}",
        column,
        source.labels.get(column, {}),
        source.ranges.get(column, ()),
        layout.missing,
        told.by_code if told else None,
        told.not_offered if told else (),
    )


def _notes(roles: Mapping[Role, str], options: Options) -> tuple[Note, ...]:
    notes: list[Note] = [] if "weight" in roles else ["unweighted"]
    absent: Sequence[tuple[Role, Note]] = (("sex", "no_sex"), ("age", "no_age"), ("education", "no_education"))
    notes += [note for role, note in absent if role not in roles]
    return tuple(notes + (["year_given"] if options.year is not None and "year" not in roles else []))


def _small(connection: duckdb.DuckDBPyConnection, least: int) -> int:
    """How many groups of a country and question have fewer than ``least`` respondents and are left out."""
    found = connection.execute("SELECT count(*) FROM totals WHERE n < ? AND dim <> 'all'", [least]).fetchall()
    return int(found[0][0])
