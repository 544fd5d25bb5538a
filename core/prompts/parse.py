"""From a written answer back to an option, a refusal, or neither. Never a default.

An answer that names one option is that option; one that names several is invalid unless it concludes on one; one
that names none is a refusal where it says so, else invalid.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from core.types import Frozen, Outcome

_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_MARKUP = re.compile(r"[*_`#>~“”\"「」『』【】《》]+|\\boxed|[{}$]")
_LABEL = r"[A-HJK]"
_LEAD = (
    r"(?:(?:my |the |final )*(?:answer|choice|option|selection|response)\s*(?:is|would be|:|=)?|"
    r"i(?:'d| would| will)?\s*(?:choose|pick|select|go with|say)|"
    r"(?:我的|正确|最终)?(?:答案|选择|选项|回答)\s*(?:是|为|应该是)?|我(?:会|想|倾向于)?(?:选择|选)|选择?)"
)
_STATED = re.compile(rf"{_LEAD}\s*[:：]?\s*(?:option|选项)?\s*[(\[]?\s*({_LABEL})(?![A-Za-z'’])", re.IGNORECASE)
_BARE = re.compile(rf"^\W*({_LABEL})\s*(?:$|[).:,;、。\]\n-])")
_LETTER_ALONE = re.compile(rf"(?<![A-Za-z'’])({_LABEL})(?=\s*(?:$|[).:,;、。\]]))")
_NUMBER = re.compile(r"^\W*(\d{1,2})(?:\s*(?:/|out of|分之)\s*\d{1,2})?(?=\s*(?:$|[).:,;、。分\n–—-]))")
_STATED_NUMBER = re.compile(
    rf"(?:{_LEAD}|(?:rating|score|number|level) (?:of|is)|打)\s*[:：]?\s*(\d{{1,2}})(?![\d.]\d|\d|%)", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"\b(?:i (?:can ?not|can't|won't|will not|am unable|'m unable)|i'm (?:sorry|not able)|i am not able|as an ai|"
    r"as a language model|i (?:do not|don't) have (?:personal|any)|decline to|prefer not to (?:answer|say))|"
    r"作为(?:一个|一名)?(?:人工智能|AI|语言模型)|我(?:无法|不能|没有个人)|抱歉|对不起|拒绝回答|不便(?:回答|表态)",
    re.IGNORECASE,
)

ROLE_DROPPED = re.compile(
    r"\b(?:as an (?:ai|artificial intelligence)\b|as a (?:large )?language model|i(?:'m| am) (?:just |only )?an? (?:ai|"
    r"artificial intelligence|language model|chatbot))|作为(?:一个|一名)?(?:人工智能|AI|大?语言模型)|"
    r"我(?:只)?是(?:一个|一名)?(?:人工智能|AI|大?语言模型)",
    re.IGNORECASE,
)
"""An answer that leaves the person it was asked to be."""

_NAMED = re.compile(r"(?<![A-Za-z'])(A(?!\s+(?!(?:and|or)\b)[a-z])|[B-HJK])(?![A-Za-z'])")
_YES_NO = re.compile(r"\W*(?:(?:yes|no|true|false|yeah|nope)\b|(?:是的?|不是|对|不对|有|没有)(?=\W|$))", re.IGNORECASE)
_OPENING_LABEL = re.compile(rf"^\W*{_LABEL}\s*[).:,;、。\]\n-]+\s*")


class Parsed(Frozen):
    """``place`` is the printed position of the option named, ``None`` for a refusal or an invalid answer."""

    outcome: Outcome
    place: int | None = None


def _normal(text: str) -> str:
    """Plain characters without markup, and without the thoughts that some models write before their answer."""
    plain = unicodedata.normalize("NFKC", _THOUGHT.sub("", text)).replace("’", "'")
    return re.sub(r"[ \t]+", " ", _MARKUP.sub("", plain)).strip()


def _fold(text: str) -> str:
    return re.sub(r"[\s\W_]+", " ", _normal(text)).strip().casefold()


def _distinct(places: Sequence[int]) -> int | None:
    return places[0] if len(set(places)) == 1 else None


def _by_label(text: str, labels: Sequence[str]) -> int | None:
    """The option whose letter is given: as the whole answer, as its opening, or stated in a sentence."""
    if match := _BARE.match(text):
        label = match[1]
        others = {found for found in _LETTER_ALONE.findall(text) if found != label}
        if label in labels and not others & set(labels):
            return labels.index(label)
        if stated := [labels.index(m) for m in _STATED.findall(text) if m in labels]:
            return _distinct(stated)
        return None
    stated = [labels.index(found.upper()) for found in _STATED.findall(text) if found.upper() in labels]
    return _distinct(stated) if stated else None


def _by_text(text: str, options: Sequence[str]) -> int | None:
    """The one option whose words the answer holds; a longer option hides a shorter one that it contains."""
    padded = f" {_fold(text)} "
    cjk = re.search(r"[一-鿿]", padded) is not None
    held: list[int] = []
    for place in sorted(range(len(options)), key=lambda i: -len(options[i])):
        words = _fold(options[place])
        needle = words if cjk else f" {words} "
        if words and not words.isdigit() and needle in padded:
            held.append(place)
            padded = padded.replace(needle, " ")
    return _distinct(held) if held else None


def _by_number(text: str, options: Sequence[str]) -> int | None:
    """The option that is, or opens with, the number the answer opens with or states."""
    match = _NUMBER.match(text)
    numbers = [match[1]] if match else _STATED_NUMBER.findall(text)
    hits = [i for number in numbers for i, o in enumerate(options) if re.match(rf"\s*{int(number)}(?!\d)", o)]
    return _distinct(hits) if hits else None


def parse_answer(text: str, labels: Sequence[str], options: Sequence[str]) -> Parsed:
    """Which option ``text`` names. ``labels`` and ``options``, their texts as printed, stand in printed order."""
    plain = _normal(text)
    if not plain:
        return Parsed(outcome="invalid")
    for place in (_by_label(plain, labels), _by_number(plain, options)):
        if place is not None:
            return Parsed(outcome="option", place=place)
    if _REFUSAL.search(plain):
        return Parsed(outcome="refusal")
    place = _by_text(plain, options)
    return Parsed(outcome="invalid") if place is None else Parsed(outcome="option", place=place)


def named_labels(text: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The distinct labels that stand alone in ``text``, in order of appearance; the English article is none."""
    return tuple(label for label in dict.fromkeys(_NAMED.findall(_normal(text))) if label in labels)


def explained_place(text: str, options: Sequence[str]) -> int | None:
    """The one option whose words stand after the opening letter of an answer; ``None`` where none or several do."""
    plain = _normal(text)
    rest = _OPENING_LABEL.sub("", plain, count=1)
    return None if rest == plain else _by_text(rest, options)


def another_kind(text: str, options: Sequence[str]) -> bool:
    """Whether ``text`` opens like the answer to another kind of question: yes or no, a number, a question in return.

    Only where no option of this one opens so.
    """
    plain, folded = _normal(text), [_fold(option) for option in options]
    if _YES_NO.match(plain) and not any(_YES_NO.match(option) for option in folded):
        return True
    if re.match(r"\W*\d", plain) and not any(re.match(r"\d", option) for option in folded):
        return True
    return plain.endswith(("?", "？"))
