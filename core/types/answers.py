"""What a provider is asked, and what it answers."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from core.types.models import Method, Model
from core.types.plain import Frozen

LITTLE_MASS = 0.5
"""With less of the probability than this on its options, a model was mostly about to say something else."""


class Message(Frozen):
    """One turn of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


class Prompt(Frozen):
    """Messages ready for a provider, and the version of the template that made them."""

    messages: tuple[Message, ...]
    version: str


class TopToken(Frozen):
    """One of the likeliest first tokens, with its probability (0..1)."""

    text: str
    probability: float = Field(ge=0, le=1 + 1e-6)


class OptionDistribution(Frozen):
    """Probability on each option of a question, before and after renormalising.

    ``mass`` is the probability that was read on each option (0..1, in the order of ``codes``). Its sum is
    ``valid_mass``; the rest lay on other tokens and is not distributed over the options. ``n`` counts samples and is
    ``None`` where probabilities were read directly.

    >>> OptionDistribution(codes=(1, 2), mass=(0.25, 0.25), method="full").probabilities
    (0.5, 0.5)
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
        """The sum of ``mass``: probability that lies on any option, 0..1."""
        return float(sum(self.mass))

    @property
    def probabilities(self) -> tuple[float, ...]:
        """``mass`` renormalised to sum to 1; all NaN where no mass lies on any option."""
        total = self.valid_mass
        return tuple(m / total if total > 0 else float("nan") for m in self.mass)


class Call(Frozen):
    """What a provider reports of one call beside its answer.

    ``served_model`` and ``served_fingerprint`` are the name and the system fingerprint that the endpoint gives for the
    model that answered; ``None`` where it gives none. ``settings`` is what the provider sent besides what was asked
    for, because it had found that the endpoint needs it: a JSON object such as ``{"cache_prompt":false}``, or ``""``.
    """

    rendered_prompt: str
    top_tokens: tuple[TopToken, ...] = ()
    latency_s: float
    tokens_in: int | None = None
    tokens_out: int | None = None
    served_model: str | None = None
    served_fingerprint: str | None = None
    settings: str = ""


class OptionRequest(Frozen):
    """Asks for the distribution over the labels of the options. ``labels`` and ``codes`` are in printed order."""

    model: Model
    messages: tuple[Message, ...]
    labels: tuple[str, ...]
    codes: tuple[int, ...]
    samples: int = Field(default=1, ge=1)
    temperature: float | None = None
    seed: int | None = None


class TextRequest(Frozen):
    """Asks for a text. With ``temperature`` ``None`` or 0 the likeliest token is taken where the model allows that.

    ``top_p`` restricts sampling to the likeliest tokens that together have this probability (0..1); ``None`` leaves the
    choice to the model.
    """

    model: Model
    messages: tuple[Message, ...]
    max_tokens: int = Field(default=64, ge=1, le=4096)
    temperature: float | None = None
    top_p: float | None = Field(default=None, gt=0, le=1)
    seed: int | None = None


class OptionAnswer(Frozen):
    """A provider's answer to an :class:`OptionRequest`; the distribution is in the printed order of the request.

    ``refused`` is true where the model or a filter of its endpoint declined to answer; where answers were sampled,
    where it declined every time.
    """

    distribution: OptionDistribution
    call: Call
    refused: bool = False


class TextAnswer(Frozen):
    """A provider's answer to a :class:`TextRequest`; ``finish`` says why the text ended."""

    text: str
    finish: Literal["stop", "length", "refusal", "cancelled"]
    call: Call
