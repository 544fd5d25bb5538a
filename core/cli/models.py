"""``models``: the catalogue, what of it can be asked here, and fetching weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.output import AsJson, say, show_json, show_table
from core.cli.shared import fetch_builtin, stoppable
from core.errors import InputError

if TYPE_CHECKING:
    from core.types import Model

app = typer.Typer(help="Models of the catalogue.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models of the catalogue and whether each can be asked here."""
    if context.invoked_subcommand is not None:
        return
    from core.catalogue import load_catalogue

    found = load_catalogue()
    for problem in found.problems:
        say(f"{problem.message} {problem.hint}")
    rows = [_row(model) for model in found.models.values()]
    if as_json:
        show_json(rows)
    else:
        show_table(list(rows[0]) if rows else [], [list(row.values()) for row in rows])


@app.command("fetch")
def fetch(
    model_id: Annotated[str, typer.Argument(help="Which model; the built-in one unless given.")] = "",
    as_json: AsJson = False,
) -> None:
    """Fetch the weights of a local model, so that it can be asked without a network."""
    from core.catalogue import load_catalogue
    from core.providers.local.builtin import BUILTIN, SMOLLM2
    from core.providers.local.hub import find_folder, find_revision

    known = load_catalogue().models
    chosen = model_id or next(name for name, model in known.items() if model.remote_id == BUILTIN)
    if chosen not in known:
        raise InputError(f"There is no model “{chosen}” in the catalogue.", "See: python -m core models")
    model = known[chosen]
    if model.provider != "local":
        raise InputError(f"“{chosen}” does not run on this computer, so there is nothing to fetch.")
    with stoppable() as stop:
        if model.remote_id == BUILTIN:
            fetch_builtin(stop)
            folder = SMOLLM2.folder
        else:
            say(f"Fetching {model.remote_id} …")
            folder = find_folder(model, find_revision(model), stop)
    if as_json:
        show_json({"id": chosen, "folder": str(folder)})
    else:
        typer.echo(str(folder))


def state_of(model: Model) -> str:
    """``ready``, or what is missing: a key, a library, or weights that do not lie on this computer."""
    import os

    from core.providers.local.builtin import BUILTIN, builtin_state
    from core.providers.local.libraries import missing_libraries

    if model.key_variable and not os.environ.get(model.key_variable):
        return f"needs {model.key_variable}"
    if model.provider == "local" and missing_libraries():
        return f"needs {', '.join(missing_libraries())}"
    if model.remote_id == BUILTIN:
        return "ready" if builtin_state() == "ready" else "to fetch"
    if model.provider == "local":
        return "ready" if _is_here(model) else "to fetch"
    return "ready"


def _is_here(model: Model) -> bool:
    from core.providers.local.hub import own_folder

    folder = own_folder(model)
    if folder is not None:
        return (folder / "config.json").is_file()
    from huggingface_hub import try_to_load_from_cache

    return isinstance(try_to_load_from_cache(model.remote_id, "config.json", revision=model.revision), str)


def _row(model: Model) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "origin": model.origin.label,
        "billions": model.parameters,
        "method": model.capabilities.method,
        "state": state_of(model),
    }
