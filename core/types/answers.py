"""What a provider is asked, and what comes back."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from core.types.models import Method, Model
from core.types.plain import Frozen


class Message(Frozen):
    """One turn of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Frozen):
    """Messages ready for a provider, and the version of the template that made them."""

    messages: tuple[Message, ...]
    version: str


class TopToken(Frozen):
    """A likely first token and its probability."""

    text: str
    probability: float = Field(ge=0, le=1 + 1e-6)


class OptionDistribution(Frozen):
    """Probability on each option of a question, before and after renormalising.

    ``mass`` is what was read on each option (0..1, same order as ``codes``); its sum is ``valid_mass``; the rest
    lay elsewhere and is never guessed. ``n`` counts samples and is ``None`` where probabilities were read directly.
    """

    codes: tuple[int, ...]
    mass: tuple[float, ...]
    method: Method
    n: int | None = None

    @model_validator(mode="after")
    def _is_a_distribution(self) -> Self:
        if len(self.codes) != len(self.mass):
            raise ValueError("codes and mass differ in length")
        if any(m < -1e-9 for m in self.mass) or self.valid_mass > 1 + 1e-4:
            raise ValueError("mass is negative or sums to more than 1")
        return self

    @property
    def valid_mass(self) -> float:
        """Probability on any option, 0..1."""
        return float(sum(self.mass))

    @property
    def probabilities(self) -> tuple[float, ...]:
        """``mass`` renormalised to sum to 1; all NaN where no mass lies on any option."""
        total = self.valid_mass
        return tuple(m / total if total > 0 else float("nan") for m in self.mass)


class Call(Frozen):
    """What a provider tells about one call, next to its answer.

    ``served_model`` and ``served_fingerprint`` are the name and the system fingerprint that the endpoint gives of what
    answered; ``None`` where it gives none.
    """

    rendered_prompt: str
    top_tokens: tuple[TopToken, ...] = ()
    latency_s: float
    tokens_in: int | None = None
    tokens_out: int | None = None
    served_model: str | None = None
    served_fingerprint: str | None = None


class OptionRequest(Frozen):
    """Ask for the distribution over labels. ``labels`` and ``codes`` stand in printed order."""

    model: Model
    messages: tuple[Message, ...]
    labels: tuple[str, ...]
    codes: tuple[int, ...]
    samples: int = Field(default=1, ge=1)
    temperature: float | None = None
    seed: int | None = None


class TextRequest(Frozen):
    """Ask for a text. ``temperature`` None or 0 means greedy where the model allows it.

    ``top_p`` keeps the likeliest words that hold so much of the probability; ``None`` leaves that to the model.
    """

    model: Model
    messages: tuple[Message, ...]
    max_tokens: int = Field(default=64, ge=1, le=4096)
    temperature: float | None = None
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None


class OptionAnswer(Frozen):
    """A provider's answer to an :class:`OptionRequest`; the distribution keeps the request's printed order.

    ``refused`` where the model or its endpoint's filter declined, each time where it was sampled.
    """

    distribution: OptionDistribution
    call: Call
    refused: bool = False


class TextAnswer(Frozen):
    """A provider's answer to a :class:`TextRequest`; ``finish`` tells why the text ends."""

    text: str
    finish: Literal["stop", "length", "refusal", "cancelled"]
    call: Call
