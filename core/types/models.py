"""Models, and what can be read from them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from core.types.plain import Frozen
from core.types.questions import Settled

Method = Literal["full", "top_k", "sampled"]


class Origin(Frozen):
    """Where a model comes from: region of the base model's developer and of whoever tuned it."""

    base: str
    tuner: str

    @property
    def label(self) -> str:
        """One word where both agree, ``base/tuner`` where they differ."""
        return self.base if self.base == self.tuner else f"{self.base}/{self.tuner}"


class Capabilities(Frozen):
    """What a model lets us read. ``logprobs`` decides the method: full, top-k, or sampled where there is none."""

    logprobs: Literal["full", "top_k", "none"]
    top_k: int | None = None
    temperature: bool = True
    top_p: bool = True
    seed: bool = True
    reasoning: bool = False

    @property
    def method(self) -> Method:
        """The method of an option distribution that these capabilities allow."""
        return "sampled" if self.logprobs == "none" else self.logprobs


class Model(Frozen):
    """One entry of the catalogue. What its maker has not published stays ``None``."""

    id: str
    name: Settled
    provider: str
    endpoint: str | None = None
    remote_id: str
    revision: str | None = None
    origin: Origin
    developer: Settled
    family: Settled
    parameters: float | None = Field(default=None, description="billions", gt=0)
    tuning: str | None = None
    chat: bool = True
    languages: tuple[str, ...] = ()
    capabilities: Capabilities
    licence: str | None = None
    link: str
    key_variable: str | None = None
    request_body: str = Field(default="", description="a JSON object that every request carries besides")
    note: str = ""
    retires: date | None = Field(default=None, description="day from which the name is not answered by this model")
    successor: str = Field(default="", description="catalogue id of what its maker names instead")
    redirects: bool = Field(default=False, description="the old name is, or will be, answered by the successor")
    verified: date | None = Field(default=None, description="day when the entry was last held against its sources")
    confirmed: bool = Field(default=True, description="false where the sources did not confirm the entry")
    always_thinks: bool = Field(default=False, description="its thinking cannot be switched off")
    probabilities_with: str = Field(default="", description="reasoning setting with which it gives log-probabilities")

    def retired(self, today: date) -> bool:
        """Whether the name is no longer answered by this model on ``today``."""
        return self.retires is not None and self.retires <= today
