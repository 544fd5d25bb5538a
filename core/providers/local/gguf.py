"""Finds the recipe of a model: the built-in one, one of the catalogue, a file of the user, or one of the hub."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.errors import Said, Unreachable, said
from core.providers.local.fetch import sha256
from core.providers.local.hub_file import ask_hub
from core.providers.local.manifest import sources
from core.providers.local.recipe import (
    BUILTIN,
    SMOLLM2,
    Recipe,
    gguf_name,
    hub_gguf,
    own_gguf,
    recipe_for,
    recipe_for_file,
)
from core.providers.local.tuned import fetched_as
from core.settings import settings
from core.types import Model

_HASHES = "hashes.json"


def known_recipe(model: Model) -> Recipe | None:
    """The recipe of ``model`` as far as it is known without asking the hub or reading a large file.

    ``None`` where the model is no GGUF file, or is one whose SHA-256 this computer has not computed yet. The recipe of
    an adapter is that of its base.
    """
    wanted = fetched_as(model)
    if wanted is None:
        return None
    model = wanted
    if model.remote_id == BUILTIN:
        return SMOLLM2
    if model.weights is not None:
        return recipe_for(model, model.weights)
    path = own_gguf(model)
    if path is not None:
        known = _known_hash(path)
        return recipe_for_file(model, known, path.stat().st_size, path) if known else None
    place = hub_gguf(model)
    if place is None:
        return None
    made = sources(settings().cache_dir, model.remote_id)
    return recipe_for_file(model, made[0], 1, place) if made else None


def find_recipe(model: Model) -> Recipe | None:
    """The recipe of ``model``; ``None`` where it is no GGUF file.

    It hashes a file of the user once, and asks the hub about a file there unless the app is offline. Raises
    :class:`Unreachable`.
    """
    wanted = fetched_as(model)
    if wanted is None:
        return None
    model = wanted
    path = own_gguf(model)
    if path is not None and model.weights is None:
        return _own_recipe(model, path)
    place = hub_gguf(model)
    if place is None or model.weights is not None:
        return known_recipe(model)
    facts = None if settings().offline else ask_hub(place)
    if facts is not None:
        return recipe_for_file(model, facts.sha256, facts.size, place)
    known = known_recipe(model)
    if known is None:
        raise Unreachable(_unseen(model))
    return known


def _unseen(model: Model) -> Said:
    return said("hub_offline", model=model.name) if settings().offline else said("hub_unreachable", model=model.name)


def is_gguf(model: Model) -> bool:
    """Whether ``model`` is made from a GGUF file."""
    return model.remote_id == BUILTIN or model.weights is not None or bool(own_gguf(model) or hub_gguf(model))


def _own_recipe(model: Model, path: Path) -> Recipe:
    try:
        size = path.stat().st_size
        return recipe_for_file(model, _hash_of(path), size, path)
    except OSError as error:
        made = sources(settings().cache_dir, model.remote_id)
        if made:  # only the converted folder is needed
            return recipe_for_file(model, made[0], 1, path)
        raise Unreachable(said("no_gguf", model=model.name, name=gguf_name(model.remote_id))) from error


def _hash_of(path: Path) -> str:
    known = _known_hash(path)
    if known:
        return known
    found = sha256(path)
    folder = settings().cache_dir
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"{_HASHES}.new"
    fresh.write_text(json.dumps({**_read_hashes(), str(path): [*_look(path), found]}), "utf-8")
    fresh.replace(folder / _HASHES)
    return found


def _known_hash(path: Path) -> str | None:
    entry = _read_hashes().get(str(path))
    try:
        return str(entry[2]) if isinstance(entry, list) and entry[:2] == _look(path) else None
    except (OSError, IndexError):
        return None


def _look(path: Path) -> list[int]:
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns]


def _read_hashes() -> dict[str, Any]:
    try:
        found: Any = json.loads((settings().cache_dir / _HASHES).read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # absent or damaged: files are read again
    return found if isinstance(found, dict) else {}
