"""``runs``: lists, shows, exports, imports, verifies, compacts, aggregates and deletes runs. The app sees the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.output import BAD_DATA, AsJson, say, show_json, show_table
from core.cli.shared import about
from core.errors import DataError, InputError, said

if TYPE_CHECKING:
    import pandas as pd

    from core.store import Store

app = typer.Typer(
    help="Runs: list, show, export, import, import-log, verify, delete, compact, aggregate.", no_args_is_help=True
)
RunIds = Annotated[list[str], typer.Argument(help="Run ids.")]
MaybeRunIds = Annotated[list[str] | None, typer.Argument(help="Run ids; all of yours unless given.")]
_COLUMNS = ("run_id", "kind", "title", "status", "created", "rows", "errors", "shipped")


@app.command("list")
def list_runs(
    kind: Annotated[str | None, typer.Option(help="Only this kind, such as alignment or probe.")] = None,
    as_json: AsJson = False,
) -> None:
    """List all runs, newest first."""
    from core.store import open_store
    from core.store.files.kinds import FORMER_KINDS

    store = open_store()
    found = store.runs()
    found["status"] = _statuses(store, found)
    if kind is not None:
        found = found[found.kind == FORMER_KINDS.get(kind, kind)]
    rows = [{name: row[name] for name in _COLUMNS} for row in found.to_dict("records")]
    if as_json:
        show_json(rows)
    else:
        show_table(_COLUMNS, [[_short(value) for value in row.values()] for row in rows])
    for path, message in store.problems():
        say(f"Set aside: {path.name}: {message}")


@app.command("show")
def show(run_id: Annotated[str, typer.Argument(help="Which run.")], as_json: AsJson = False) -> None:
    """Show what a run is: spec, versions, counts, status."""
    from core.store import is_being_written, open_store

    store = open_store()
    info, path = store.info(run_id), store.path(run_id)
    runs = store.runs()
    row = runs[runs.run_id == run_id].to_dict("records")[0]
    values = about(info) | {
        "rows": row["rows"],
        "errors": row["errors"],
        "shipped": row["shipped"],
        "being_written": bool(path and is_being_written(path)),
        "path": str(path) if path else None,
    }
    if as_json:
        show_json(values)
    else:
        show_table(["", ""], [[name, _short(value)] for name, value in values.items()])


@app.command("export")
def export(
    run_ids: RunIds,
    to: Annotated[Path, typer.Option("--to", help="File to write: .parquet, .csv, .duckdb, or .zip (one whole run).")],
    grain: Annotated[str, typer.Option(help="responses or trace_steps, in .parquet and .csv.")] = "responses",
    as_json: AsJson = False,
) -> None:
    """Write runs to one file; a zip can be imported elsewhere."""
    from core.store import Selection, open_store
    from core.store.index.export import export_csv, export_duckdb, export_parquet, export_zip

    store = open_store()
    for run_id in run_ids:
        store.info(run_id)
    chosen = Selection(run_ids=tuple(run_ids))
    if grain not in ("responses", "trace_steps"):
        raise InputError(f"There is no grain “{grain}”.", "Known: responses, trace_steps.")
    match to.suffix:
        case ".parquet":
            rows = export_parquet(store, to, chosen, "trace_steps" if grain == "trace_steps" else "responses")
        case ".csv":
            rows = export_csv(store, to, chosen, "trace_steps" if grain == "trace_steps" else "responses")
        case ".duckdb":
            rows = export_duckdb(store, to, chosen)
        case ".zip":
            if len(run_ids) != 1:
                raise InputError("A zip holds one run.", "Name one run, or export as .parquet, .csv or .duckdb.")
            export_zip(store, run_ids[0], to)
            found = store.runs()
            rows = int(found.loc[found["run_id"] == run_ids[0], "rows"].sum())
        case _:
            raise InputError(f"“{to.name}” has no known ending.", "Use .parquet, .csv, .duckdb or .zip.")
    if as_json:
        show_json({"file": str(to), "rows": rows})
    else:
        typer.echo(f"{to}: {rows} rows")


@app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A run folder, or a zip of one.")], as_json: AsJson = False
) -> None:
    """Import a run from elsewhere; what is no valid run is refused with the reason."""
    from core.settings import settings
    from core.store import open_store
    from core.store.files.imports import import_run

    if not source.exists():
        raise InputError(f"There is no {source}.")
    info = import_run(source, settings().runs_dir)
    hidden = [message for path, message in open_store().problems() if path.name == info.run_id]
    for message in hidden:
        say(f"Set aside: {message}")
    if as_json:
        show_json(about(info))
    else:
        typer.echo(info.run_id)


@app.command("import-log")
def import_log_(
    source: Annotated[Path, typer.Argument(help="Samples of lm-evaluation-harness, a log of Inspect, batch results.")],
    requests: Annotated[Path | None, typer.Option(help="The requests that an OpenAI batch was made from.")] = None,
    model: Annotated[str, typer.Option(help="Who answered, where the log does not say.")] = "",
    title: Annotated[str, typer.Option(help="Title of the run; the name of the file unless given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make a run of a log of another program, and print the account of what was taken in and what was left out."""
    from core.runs.bank import load_bank
    from core.runs.logs import LogSource, import_log
    from core.store import open_store

    for path in (source, *([requests] if requests else [])):
        if not path.is_file():
            raise InputError(f"There is no file “{path}”.", "Check the path.")
    bank = load_bank()
    made = import_log(
        open_store(),
        LogSource(path=source, requests=requests, model=model.strip()),
        bank.questions,
        bank.models,
        title,
    )
    if as_json:
        show_json(made.model_dump(mode="json"))
        return
    for line in made.account.lines():
        say(line.message())
    typer.echo(made.run_id)


