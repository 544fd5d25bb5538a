"""Prints results: tables for people, JSON for programs, and errors as a sentence and an exit code.

Results go to standard output, everything else to standard error, so that a pipe carries results alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

import typer

from core.errors import Cancelled, DataError, InputError, ParallaxError, ProviderError

DONE, UNEXPECTED, BAD_INPUT, BAD_DATA, NO_MODEL, SOME_FAILED, STOPPED = 0, 1, 2, 3, 4, 5, 130

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
_CODES: tuple[tuple[type[ParallaxError], int], ...] = (
    (InputError, BAD_INPUT),
    (DataError, BAD_DATA),
    (ProviderError, NO_MODEL),
    (Cancelled, STOPPED),
)


def code_of(error: ParallaxError) -> int:
    """The exit code for this kind of error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), UNEXPECTED)


def say(text: str) -> None:
    """Print a line on standard error."""
    typer.echo(text, err=True)


def say_error(error: ParallaxError, as_json: bool) -> None:
    """Print what happened and what to do, without a traceback."""
    if as_json:
        show_json({"error": {"kind": error.kind, "message": error.message, "hint": error.hint}})
    else:
        say(f"Error: {error.message} {error.hint}".rstrip())


def show_json(value: Any) -> None:
    """Print ``value`` as JSON; dates are in ISO 8601."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=_plain))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table as wide as the terminal. In a pipe no cell is cut."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    if not console.is_terminal:
        console = Console(width=10_000)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console.print(table, markup=False, highlight=False, soft_wrap=not console.is_terminal)


def _cell(value: Any) -> Any:
    from rich.text import Text

    return Text("" if value is None else str(value))


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else str(value)
