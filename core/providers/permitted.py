"""The models that a public demonstration may ask: those at hand that cost nothing, and those that its settings name."""

from __future__ import annotations

from core.errors import RefusedByProvider, said
from core.providers.local.recipe import BUILTIN
from core.settings import settings
from core.types import Model


def may_ask(model: Model) -> bool:
    """Whether ``model`` may be asked here. Outside a public demonstration every model may."""
    now = settings()
    return not now.public or model.remote_id == BUILTIN or model.provider == "mock" or model.id in now.models_in_public


def check_model(model: Model) -> None:
    """Raise :class:`RefusedByProvider` unless ``model`` may be asked here."""
    if not may_ask(model):
        raise RefusedByProvider(said("public_model", name=model.name))