@app.command("verify")
def verify(run_ids: MaybeRunIds = None, as_json: AsJson = False) -> None:
    """Check every shard against its hash; exit code 3 where something is damaged."""
    from core.settings import settings
    from core.store import open_store
    from core.store.files.scan import folders

    store = open_store()
    named = [path for path in map(store.path, run_ids or []) if path is not None]
    paths = named if run_ids else folders(settings().runs_dir)
    rows = [(path.name, *_verify(path)) for path in paths]
    found = [{"run_id": name, "shards": shards, "rows": n, "problems": bad} for name, shards, n, bad in rows]
    if as_json:
        show_json(found)
    else:
        show_table(["run_id", "shards", "rows", "problems"], [[*row[:3], "; ".join(row[3]) or "none"] for row in rows])
    if any(row["problems"] for row in found):
        raise typer.Exit(BAD_DATA)


@app.command("delete")
def delete(
    run_ids: RunIds,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete runs. Shipped runs cannot be deleted."""
    from core.store import open_store

    store = open_store()
    for run_id in run_ids:
        store.info(run_id)
    if not yes:
        typer.confirm(f"Delete {', '.join(run_ids)} for good?", abort=True, err=True)
    for run_id in run_ids:
        store.delete(run_id)
    if as_json:
        show_json({"deleted": run_ids})


@app.command("compact")
def compact_(run_ids: MaybeRunIds = None, as_json: AsJson = False) -> None:
    """Merge the many small shards of finished runs into few."""
    from core.store import open_store
    from core.store.files.compact import compact
    from core.store.files.status import FINISHED

    store = open_store()
    runs = store.runs()
    runs = runs[~runs.shipped & runs.saved]
    finished = [str(run) for run, now in zip(runs.run_id, _statuses(store, runs), strict=True) if now in FINISHED]
    saved = {}
    for run_id in run_ids or finished:
        path = store.path(run_id)
        if path is not None:
            saved[run_id] = compact(path)
    if as_json:
        show_json(saved)
    else:
        show_table(["run_id", "files fewer"], saved.items())


@app.command("aggregate")
def aggregate(run_ids: MaybeRunIds = None, as_json: AsJson = False) -> None:
    """Make the aggregates through which the app opens large runs; of all of yours that are large unless some are named.

    A run that is done makes its own. This is for runs that were imported, have grown, or come from another version.
    """
    from core.runs.settle import is_large
    from core.settings import settings
    from core.store.files.scan import folders, look
    from core.store.index.make_aggregate import make_aggregate

    root = settings().runs_dir
    there = {path.name: path for path in folders(root)}
    paths = [there.get(run_id, root / run_id) for run_id in run_ids] if run_ids else list(there.values())
    rows = []
    for path in paths:
        if path.name not in there:
            raise InputError(said("no_run", run=path.name))
        if run_ids or is_large(look(path).info):
            made = make_aggregate(path)
            rows.append({"run_id": path.name, "answers": made.answers, "readings": made.readings.rows})
    if as_json:
        show_json(rows)
    else:
        show_table(["run_id", "answers", "readings"], [list(row.values()) for row in rows])


def _statuses(store: Store, runs: pd.DataFrame) -> list[str]:
    from core.store.files.status import status_now

    return [
        status_now(str(kind), str(stored), store.path(str(run)))
        for run, kind, stored in zip(runs.run_id, runs.kind, runs.status, strict=True)
    ]


def _verify(path: Path) -> tuple[int, int, list[str]]:
    from core.store.files.scan import look
    from core.store.files.shards import read_shard

    try:
        shards = look(path).shards
    except DataError as error:
        return 0, 0, [error.message]
    rows, problems = 0, []
    for name, listed in shards.items():
        try:
            rows += read_shard(path / name, listed)[0].num_rows
        except FileNotFoundError:
            problems.append(f"{name} is missing")
        except DataError as error:
            problems.append(error.message)
    return len(shards), rows, problems


def _short(value: Any) -> Any:
    return value.strftime("%Y-%m-%d %H:%M") if hasattr(value, "strftime") else value
