"""``models``: lists the catalogue and what can be asked here, fetches weights and removes them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.output import AsJson, say, show_json, show_table
from core.cli.shared import fetch_weights
from core.cli.stop import stoppable
from core.errors import InputError

if TYPE_CHECKING:
    from core.providers.local.recipe import Recipe
    from core.types import Model, Terms

app = typer.Typer(help="Models of the catalogue.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def models(context: typer.Context, as_json: AsJson = False) -> None:
    """List the models of the catalogue and whether each can be asked here."""
    if context.invoked_subcommand is None:
        _show([_row(model) for model in _known().values()], as_json)


@app.command("list")
def list_models(
    local: Annotated[bool, typer.Option("--local", help="Only models that run on this computer, with sizes.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the models; with --local, say which are on this computer and what fetching the others takes."""
    if local:
        rows = [_local_row(model) for model in _known().values() if model.provider == "local"]
    else:
        rows = [_row(model) for model in _known().values()]
    _show(rows, as_json)


@app.command("fetch")
def fetch(
    model_id: Annotated[str, typer.Argument(help="Which model; the built-in one unless given.")] = "",
    accept_terms: Annotated[
        bool, typer.Option("--accept-terms", help="Accept the terms that stand before the model's weights.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch the weights of a local model. A fetch that was stopped goes on from where it was."""
    from core.providers.local.gguf import find_recipe
    from core.providers.local.hub import find_folder, find_revision
    from core.providers.local.recipe import BUILTIN

    known = _known()
    chosen = model_id or next(name for name, model in known.items() if model.remote_id == BUILTIN)
    model = _local(known, chosen)
    with stoppable("Stopping; what was fetched is kept, and fetching goes on there.") as stop:
        recipe = find_recipe(model)
        if recipe is None:
            say(f"Fetching {model.remote_id} …")
            folder = find_folder(model, find_revision(model), stop)
        else:
            if recipe.terms is not None:
                _ask_terms(recipe.terms, chosen, accept_terms, stop)
            folder = fetch_weights(recipe, stop)
    if as_json:
        show_json({"id": chosen, "folder": str(folder)})
    else:
        typer.echo(str(folder))


@app.command("remove")
def remove(
    model_id: Annotated[str, typer.Argument(help="Whose weights to remove from this computer.")],
    as_json: AsJson = False,
) -> None:
    """Remove the weights of a local model from this computer, and say how much space that frees."""
    from core.providers.local.remove import remove_weights

    freed = remove_weights(_local(_known(), model_id))
    if as_json:
        show_json({"id": model_id, "freed_bytes": freed})
    else:
        typer.echo(f"{freed / 1e6:,.0f} MB freed")


@app.command("check")
def check(model_id: Annotated[str, typer.Argument(help="Which hosted model.")], as_json: AsJson = False) -> None:
    """Measure with about a dozen small requests what the endpoint of a hosted model supports."""
    from core.providers import get_provider
    from core.providers.hosted.measure import measure
    from core.providers.hosted.openai_like import OpenAILikeProvider

    known = _known()
    if model_id not in known:
        raise InputError(f"There is no model “{model_id}” in the catalogue.", "See: python -m core models")
    provider = get_provider(known[model_id].provider)
    if not isinstance(provider, OpenAILikeProvider):
        raise InputError(f"“{model_id}” is not behind an endpoint of OpenAI's kind, so there is nothing to measure.")
    found = measure(provider, known[model_id])
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        show_table(["found", "what Parallax does"], [[one.message(), one.hint()] for one in found.told()])


def state_of(model: Model) -> str:
    """``ready``, or what is missing: a key, a library, or weights that are not on this computer."""
    import os

    from core.providers.local.hub import is_here
    from core.providers.local.libraries import missing_libraries

    if model.key_variable and not os.environ.get(model.key_variable):
        return f"needs {model.key_variable}"
    if model.provider == "local" and missing_libraries():
        return f"needs {', '.join(missing_libraries())}"
    if model.provider == "local":
        return "ready" if is_here(model) else "to fetch"
    return "ready"


def _known() -> dict[str, Model]:
    from core.catalogue import load_catalogue

    found = load_catalogue()
    for problem in found.problems:
        say(f"{problem.message} {problem.hint}")
    return dict(found.models)


def _local(known: dict[str, Model], model_id: str) -> Model:
    if model_id not in known:
        raise InputError(f"There is no model “{model_id}” in the catalogue.", "See: python -m core models")
    if known[model_id].provider != "local":
        raise InputError(f"“{model_id}” does not run on this computer, so it has no weights here.")
    return known[model_id]


def _ask_terms(terms: Terms, model_id: str, accept_now: bool, stop: Any) -> None:
    """Show ``terms`` unless they were accepted before, and ask the user to accept them.

    Where there is no terminal, go on only if ``accept_now`` is true.
    """
    from core.providers.local.terms import accept, accepted, read_terms

    if accepted(terms) is not None:
        return
    say(f"{terms.title} ({terms.link})\n\n{read_terms(terms, stop)}\n")
    if not accept_now:
        asked = sys.stdin.isatty() and typer.confirm(f"Do you accept the {terms.title}?", err=True)
        if not asked:
            raise InputError(
                f"These weights are only for people who accept the {terms.title}, shown above.",
                f"If you do: python -m core models fetch {model_id} --accept-terms",
            )
    entry = accept(terms)
    say(f"Accepted on {entry.date}; the terms' SHA-256 is {entry.sha256}.")


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        show_json(rows)
    else:
        show_table(list(rows[0]) if rows else [], [list(row.values()) for row in rows])


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


def _local_row(model: Model) -> dict[str, Any]:
    """Sizes in MB, empty where they are unknown before the hub is asked; seconds as measured here before."""
    from core.providers.local.gguf import known_recipe
    from core.providers.local.remove import bytes_here
    from core.providers.local.speed import cost_of

    recipe: Recipe | None = known_recipe(model)
    state = state_of(model)
    cost = cost_of(recipe) if recipe is not None and state != "ready" else None
    return {
        "id": model.id,
        "name": model.name,
        "state": state,
        "MB here": round(bytes_here(model) / 1e6),
        "MB to fetch": None if cost is None else round(cost.fetch_bytes / 1e6),
        "MB then": None if cost is None else round(cost.disk_bytes / 1e6),
        "seconds": None if cost is None or cost.seconds is None else round(cost.seconds),
    }
