"""The nouns of Parallax, as frozen pydantic models.

Every other module speaks in these. They hold data and the few facts that follow from it alone; they read no
file, call no model and know no interface text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from core.safe_text import settled

Language = Literal["en", "zh"]
ScaleKind = Literal["ordinal", "nominal"]
Method = Literal["full", "top_k", "sampled"]
Outcome = Literal["option", "refusal", "invalid", "text", "error"]
WeightStatus = Literal["applied", "unit", "none"]
Age = Literal["18-29", "30-49", "50+"]
Sex = Literal["female", "male"]
Education = Literal["lower", "middle", "higher"]
GroupDimension = Literal["all", "age", "sex", "education", "age_x_sex"]

Settled = Annotated[str, AfterValidator(settled)]
"""Text without characters that no screen shows and some readers stumble over."""

LANGUAGES: tuple[Language, ...] = ("en", "zh")
AGES: tuple[Age, ...] = ("18-29", "30-49", "50+")
SEXES: tuple[Sex, ...] = ("female", "male")
EDUCATIONS: tuple[Education, ...] = ("lower", "middle", "higher")

# "I" is left out: as a first token it is far more often the English pronoun than the ninth label.
LABELS: tuple[str, ...] = tuple("ABCDEFGHJK")


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal text on every machine."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(value: Any, length: int = 64) -> str:
    """First ``length`` hex digits of the SHA-256 of ``canonical_json(value)``."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:length]


class Frozen(BaseModel):
    """Base of all nouns: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalText(Frozen):
    """One text in the two prompt languages."""

    en: Settled = Field(min_length=1)
    zh: Settled = Field(min_length=1)

    def get(self, language: Language) -> str:
        """The text in ``language``."""
        return self.en if language == "en" else self.zh


class Option(Frozen):
    """One answer of a closed question; ``code`` is the survey's own code for it."""

    code: int
    text: LocalText


class Question(Frozen):
    """A closed question. ``options`` stand in scale order, which need not be the order of their codes.

    ``polarity`` is +1 where a later option means more of what ``short`` names, -1 where it means less, and 0 on
    a nominal question. Without a ``survey`` the question was typed by the user and has no human reference.
    ``second_to`` names the question whose first choice this one asks the second of, from the same list.
    """

    id: str
    survey: str | None = None
    topic: str
    short: LocalText
    stem: LocalText
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=len(LABELS))]
    scale: ScaleKind
    polarity: Literal[-1, 0, 1]
    note: str = ""
    second_to: str = Field(default="", exclude_if=lambda name: not name)

    @model_validator(mode="after")
    def _codes_are_distinct(self) -> Self:
        if len(set(self.codes)) != len(self.options):
            raise ValueError(f"{self.id}: an option code appears twice")
        if (self.scale == "nominal") != (self.polarity == 0):
            raise ValueError(f"{self.id}: polarity is 0 on nominal questions and only there")
        return self

    @property
    def codes(self) -> tuple[int, ...]:
        """Option codes in scale order."""
        return tuple(option.code for option in self.options)


class Persona(Frozen):
    """Whom the model is asked to answer as. The empty persona is the model answering for itself."""

    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    age: Age | None = None
    sex: Sex | None = None
    education: Education | None = None

    @property
    def key(self) -> str:
        """Stable text form, ``country|age|sex|education``; empty attributes stay empty."""
        return "|".join(part or "" for part in (self.country, self.age, self.sex, self.education))

    @classmethod
    def from_key(cls, key: str) -> Self:
        """Inverse of :attr:`key`. Raises ``ValueError`` on anything else."""
        parts = key.split("|")
        if len(parts) != 4:
            raise ValueError(f"not a persona key: {key!r}")
        names = ("country", "age", "sex", "education")
        return cls.model_validate({n: p or None for n, p in zip(names, parts, strict=True)})

    @property
    def is_empty(self) -> bool:
        """True for the no-persona twin."""
        return self.key == "|||"


