"""The built-in model as the benchmarks ask it."""

from __future__ import annotations

from core.catalogue import load_catalogue
from core.providers.local.builtin import BUILTIN
from core.types import Model


def builtin_model() -> Model:
    """Its entry in the catalogue."""
    return next(model for model in load_catalogue().models.values() if model.remote_id == BUILTIN)
