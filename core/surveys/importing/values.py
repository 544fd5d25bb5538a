"""The meaning of one written value of a survey file: an option, a declared missing answer, or not understood."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Literal

from core.types import Question

Missing = Literal["missing"]
MISSING: Missing = "missing"
"""A person without an answer, where the file says so: a blank, a declared code, "don't know", "refused"."""

BLANKS = frozenset({"", ".", "na", "n/a", "#n/a", "nan", "null", "none", "<na>"})
"""Marks that programs write for a missing value; ``.a`` to ``.z`` are Stata's extended missing values."""

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_EXTENDED = re.compile(r"\.?[a-z]|\.[a-z_]")
_MISSING_WORDS = re.compile(
    r"(dk|na|dk na|no opinion|no response|(do|did|does)(nt| not| n t) know.*|don t know.*|cannot (say|choose).*"
    r"|can t (say|choose).*|no answer.*|(item )?non ?response|not answered|refus(ed|al|es)( to answer)?"
    r"|not (applicable|asked|available|ascertained).*|inapplicable|inap|missing.*|other missing.*|unknown"
    r"|不知道|说不清|無回答|无回答|未回答|拒答|拒绝回答|不适用|未询问|缺失.*|不详)"
)
_LADDER_END = re.compile(r"^(\d+)\s*[–-]\s*")


def plain_words(text: str) -> str:
    """``text`` in lower case, with single spaces and without punctuation, so that spellings can be compared.

    >>> plain_words("  Don’t know! ")
    'don t know'
    """
    return " ".join(re.sub(r"[^\w]+", " ", text.casefold()).split())


def number(text: str) -> float | None:
    """``text`` as a number, with a decimal point or a decimal comma; ``None`` for anything else.

    >>> number("2,0"), number("0.5"), number("1.234,5"), number("2018-2019")
    (2.0, 0.5, None, None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None


def whole(text: str) -> int | None:
    """``text`` as a whole number, also if written ``2.0`` or ``2,0``; else ``None``. Nothing is rounded."""
    value = number(text)
    return int(value) if value is not None and value.is_integer() and abs(value) < 1e15 else None


def says_missing(text: str) -> bool:
    """Whether the words say that there is no answer, such as "Don't know", "Refused" or "不知道"."""
    return bool(_MISSING_WORDS.fullmatch(plain_words(text)))


def is_blank(text: str | None) -> bool:
    """Whether the value is empty, or a mark that programs write for an empty value: ``NA``, ``.``, ``.a``."""
    if text is None:
        return True
    small = text.strip().casefold()
    return small in BLANKS or bool(_EXTENDED.fullmatch(small))


class Reader:
    """Reads the written values of one question.

    ``codes`` maps the file's codes to the question's where they differ. ``missing`` has the whole numbers that are
    declared as missing, ``ranges`` the ranges of further missing numbers. ``labels`` are the file's own words for its
    codes. Where they name an option, the words count and not the code, so that a scale that was reversed or counted
    from another number is read correctly.
    """

    def __init__(
        self,
        question: Question,
        labels: Mapping[str, str] | None = None,
        missing: Sequence[int] = (),
        ranges: Sequence[tuple[float, float]] = (),
        codes: Mapping[int, int] | None = None,
    ) -> None:
        self._question, self._missing, self._ranges = question, frozenset(missing), tuple(ranges)
        self._codes = {code: code for code in question.codes} if codes is None else dict(codes)
        self._words = _words_of(question)
        self._labels = {key: label for key, label in (labels or {}).items() if label.strip()}
        self._by_label = self._from_labels()

    @property
    def by_label(self) -> bool:
        """Whether the file's labels, and not its codes, say which option is which."""
        return bool(self._by_label)

    def read(self, text: str | None) -> int | Missing | None:
        """The option's code, :data:`MISSING`, or ``None`` where the value is not understood."""
        if text is None or not text.strip():
            return MISSING
        text = text.strip()
        value = number(text)
        if value is not None and any(low <= value <= high for low, high in self._ranges):
            return MISSING
        code = whole(text)
        key = str(code) if code is not None else text
        if key in self._labels and says_missing(self._labels[key]):
            return MISSING
        if code is not None:
            found = self._by_label.get(code) if self._by_label else self._codes.get(code)
            if found is not None:
                return found
            return MISSING if code in self._missing else None
        if (found := self._words.get(plain_words(text))) is not None:
            return found
        return MISSING if is_blank(text) or says_missing(text) else None

    def _from_labels(self) -> dict[int, int]:
        """The file's codes to the question's by the file's labels; empty where these say no more than the codes.

        Labels at both ends of a ladder give the direction and the first number of all steps between them.
        """
        named: dict[int, int] = {}
        for key, label in self._labels.items():
            code, option = whole(key), self._words.get(plain_words(label))
            if code is not None and option is not None:
                named[code] = option
        options = self._question.codes
        if len(set(named.values())) < len(named) or all(self._codes.get(code) == o for code, o in named.items()):
            return {}
        if len(named) == len(options):
            return named
        places = {code: options.index(option) for code, option in named.items()}
        if not {0, len(options) - 1} <= set(places.values()):
            return {}
        low = next(code for code, place in places.items() if place == 0)
        high = next(code for code, place in places.items() if place == len(options) - 1)
        if abs(high - low) != len(options) - 1:
            return {}
        step = 1 if high > low else -1
        steps = {low + step * place: option for place, option in enumerate(options)}
        return steps if all(steps.get(code) == option for code, option in named.items()) else {}


def _words_of(question: Question) -> dict[str, int]:
    """Code by the words of each option in both languages; the ends of a ladder also without their number."""
    words: dict[str, int] = {}
    twice: set[str] = set()

    def add(text: str, code: int) -> None:
        key = plain_words(text)
        if words.setdefault(key, code) != code:
            twice.add(key)

    for option in question.options:
        for text in (option.text.en, option.text.zh):
            if whole(text) is None:
                add(text, option.code)
                if question.ladder and _LADDER_END.match(text):
                    add(_LADDER_END.sub("", text), option.code)
    if question.ladder:
        for end, code in ((question.ladder.low, question.codes[0]), (question.ladder.high, question.codes[-1])):
            add(end.en, code)
            add(end.zh, code)
    return {key: code for key, code in words.items() if key and key not in twice}
