"""Questions, and the people who answer them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from core.text import settled
from core.types.plain import Frozen

Language = Literal["en", "zh"]
ScaleKind = Literal["ordinal", "nominal"]
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
PLAIN_SURVEYS = ("wvs7", "edc")
"""Sources whose questions go by their id alone, as they did before there could be others."""
EDUCATIONS: tuple[Education, ...] = ("lower", "middle", "higher")


# "I" is left out: as a first token it is far more often the English pronoun than the ninth label.
LABELS: tuple[str, ...] = tuple("ABCDEFGHJK")


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
    def key(self) -> str:
        """The name under which the question is found among those of every survey; see :func:`question_key`."""
        return question_key(self.survey, self.id)

    @property
    def codes(self) -> tuple[int, ...]:
        """Option codes in scale order."""
        return tuple(option.code for option in self.options)


def question_key(survey: str | None, question_id: str) -> str:
    """A question's id where it is of the shipped survey, of the shipped dilemmas or of none, else ``survey:id``.

    Surveys choose their ids without regard to each other, so an id alone names a question only within its survey.

    >>> question_key("wvs7", "Q3"), question_key("ess11", "Q3")
    ('Q3', 'ess11:Q3')
    """
    return question_id if survey is None or survey in PLAIN_SURVEYS else f"{survey}:{question_id}"


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


def cyclic_orders(k: int) -> tuple[tuple[int, ...], ...]:
    """All ``k`` rotations of ``0..k-1``: each option stands once in each place."""
    return tuple(tuple((start + i) % k for i in range(k)) for start in range(k))


def as_scale_order(codes: Iterable[int], printed: Iterable[int], mass: Iterable[float]) -> tuple[float, ...]:
    """Reorder ``mass``, given in ``printed`` code order, to the order of ``codes``."""
    by_code = dict(zip(printed, mass, strict=True))
    return tuple(by_code[code] for code in codes)
