"""``import`` and ``own``: imports a file of survey data, lists imported data, shows its account and removes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.columns import shown_and_confirmed
from core.cli.output import BAD_INPUT, AsJson, say, show_json, show_table
from core.cli.shared import bar
from core.cli.stop import stoppable
from core.errors import InputError

if TYPE_CHECKING:
    from core.surveys.importing.account import Account

app = typer.Typer(help="Survey data of one's own, as imported.", no_args_is_help=False)


def import_survey(
    file: Annotated[Path, typer.Argument(help="CSV, .sav, .dta, .rds, .RData, Parquet, .xlsx, or a zip of one.")],
    name: Annotated[str, typer.Option(help="Keep it under this name; the file's own unless given.")] = "",
    country: Annotated[str | None, typer.Option(help="Country of a file without one, such as CHN.")] = None,
    year: Annotated[int | None, typer.Option(help="Year of the fieldwork of a file without one.")] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            "--column",
            help="Which column is what, such as country=land,Q49=happy, or a CSV with the columns what and column.",
        ),
    ] = None,
    confirm: Annotated[
        bool, typer.Option("--confirm", help="Take columns that were found by a usual name, without a question.")
    ] = False,
    rest: Annotated[
        bool, typer.Option("--rest", help="Import what was understood although questions are refused.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import a survey file or a table of shares as a private reference, and print the account of it.

    Exit code 2 where questions are refused and --rest was not given: nothing is kept then.
    """
    from core.runs.bank import load_bank
    from core.runs.survey_import import STAGE, keep, name_of
    from core.surveys.importing import Options, import_file
    from core.surveys.importing.mapping import read_mapping
    from core.surveys.places import country_code

    if not file.is_file():
        raise InputError(f"There is no file “{file}”.", "Check the path.")
    place = None if country is None else country_code(country)
    if country is not None and place is None:
        raise InputError(f"There is no country “{country}”.", "Use a code such as CHN.")
    given = {what: name for text in mapping or [] for what, name in read_mapping(text).items()}
    bank = load_bank().questions
    options = Options(country=place, year=year, columns=given, confirmed=confirm)
    with stoppable("Stopping; nothing is kept.") as stop, bar("%") as tell:

        def show(part: float) -> None:
            tell(round(100 * part), 100, STAGE)

        ask = shown_and_confirmed(given, bank)
        outcome = import_file(file, bank, show, options, stop, file.name, ask)
    found = keep(name_of(name or file.name), outcome.frame, outcome.account, rest)
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        _print(found.account)
        if found.kept:
            typer.echo(f"Kept as {found.name}: {found.shares} shares, {found.questions} questions.")
    if not found.kept:
        say("Nothing was kept. To import what was understood: the same command with --rest")
        raise typer.Exit(BAD_INPUT)


@app.callback(invoke_without_command=True)
def own(context: typer.Context, as_json: AsJson = False) -> None:
    """List the private references, and whether each can be read."""
    if context.invoked_subcommand is not None:
        return
    from core.surveys import shipped_survey
    from core.surveys.private import account_of, private_names, unreadable

    left_out = {found.name: found.why.message() for found in unreadable(shipped_survey())}
    rows = []
    for name in private_names():
        account = account_of(name)
        rows.append((name, left_out.get(name, "in use"), account.file if account else None))
    if as_json:
        show_json([{"name": name, "state": state, "file": file} for name, state, file in rows])
    else:
        show_table(["name", "state", "file"], rows)


@app.command("show")
def show(name: Annotated[str, typer.Argument(help="Which private reference.")], as_json: AsJson = False) -> None:
    """Print the account of the import that made a private reference."""
    from core.surveys.private import account_of

    _known(name)
    account = account_of(name)
    if account is None:
        raise InputError(f"No account was kept with “{name}”.", "Import the file again.")
    if as_json:
        show_json(account.model_dump(mode="json"))
    else:
        _print(account)


@app.command("forget")
def forget(name: Annotated[str, typer.Argument(help="Which private reference.")], as_json: AsJson = False) -> None:
    """Remove a private reference for good, also one that cannot be read."""
    from core.surveys.private import forget_private

    _known(name)
    forget_private(name)
    if as_json:
        show_json({"name": name, "removed": True})
    else:
        typer.echo(f"{name} removed")


def _known(name: str) -> None:
    from core.surveys.private import private_names

    if name not in private_names():
        known = ", ".join(private_names()) or "none"
        raise InputError(f"There is no private reference “{name}”.", f"Known: {known}.")


def _print(account: Account) -> None:
    for line in account.lines():
        typer.echo(line.message())
