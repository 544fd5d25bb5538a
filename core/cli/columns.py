"""Shows which column of a survey file is read as what, and asks whether that is right."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from core.cli.output import say
from core.errors import Cancelled

if TYPE_CHECKING:
    from core.surveys.importing.layout import Match
    from core.types import Question


def shown_and_confirmed(given: Mapping[str, str], questions: Mapping[str, Question]) -> Callable[[Match], bool]:
    """A function that prints the columns that were named (``given``) or guessed, and asks on a terminal.

    It returns whether the guesses are confirmed: on a terminal what the user says, elsewhere no. What the user named is
    taken without a guess beside it, but shown. The function raises :class:`Cancelled` where the user says no.
    """

    def confirm(found: Match) -> bool:
        guessed = found.guesses()
        if not given and not guessed:
            return False
        every: dict[str, str] = {
            **{str(role): column for role, column in found.roles.items()},
            **found.items,
            **guessed,
        }
        for what, column in every.items():
            how = "guessed" if what in guessed else "as you say" if what in given else ""
            if how:
                words = f" ({questions[what].short.en})" if what in questions else ""
                say(f"  {what}{words} = {column}: {how}")
        say(f"  and {len(found.items)} questions in all, read as {found.layout}")
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            return False
        if not typer.confirm("Read the file like this?", err=True):
            raise Cancelled("Nothing was imported.", "Name the columns, such as --map Q49=happy,country=land.")
        return True

    return confirm
