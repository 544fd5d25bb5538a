"""Questions, and the people who answer them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from core.text import clean_text
from core.types.plain import Frozen

Language = Literal["en", "zh"]
ScaleKind = Literal["ordinal", "nominal"]
WeightStatus = Literal["applied", "unit", "none"]
Age = Literal["18-29", "30-49", "50+"]
Sex = Literal["female", "male"]
Education = Literal["lower", "middle", "higher"]
GroupDimension = Literal["all", "age", "sex", "education", "age_x_sex"]
QuestionKind = Literal["value", "attitude", "perception", "behaviour"]
LabelStyle = Literal["letters", "numbers"]
CleanText = Annotated[str, AfterValidator(clean_text)]
"""Text without control characters; see :func:`core.text.clean_text`."""
LANGUAGES: tuple[Language, ...] = ("en", "zh")
AGES: tuple[Age, ...] = ("18-29", "30-49", "50+")
SEXES: tuple[Sex, ...] = ("female", "male")
PLAIN_SURVEYS = ("wvs7", "edc")
"""Surveys whose questions have keys without the survey's name; see :func:`question_key`."""
EDUCATIONS: tuple[Education, ...] = ("lower", "middle", "higher")
KINDS: tuple[QuestionKind, ...] = ("value", "attitude", "perception", "behaviour")
DEFAULT_KINDS: tuple[QuestionKind, ...] = ("value", "attitude")
"""Kinds that are asked by default. A perception or a habit describes a life, not what the person values."""

LADDER_STEPS = 6
"""Least number of options that makes an ordinal question a ladder: it is asked with numbers, and its options are
printed upwards or downwards only.
"""

FIRST_EDITION: Literal[1] = 1
NEWEST_EDITION: Literal[2] = 2
"""The editions of the question bank. The second corrects the wording of some items and asks ladders with numbers."""

# "I" is left out: as a first token it is far more often the English pronoun than the ninth label.
LABELS: tuple[str, ...] = tuple("ABCDEFGHJK")


def number_labels(k: int) -> tuple[str, ...]:
    """The ``k`` numbers that label ``k`` options, each a single digit: 1 to ``k``, or 0 to 9 where ``k`` is 10.

    Most tokenizers write "10" as "1" and "0". The first token of 10 is then that of 1, and an endpoint that reports
    only the first token cannot tell them apart. A digit is one token in every vocabulary.

    >>> number_labels(3), number_labels(10)[0]
    (('1', '2', '3'), '0')
    """
    return tuple(str(place) for place in (range(10) if k == 10 else range(1, k + 1)))


class LocalText(Frozen):
    """One text in both prompt languages."""

    en: CleanText = Field(min_length=1)
    zh: CleanText = Field(min_length=1)

    def get(self, language: Language) -> str:
        """The text in ``language``."""
        return self.en if language == "en" else self.zh


class Option(Frozen):
    """One option of a closed question; ``code`` is the survey's own code for it."""

    code: int
    text: LocalText


class Ladder(Frozen):
    """What the ends of a numbered scale mean, and the question without the sentence that explains the scale."""

    stem: LocalText
    low: LocalText
    high: LocalText


class EarlierWording(Frozen):
    """The text that an item had up to the edition ``until`` of the bank, that edition included."""

    until: int = Field(ge=FIRST_EDITION)
    stem: LocalText
    options: tuple[Option, ...]
    ladder: Ladder | None = None