class Variant(Frozen):
    """How a question is put: prompt language, order of the options, paraphrase.

    ``order`` holds positions in ``Question.options``: the option printed first comes first. Empty means scale order.
    """

    language: Language = "en"
    order: tuple[int, ...] = ()
    paraphrase: int = 0


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


class Reference(Frozen):
    """How real people answered: shares by option (sum 1), with where they come from.

    ``matched`` tells how near the group is to the one asked for: ``exact``, or ``country`` where only the country
    as a whole is known.
    """

    question_id: str
    country: str
    dimension: GroupDimension
    group: str
    codes: tuple[int, ...]
    shares: tuple[float, ...]
    n: int
    n_eff: float
    weight_status: WeightStatus
    year: int
    survey: str
    matched: Literal["exact", "country"]


class Call(Frozen):
    """What a provider tells about one call, next to its answer."""

    rendered_prompt: str
    top_tokens: tuple[TopToken, ...] = ()
    latency_s: float
    tokens_in: int | None = None
    tokens_out: int | None = None


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


class Cell(Frozen):
    """One question x persona x variant x model x sample; ``kind`` says whether options or a text are asked for.

    A free prompt is a cell without a question: ``text`` is what the user typed. ``tag`` is the audit's own name for
    what is special about the cell (stored, never shown to the model). ``detail`` adds lines to the description of the
    person, in the prompt language; ``history`` holds earlier turns put before the prompt. ``template`` names another
    wording of the prompt. ``memory`` holds the ids of cells that are to be asked before, in order of preference, of
    which at most ``recall`` are replayed as ``history`` once they are answered; the id of the cell rests on it instead.
    """

    kind: Literal["options", "text"]
    model: Model
    question: Question | None = None
    text: str | None = None
    persona: Persona = Persona()
    variant: Variant = Variant()
    tag: str = ""
    detail: str = ""
    history: tuple[Message, ...] = ()
    template: str = ""
    memory: tuple[str, ...] = ()
    recall: int = Field(default=0, ge=0)
    sample: int = 0
    samples: int = 1
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_tokens: int = 24

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.question is None) == (self.text is None):
            raise ValueError("a cell asks either a question or a free text")
        if self.kind == "options" and self.question is None:
            raise ValueError("options need a question")
        return self


class Response(Frozen):
    """One stored row: a cell and sample, and what came back.

    ``order`` and ``mass`` are aligned with ``codes``, which stand in printed order. ``outcome`` is ``option`` where
    an option was measured or parsed; refusals, invalid texts and errors carry no option and enter no distance.
    ``copied_from`` names the run that measured the answer where this one copied it, at ``created``.
    """

    run_id: str
    cell_id: str
    cache_key: str
    created: datetime
    kind: Literal["options", "text"]
    provider: str
    model_id: str
    model_revision: str | None
    survey: str | None
    question_id: str
    question_json: str | None
    country: str | None
    age: str | None
    sex: str | None
    education: str | None
    language: str
    paraphrase: int
    prompt_version: str
    tag: str = ""
    sample: int
    codes: tuple[int, ...]
    mass: tuple[float, ...]
    valid_mass: float | None
    method: str
    n: int | None
    text: str | None
    parsed_code: int | None
    outcome: Outcome
    error_kind: str | None
    error_text: str | None
    top_tokens: str
    rendered_prompt: str
    latency_s: float
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    copied_from: str | None = None

    @property
    def persona(self) -> Persona:
        """The persona these columns spell."""
        names = ("country", "age", "sex", "education")
        return Persona.model_validate({name: getattr(self, name) for name in names})


def cyclic_orders(k: int) -> tuple[tuple[int, ...], ...]:
    """All ``k`` rotations of ``0..k-1``: each option stands once in each place."""
    return tuple(tuple((start + i) % k for i in range(k)) for start in range(k))


def as_scale_order(codes: Iterable[int], printed: Iterable[int], mass: Iterable[float]) -> tuple[float, ...]:
    """Reorder ``mass``, given in ``printed`` code order, to the order of ``codes``."""
    by_code = dict(zip(printed, mass, strict=True))
    return tuple(by_code[code] for code in codes)
