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
"""Sources whose questions go by their id alone, as they did before there could be others."""
EDUCATIONS: tuple[Education, ...] = ("lower", "middle", "higher")
KINDS: tuple[QuestionKind, ...] = ("value", "attitude", "perception", "behaviour")
DEFAULT_KINDS: tuple[QuestionKind, ...] = ("value", "attitude")
"""Kinds that are asked unless one says otherwise: a perception or a habit tells of a life, not of what is valued."""

LADDER_STEPS = 6
"""An ordinal question of so many options is a ladder: it is asked by number too, and never in a scrambled order."""

FIRST_EDITION: Literal[1] = 1
NEWEST_EDITION: Literal[2] = 2
"""Editions of the question bank. The second mends the wording of some items and asks ladders by number."""

# "I" is left out: as a first token it is far more often the English pronoun than the ninth label.
LABELS: tuple[str, ...] = tuple("ABCDEFGHJK")


def number_labels(k: int) -> tuple[str, ...]:
    """The ``k`` numbers that options are labelled with, each a single digit: 1 to ``k``, or 0 to 9 where ``k`` is 10.

    Most tokenizers write "10" as "1" and "0", so that the first token of 10 is that of 1 and an endpoint that tells
    only the first token cannot tell them apart. Digits are one token in every vocabulary.
    """
    return tuple(str(place) for place in (range(10) if k == 10 else range(1, k + 1)))


class LocalText(Frozen):
    """One text in the two prompt languages."""

    en: CleanText = Field(min_length=1)
    zh: CleanText = Field(min_length=1)

    def get(self, language: Language) -> str:
        """The text in ``language``."""
        return self.en if language == "en" else self.zh


class Option(Frozen):
    """One answer of a closed question; ``code`` is the survey's own code for it."""

    code: int
    text: LocalText


class Ladder(Frozen):
    """What the ends of a numbered scale mean, and the question without the sentence that explains the scale."""

    stem: LocalText
    low: LocalText
    high: LocalText


class EarlierWording(Frozen):
    """The text of an item up to and including the edition ``until`` of the bank."""

    until: int = Field(ge=FIRST_EDITION)
    stem: LocalText
    options: tuple[Option, ...]
    ladder: Ladder | None = None


class Question(Frozen):
    """A closed question. ``options`` stand in scale order, which need not be the order of their codes.

    ``polarity`` is +1 where a later option means more of what ``short`` names, -1 where it means less, and 0 on
    a nominal question. Without a ``survey`` the question was typed by the user and has no human reference.
    ``second_to`` names the question whose first choice this one asks the second of, from the same list.

    ``kind`` says what the answer tells of: a value, an attitude, a perception or a behaviour; ``None`` where nobody has
    said. ``battery`` is the block of the questionnaire in which the item stands: items of one block are not
    independent. ``steps`` is ``uneven`` where the options are no equal steps apart, and ``middle`` is ``hard_to_say``
    where the middle option is a "hard to say". ``ladder`` holds the parts of a numbered scale.
    ``wording`` is the edition of the bank in which the text was last changed, ``earlier`` holds the texts before.
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
    # Left out where they say nothing: the dumped form of a typed question is part of the id of its cells.
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
        """The name under which the question is found among those of every survey; see :func:`question_key`."""
        return question_key(self.survey, self.id)

    @property
    def codes(self) -> tuple[int, ...]:
        """Option codes in scale order."""
        return tuple(option.code for option in self.options)

    @property
    def is_ladder(self) -> bool:
        """Whether it has so many ordered options that it is asked by number (:data:`LADDER_STEPS` or more)."""
        return self.scale == "ordinal" and len(self.options) >= LADDER_STEPS

    def at(self, edition: int) -> Question:
        """The question with the text that it had in ``edition`` of the bank; itself where the text is as old."""
        before = [text for text in self.earlier if text.until >= edition]
        if edition >= self.wording or not before:
            return self
        found = min(before, key=lambda text: text.until)
        since = max((t.until + 1 for t in self.earlier if t.until < found.until), default=FIRST_EDITION)
        texts = {"stem": found.stem, "options": found.options, "ladder": found.ladder}
        return self.model_copy(update={**texts, "wording": since})


def question_key(survey: str | None, question_id: str) -> str:
    """A question's id where it is of the shipped survey, of the shipped dilemmas or of none, else ``survey:id``.

    Surveys choose their ids without regard to each other, so an id alone names a question only within its survey. An
    id that has the survey's name in front already is its own key.

    >>> question_key("wvs7", "Q3"), question_key("ess11", "Q3")
    ('Q3', 'ess11:Q3')
    """
    if survey is None or survey in PLAIN_SURVEYS or question_id.startswith(f"{survey}:"):
        return question_id
    return f"{survey}:{question_id}"


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
    ``labels`` says what the options are labelled with.
    """

    language: Language = "en"
    order: tuple[int, ...] = ()
    paraphrase: int = 0
    # Left out where it is the letters: it is part of the id of a cell.
    labels: LabelStyle = Field(default="letters", exclude_if=lambda style: style == "letters")


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


def both_directions(k: int) -> tuple[tuple[int, ...], ...]:
    """The two orders of ``k`` steps that leave a ladder a ladder: upwards and downwards."""
    return tuple(range(k)), tuple(reversed(range(k)))


def as_scale_order(codes: Iterable[int], printed: Iterable[int], mass: Iterable[float]) -> tuple[float, ...]:
    """Reorder ``mass``, given in ``printed`` code order, to the order of ``codes``."""
    by_code = dict(zip(printed, mass, strict=True))
    return tuple(by_code[code] for code in codes)
