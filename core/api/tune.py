"""Tunes models to the answers of people from a notebook."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from core.catalogue import load_catalogue
from core.errors import InputError, said
from core.providers.local.tuned import read_card
from core.runs.fetch import fetch_now
from core.tuning.make import tune as make
from core.tuning.spec import Tuning, TuningOrder
from core.types import Card, LocalText

if TYPE_CHECKING:
    from core.cancel import CancelToken
    from core.tuning.train import Told


def tune(
    spec: Tuning,
    id: str,
    title: str = "",
    *,
    into: Path | None = None,
    on_progress: Callable[[Told], None] | None = None,
    cancel: CancelToken | None = None,
) -> Card:
    """Tune a local model as ``spec`` says, and return the card of the new model, whose name in the catalogue is ``id``.

    ``px.ask``, ``px.run`` and the pages can ask it from then on. A tuning that was stopped goes on where it was. Raises
    as :func:`core.tuning.make.tune`.

    >>> import core as px
    >>> spec = px.Tuning(model="smollm2-135m-instruct", train_batteries=["confidence"], countries=["CHN"])
    >>> spec.steps * spec.prompts_per_step
    1600
    """
    models = load_catalogue().models
    if spec.model not in models:
        raise InputError(said("no_model", name=spec.model))
    base = models[spec.model]
    fetch_now([base])
    words = LocalText(en=title or id, zh=title or id)
    order = TuningOrder(id=id, title=words, note=words, spec=spec)
    return read_card(make(order, base, into, on_progress, cancel))
