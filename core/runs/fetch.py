"""Fetches the weights that cells need and that are not on this computer yet, in a job that shows the progress."""

from __future__ import annotations

from collections.abc import Iterable

from core.providers.local.gguf import known_recipe
from core.providers.local.recipe import Recipe
from core.providers.local.weights import Stage, ensure_weights, steps, weights_state
from core.runs.jobs import Job
from core.types import Model


def to_fetch(models: Iterable[Model]) -> list[Recipe]:
    """The recipes of those of ``models`` that are made from a GGUF file and are not on this computer, each once."""
    asked = {model.remote_id: model for model in models if model.provider == "local"}
    found = map(known_recipe, asked.values())
    return [recipe for recipe in found if recipe is not None and weights_state(recipe) == "absent"]


def fetch_in(job: Job, models: Iterable[Model]) -> None:
    """Fetch what :func:`to_fetch` names, and report the progress to ``job``: bytes while fetching, then thousandths.

    Raises what :func:`core.providers.local.weights.ensure_weights` raises.
    """
    for recipe in to_fetch(models):

        def tell(stage: Stage, share: float, recipe: Recipe = recipe) -> None:
            job.advance(*steps(recipe, stage, share), stage)

        ensure_weights(recipe, tell, cancel=job)


def fetch_now(models: Iterable[Model]) -> None:
    """Fetch what :func:`to_fetch` names, and wait for it. Raises what ``ensure_weights`` raises."""
    for recipe in to_fetch(models):
        ensure_weights(recipe)
