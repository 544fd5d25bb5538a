"""Reads a question bank: one TOML file, one survey, every item checked at load."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ValidationError, model_validator

from core.errors import DataError, Said, said
from core.types import (
    DEFAULT_KINDS,
    NEWEST_EDITION,
    EarlierWording,
    Frozen,
    Ladder,
    LocalText,
    Option,
    Question,
    QuestionKind,
    ScaleKind,
)

LADDER = range(1, 11)
_SCALE = {
    "en": re.compile(r"(?P<stem>.+) Use a scale from 1 to 10, where 1 means (?P<low>.+) and 10 means (?P<high>.+)\."),
    "zh": re.compile(r"(?P<stem>.+)请在1到10之间选一个数，1表示(?P<low>.+)，10表示(?P<high>.+)。"),
}


class _CodedText(Frozen):
    code: int
    en: str
    zh: str


class _Ladder(Frozen):
    """Ten numbered options of which only the ends have words."""

    low: LocalText
    high: LocalText


class _OptionSet(Frozen):
    """Named options: either written in full, or the two ends of a ladder."""

    options: tuple[_CodedText, ...] = ()
    ladder: _Ladder | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if bool(self.options) == (self.ladder is not None):
            raise ValueError("give either options or a ladder")
        return self

    def expand(self) -> tuple[Option, ...]:
        """The options in scale order."""
        if self.ladder is not None:
            return tuple(_rung(code, self.ladder) for code in LADDER)
        return tuple(Option(code=o.code, text=LocalText(en=o.en, zh=o.zh)) for o in self.options)


class _Text(Frozen):
    """The stem and the options of an item as written in the file, before the options are looked up."""

    stem: LocalText
    option_set: str | None = None
    options: tuple[_CodedText, ...] = ()
    ladder: _Ladder | None = None

    def expand(self, sets: Mapping[str, _OptionSet]) -> tuple[Option, ...]:
        """Its options, from its own text or from ``sets``. Raises ``ValueError``."""
        if self.option_set is None:
            return _OptionSet(options=self.options, ladder=self.ladder).expand()
        if self.options or self.ladder is not None:
            raise ValueError("give either an option_set or options of its own")
        if self.option_set not in sets:
            raise ValueError(f"there is no option_set “{self.option_set}”")
        return sets[self.option_set].expand()

    def parts(self, sets: Mapping[str, _OptionSet]) -> dict[str, Any]:
        """The parts of a question that this text gives: stem, options, ladder. Raises ``ValueError``."""
        of_set = sets.get(self.option_set) if self.option_set else None
        is_ladder = self.ladder is not None or (of_set is not None and of_set.ladder is not None)
        return {"stem": self.stem, "options": self.expand(sets), "ladder": _scale_of(self.stem) if is_ladder else None}


class _Earlier(_Text):
    """An ``[[question.earlier]]``: the text up to and including the edition ``until``."""

    until: int


class _Entry(_Text):
    """One ``[[question]]`` as written in the file."""

    id: str
    topic: str
    short: LocalText
    kind: QuestionKind | None = None
    battery: str = ""
    steps: Literal["even", "uneven"] = "even"
    middle: Literal["", "hard_to_say"] = ""
    scale: ScaleKind
    polarity: int
    note: str = ""
    second_to: str = ""
    wording: int = 1
    earlier: tuple[_Earlier, ...] = ()


def _scale_of(stem: LocalText) -> Ladder:
    """The parts of a stem that ends by explaining a scale from 1 to 10. Raises ``ValueError``."""
    found = {}
    for language, pattern in _SCALE.items():
        match = pattern.fullmatch(stem.en if language == "en" else stem.zh)
        if match is None:
            raise ValueError(f"the {language} stem of a ladder does not end with what 1 and 10 mean")
        found[language] = match.groupdict()
    names = ("stem", "low", "high")
    return Ladder(**{name: LocalText(en=found["en"][name], zh=found["zh"][name]) for name in names})


def _rung(code: int, ladder: _Ladder) -> Option:
    end = {LADDER[0]: ladder.low, LADDER[-1]: ladder.high}.get(code)
    if end is None:
        return Option(code=code, text=LocalText(en=str(code), zh=str(code)))
    return Option(code=code, text=LocalText(en=f"{code} – {end.en}", zh=f"{code}——{end.zh}"))


def _reason(error: ValueError) -> str:
    """The first error in one line, with the field where it occurs."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _damaged(path: Path, where: str | Said, reason: str | Said) -> DataError:
    return DataError(said("data_entry", file=path.name, where=where, what=reason))


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise _damaged(path, said("part_whole_file"), error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _damaged(path, said("part_whole_file"), str(error)) from error


def _option_sets(path: Path, raw: Any) -> dict[str, _OptionSet]:
    if not isinstance(raw, dict):
        raise _damaged(path, "option_sets", said("part_named_sets"))
    sets = {}
    for name, value in raw.items():
        try:
            sets[name] = _OptionSet.model_validate(value)
        except ValueError as error:
            raise _damaged(path, f"option_set {name}", _reason(error)) from error
    return sets


def _question(path: Path, place: int, raw: Any, survey: str, sets: Mapping[str, _OptionSet]) -> Question:
    name = raw.get("id") if isinstance(raw, dict) else None
    where = f"item {name}" if name else f"item number {place}"
    try:
        entry = _Entry.model_validate(raw)
        fields = entry.model_dump(exclude={"stem", "option_set", "options", "ladder", "earlier"})
        earlier = tuple(EarlierWording(until=text.until, **text.parts(sets)) for text in entry.earlier)
        return Question.model_validate({**fields, **entry.parts(sets), "survey": survey, "earlier": earlier})
    except ValueError as error:
        raise _damaged(path, where, _reason(error)) from error


def load_questions(path: Path) -> dict[str, Question]:
    """All questions of the bank at ``path`` by id, in file order.

    Reads the file at each call; the caller caches. Ladders become ten options, codes 1 to 10. Raises
    :class:`DataError`, naming the file and the item, where the file is missing, unreadable or breaks the schema.
    """
    raw = _read(path)
    survey = raw.get("survey")
    if not isinstance(survey, str) or not survey:
        raise _damaged(path, said("part_head"), said("part_no_survey"))
    entries = raw.get("question")
    if not isinstance(entries, list) or not entries:
        raise _damaged(path, said("part_whole_file"), said("part_no_entries", name="question"))
    sets = _option_sets(path, raw.get("option_sets", {}))
    questions: dict[str, Question] = {}
    for place, entry in enumerate(entries, start=1):
        question = _question(path, place, entry, survey, sets)
        if question.id in questions:
            raise _damaged(path, f"item {question.id}", said("part_id_twice"))
        questions[question.id] = question
    for question in questions.values():
        first = questions.get(question.second_to) if question.second_to else question
        if first is None or first.codes != question.codes:
            raise _damaged(path, f"item {question.id}", said("part_second_to", name=question.second_to))
    return questions


def topics(questions: Mapping[str, Question]) -> tuple[str, ...]:
    """Topic ids in the order in which they first appear in ``questions``."""
    return tuple(dict.fromkeys(question.topic for question in questions.values()))


def of_kinds(questions: Mapping[str, Question], kinds: Collection[QuestionKind] = DEFAULT_KINDS) -> dict[str, Question]:
    """Those of ``questions`` whose kind is one of ``kinds``, in their order; by default values and attitudes.

    Questions without a kind, such as typed ones, are left out; they are asked by name.
    """
    return {name: question for name, question in questions.items() if question.kind in kinds}


def among_kinds(questions: Mapping[str, Question], kinds: Collection[QuestionKind] = DEFAULT_KINDS) -> tuple[str, ...]:
    """Ids of those of ``questions`` that figures about ``kinds`` use, in their order.

    Questions without a kind, such as those of a survey that names none, are included, because they may be of any kind.
    """
    return tuple(name for name, question in questions.items() if question.kind is None or question.kind in kinds)


def at_edition(questions: Mapping[str, Question], edition: int = NEWEST_EDITION) -> dict[str, Question]:
    """``questions`` with the texts of ``edition``, see :meth:`Question.at`."""
    return {name: question.at(edition) for name, question in questions.items()}


def batteries(questions: Mapping[str, Question]) -> dict[str, str]:
    """Battery by question id; a question without one is a battery of its own, named by its id."""
    return {name: question.battery or name for name, question in questions.items()}