class Question(Frozen):
    """A closed question. ``options`` are in the order of the scale, which may differ from the order of their codes.

    ``polarity`` is +1 where a later option means more of what ``short`` names, -1 where it means less, and 0 on a
    nominal question. ``survey`` is ``None`` for a question that a user typed; it has no human reference. ``second_to``
    names the question that asks for the first choice from the same list, where this one asks for the second.

    ``kind`` says what the answer describes: a value, an attitude, a perception or a behaviour; ``None`` where nobody
    has classified it. ``battery`` is the block of the questionnaire in which the item stands: items of one block are
    not independent. ``steps`` is ``uneven`` where the distances between options are not equal, and ``middle`` is
    ``hard_to_say`` where the middle option says "hard to say". ``ladder`` has the parts of a numbered scale.
    ``wording`` is the edition of the bank that last changed the text, and ``earlier`` has the texts before.
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
    # Empty fields are left out, because the dumped form of a typed question is part of the ids of its cells.
    kind: QuestionKind | None = Field(default=None, exclude_if=lambda kind: kind is None)
    battery: str = Field(default="", exclude_if=lambda name: not name)
    steps: Literal["even", "uneven"] = Field(default="even", exclude_if=lambda steps: steps == "even")
    middle: Literal["", "hard_to_say"] = Field(default="", exclude_if=lambda middle: not middle)
    ladder: Ladder | None = Field(default=None, exclude_if=lambda ladder: ladder is None)
    wording: int = Field(default=FIRST_EDITION, ge=FIRST_EDITION, exclude_if=lambda edition: edition == FIRST_EDITION)
    earlier: tuple[EarlierWording, ...] = Field(default=(), exclude_if=lambda texts: not texts)

    @model_validator(mode="after")
    def _codes_are_distinct(self) -> Self:
        if len(set(self.codes)) != len(self.options):
            raise ValueError(f"{self.id}: an option code appears twice")
        if (self.scale == "nominal") != (self.polarity == 0):
            raise ValueError(f"{self.id}: polarity is 0 on nominal questions and only there")
        return self

    @property
    def key(self) -> str:
        """The key of the question among those of all surveys; see :func:`question_key`."""
        return question_key(self.survey, self.id)

    @property
    def codes(self) -> tuple[int, ...]:
        """Option codes in scale order."""
        return tuple(option.code for option in self.options)

    @property
    def is_ladder(self) -> bool:
        """Whether the question has :data:`LADDER_STEPS` or more ordered options and so is asked with numbers."""
        return self.scale == "ordinal" and len(self.options) >= LADDER_STEPS

    def at(self, edition: int) -> Question:
        """The question with the text that it had in ``edition`` of the bank."""
        before = [text for text in self.earlier if text.until >= edition]
        if edition >= self.wording or not before:
            return self
        found = min(before, key=lambda text: text.until)
        since = max((t.until + 1 for t in self.earlier if t.until < found.until), default=FIRST_EDITION)
        texts = {"stem": found.stem, "options": found.options, "ladder": found.ladder}
        return self.model_copy(update={**texts, "wording": since})


def question_key(survey: str | None, question_id: str) -> str:
    """The key of a question: its id alone for the shipped survey, the shipped dilemmas and typed questions, else
    ``survey:id``.

    Two surveys may use the same id for different questions, so an id alone is not unique. An id that begins with the
    name of its survey is its own key.

    >>> question_key("wvs7", "Q3"), question_key("ess11", "Q3")
    ('Q3', 'ess11:Q3')
    """
    if survey is None or survey in PLAIN_SURVEYS or question_id.startswith(f"{survey}:"):
        return question_id
    return f"{survey}:{question_id}"


class Persona(Frozen):
    """The person that the model is asked to answer as. In the empty persona the model answers for itself."""

    country: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    age: Age | None = None
    sex: Sex | None = None
    education: Education | None = None

    @property
    def key(self) -> str:
        """The persona as text, ``country|age|sex|education``; a missing attribute is an empty text."""
        return f"{self.country or ''}|{self.age or ''}|{self.sex or ''}|{self.education or ''}"

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The persona of a :attr:`key`. Raises ``ValueError`` for any other text."""
        parts = key.split("|")
        if len(parts) != 4:
            raise ValueError(f"not a persona key: {key!r}")
        names = ("country", "age", "sex", "education")
        return cls.model_validate({n: p or None for n, p in zip(names, parts, strict=True)})

    @property
    def is_empty(self) -> bool:
        """Whether no attribute is given, so that the model answers for itself."""
        return self.key == "|||"


class Variant(Frozen):
    """How a question is put: prompt language, order of the options, paraphrase, labels.

    ``order`` has positions in ``Question.options``; the option at the first position is printed first. Empty means the
    order of the scale. ``labels`` says whether letters or numbers label the options.
    """

    language: Language = "en"
    order: tuple[int, ...] = ()
    paraphrase: int = 0
    # Letters are left out: the dumped form is part of cell ids from before there were numbers.
    labels: LabelStyle = Field(default="letters", exclude_if=lambda style: style == "letters")


class Reference(Frozen):
    """How a group of people answered: the share of each option (sum 1), with its source.

    ``matched`` is ``exact`` where the survey has the group that was asked for, and ``country`` where the whole country
    stands in for it.
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
    """All ``k`` rotations of ``0..k-1``: each option is printed once at each place.

    >>> cyclic_orders(3)
    ((0, 1, 2), (1, 2, 0), (2, 0, 1))
    """
    return tuple(tuple((start + i) % k for i in range(k)) for start in range(k))


def both_directions(k: int) -> tuple[tuple[int, ...], ...]:
    """The two orders in which the ``k`` steps of a ladder may be printed: upwards and downwards.

    >>> both_directions(3)
    ((0, 1, 2), (2, 1, 0))
    """
    return tuple(range(k)), tuple(reversed(range(k)))


def as_scale_order(codes: Iterable[int], printed: Iterable[int], mass: Iterable[float]) -> tuple[float, ...]:
    """``mass``, given in the order of the ``printed`` codes, in the order of ``codes``.

    >>> as_scale_order((1, 2, 3), (3, 1, 2), (0.5, 0.2, 0.3))
    (0.2, 0.3, 0.5)
    """
    by_code = dict(zip(printed, mass, strict=True))
    return tuple(by_code[code] for code in codes)
