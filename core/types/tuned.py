"""The card of a model that was tuned here: what it was made from, with what, and how the training went."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from core.types.computing import Computation
from core.types.models import Model
from core.types.plain import Frozen
from core.types.questions import LocalText

TunedBy = Literal["lora", "full"]


class LossPoint(Frozen):
    """The losses after ``step`` steps; step 0 is the base model.

    ``train`` is the mean Kullback-Leibler divergence of the steps since the point before, in nats; ``None`` at step 0.
    ``parts`` has that divergence on fixed prompts that were never trained on, by part: ``countries`` (trained questions
    in other countries), ``questions`` (other questions in trained countries), and on prompts of the training part
    (``seen``). ``valid_mass`` is the mean probability on any label over these prompts, 0..1.
    """

    step: int = Field(ge=0)
    train: float | None = None
    parts: dict[str, float] = Field(default_factory=dict)
    valid_mass: float | None = None


class Card(Frozen):
    """What is known of one tuned model; ``card.json`` in its folder.

    ``base`` is the catalogue entry of the model that was tuned, and ``base_revision`` its exact version. ``spec`` is
    what ``tune`` was given. ``seen`` and ``held_out`` are the questions and countries of the training and of the other
    parts. ``even`` and ``average`` are the divergences that an even guess and the mean of the trained countries have on
    the same prompts as the parts of :class:`LossPoint`. ``kept`` is the step whose weights were kept. ``stopped`` says
    why training ended: the last step, or no gain on the validation part. ``weights_sha256`` is that of the file of
    weights.
    """

    id: str = Field(pattern=r"^tuned-[a-z0-9.-]{1,60}$")
    title: LocalText
    note: LocalText
    base: Model
    base_revision: str
    method: TunedBy
    spec: dict[str, Any]
    data: str
    seen: dict[str, tuple[str, ...]]
    held_out: dict[str, tuple[str, ...]]
    losses: tuple[LossPoint, ...]
    even: dict[str, float] = Field(default_factory=dict)
    average: dict[str, float] = Field(default_factory=dict)
    kept: int
    stopped: Literal["steps", "early"]
    prompts: int
    seconds: float
    parameters: int
    computed: Computation
    libraries: dict[str, str]
    created: datetime
    weights_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    weights_bytes: int
