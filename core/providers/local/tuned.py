"""Models that were tuned here: where their folders are, their cards, and the model whose weights they rest on.

Such a model has the ``remote_id`` ``tuned:<id>``. Its folder holds ``card.json`` and either a low-rank adapter in the
form of the library peft, which needs the weights of the base model, or all weights of a fully tuned model.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from core.errors import DataError, Unreachable, said
from core.settings import DATA, settings
from core.types import Model
from core.types.tuned import Card

PREFIX = "tuned:"
CARD = "card.json"
ADAPTER, WHOLE = "adapter_model.safetensors", "model.safetensors"
SHIPPED = "adapters"


def places() -> tuple[Path, ...]:
    """The folders that hold folders of tuned models: the user's own, then the shipped one.

    A model that the user tuned again replaces the shipped one of its name, of which only the card may have shipped.
    """
    return settings().adapters_dir, DATA / SHIPPED


def tuned_folders() -> list[Path]:
    """Every folder with a card, each name once, in the order of :func:`places`."""
    found: dict[str, Path] = {}
    for place in places():
        for folder in sorted(place.iterdir()) if place.is_dir() else ():
            if not folder.name.startswith(".") and (folder / CARD).is_file():
                found.setdefault(folder.name, folder)
    return list(found.values())


class Cards(NamedTuple):
    """Cards by id, and the problems of those that cannot be read."""

    known: dict[str, Card]
    problems: list[DataError]


def read_cards() -> Cards:
    """The cards of all tuned models, the user's own and the shipped ones."""
    found = Cards({}, [])
    for folder in tuned_folders():
        try:
            card = read_card(folder)
        except DataError as error:
            found.problems.append(error)
        else:
            found.known[card.id] = card
    return found


def read_card(folder: Path) -> Card:
    """The card in ``folder``. Raises :class:`DataError` where it is missing or damaged."""
    path = folder / CARD
    try:
        return _read(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise DataError(said("tuned_card", name=folder.name, reason=error.strerror or error)) from error


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> Card:
    """``changed`` is the time of the file, so that a card that was written again is read again."""
    try:
        card = Card.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise DataError(said("tuned_card", name=path.parent.name, reason=reason)) from error
    if card.id != path.parent.name:
        raise DataError(said("tuned_renamed", name=path.parent.name, id=card.id))
    return card


def is_tuned(model: Model) -> bool:
    """Whether ``model`` was tuned here."""
    return model.provider == "local" and model.remote_id.startswith(PREFIX)


def folder_of(model: Model) -> Path:
    """The folder of a tuned ``model``. Raises :class:`Unreachable` where there is none."""
    name = Path(model.remote_id.removeprefix(PREFIX)).name
    for folder in (place / name for place in places()):
        if (folder / CARD).is_file():
            return folder
    raise Unreachable(said("tuned_missing", model=model.name, folder=settings().adapters_dir))


def card_of(model: Model) -> Card | None:
    """The card of ``model``; ``None`` where it was not tuned here.

    Raises as :func:`folder_of` and :func:`read_card`.
    """
    return read_card(folder_of(model)) if is_tuned(model) else None


def weights_path(model: Model) -> Path:
    """The file with what was tuned. It is missing where a shipped model has only its card."""
    folder = folder_of(model)
    return folder / (ADAPTER if read_card(folder).method == "lora" else WHOLE)


def base_of(model: Model) -> Model:
    """The model that was tuned; ``model`` itself where it was not tuned here."""
    card = card_of(model)
    return model if card is None else card.base


def fetched_as(model: Model) -> Model | None:
    """The model whose weights must be on this computer before ``model`` can be loaded.

    That is the base of an adapter, ``None`` for a fully tuned model, and otherwise ``model`` itself.
    """
    card = card_of(model)
    if card is None:
        return model
    return card.base if card.method == "lora" else None


def require_weights(model: Model) -> Path:
    """The file of a tuned ``model``, which has the hash that its card names.

    Raises :class:`Unreachable` where the file did not ship or is damaged.
    """
    card, path = read_card(folder_of(model)), weights_path(model)
    if not path.is_file():
        raise Unreachable(said("tuned_no_weights", model=model.name, name=model.id))
    if hashlib.sha256(path.read_bytes()).hexdigest() != card.weights_sha256:
        raise Unreachable(said("tuned_damaged", model=model.name, folder=path.parent))
    return path
