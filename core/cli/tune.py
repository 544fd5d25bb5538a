"""``tune``: makes models whose answers are tuned to those of people."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.output import AsJson, say, show_json
from core.cli.shared import bar, clock, fetch_weights
from core.cli.stop import stoppable
from core.errors import InputError, said

if TYPE_CHECKING:
    from core.tuning.spec import TuningOrder
    from core.tuning.train import Told
    from core.types import Card


def tune(
    specs: Annotated[list[str], typer.Argument(help="Spec files, or names of those in data/specs; one after another.")],
    into: Annotated[
        Path | None, typer.Option(help="Where to put the finished models; PARALLAX_ADAPTERS_DIR unless given.")
    ] = None,
    set_: Annotated[list[str], typer.Option("--set", help="Any field of the specs: name=value.")] = [],  # noqa: B006
    again: Annotated[bool, typer.Option("--again", help="Replace a finished model of that name there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tune models to the answers of people, as spec files say.

    A tuning that was stopped or killed goes on where it was written down. A model that is there already is not made
    again.
    """
    from core.catalogue import load_catalogue
    from core.providers.local.gguf import known_recipe
    from core.providers.local.tuned import read_card
    from core.providers.local.weights import weights_state
    from core.settings import settings
    from core.tuning.make import tune as make

    orders = [_order(name, set_) for name in specs]
    models = load_catalogue().models
    place = into or settings().adapters_dir
    made = []
    for order in orders:
        if order.spec.model not in models:
            raise InputError(said("no_model", name=order.spec.model))
        if (place / order.id).is_dir() and again:
            shutil.rmtree(place / order.id)
        if (place / order.id).is_dir():
            say(f"{order.id} is there already.")
            continue
        base = models[order.spec.model]
        with stoppable("Stopping after the prompts in hand; the training so far is written down.") as stop:
            recipe = known_recipe(base)
            if recipe is not None and weights_state(recipe) != "ready":
                fetch_weights(recipe, stop)
            say(f"{order.id}:")
            with bar("steps") as tell:
                folder = make(order, base, place, lambda told: tell(told.step, told.steps, _words(told)), stop)
        card = read_card(folder)
        say(_result(card))
        made.append(card)
    if as_json:
        show_json([card.model_dump(mode="json") for card in made])
    else:
        for card in made:
            typer.echo(card.id)


def _order(name: str, changes: list[str]) -> TuningOrder:
    from core.cli.specs import read_values, with_flags
    from core.settings import DATA
    from core.tuning.spec import TuningAudit, read_tuning

    path = Path(name)
    if not path.is_file():
        shipped = {path.stem: path for path in sorted((DATA / "specs").glob("tune-*.toml"))}
        by_id = {str(read_values(found).get("id")): found for found in shipped.values()}
        known = shipped.get(name) or by_id.get(name)
        if known is None:
            raise InputError(said("tuning_unknown", name=name, known=", ".join(shipped)))
        path = known
    values = read_values(path)
    if values.get("audit") != TuningAudit:
        raise InputError(said("tuning_is_run", file=path.name))
    spec = values.get("spec")
    return read_tuning({**values, "spec": with_flags(spec if isinstance(spec, dict) else {}, {}, changes)}, path.name)


def _words(told: Told) -> str:
    parts = [f"{told.prompts} prompts"]
    if told.point is not None:
        parts.append("divergence " + ", ".join(f"{part} {value:.3f}" for part, value in told.point.parts.items()))
    if told.seconds_left is not None:
        parts.append(f"{clock(told.seconds_left)} left")
    return "; ".join(parts)


def _result(card: Card) -> str:
    first, last = card.losses[0], next(point for point in card.losses if point.step == card.kept)
    parts = "; ".join(f"{part} {first.parts[part]:.3f} to {last.parts[part]:.3f}" for part in first.parts)
    valid = f"probability on the options {first.valid_mass:.2f} to {last.valid_mass:.2f}"
    size = f"{card.weights_bytes / 1e6:.2f} MB"
    return (
        f"Kept step {card.kept} of {card.losses[-1].step}: divergence {parts}; {valid}; {size}; {clock(card.seconds)}."
    )
