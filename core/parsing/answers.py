"""Reads a written answer as an option, a refusal, or neither. It never falls back on a default option.

An answer that names one option is that option. An answer that names several is invalid unless it concludes on one. An
answer that names none is a refusal where it says so, otherwise invalid. An option that is only denied is not named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.parsing.clauses import clauses, fold, is_own, plain
from core.parsing.letters import SEVERAL, without_echo, without_lists
from core.types import Frozen, Outcome

_LABEL = rf"(?P<label>[A-HJK{SEVERAL}])"
_ENDS = (
    r"(?![A-Za-z'])(?!\s+(?!(?:because|since|as|for|here|over|if|although|though|on|rather|instead|would|is)\b)[a-z])"
    r"(?!\s*(?:/|和|或|与|and\b|or\b))"
)
_LEAD = (
    r"\b(?:answer|choice|option|selection|response|pick|letter)\s*(?:is|was|would be|=)?|"
    r"\b(?:choose|choosing|chose|pick|picking|select|selecting|go(?:ing)? (?:with|for)|say|"
    r"lean(?:ing)?(?: to| towards?)?|guess|suppose|opt(?:ing)? for|prefer|settle on|mean)|"
    r"\b(?:best|closest|right|correct|most \w+|fitting)(?: (?:fit|match|option|answer|choice|one|description))?"
    r"(?: for \w+)? (?:is|would be)|"
    r"\b(?:it'?s|it is|that'?s|that is|i'm|probably|perhaps|maybe|likely|definitely|i think|would be)|"
    r"(?:答案|选择|选项|回答|结论|字母|答)\s*(?:应该?[是为]|是|为|=)?|选择?|倾向于|可能是|应该是|也许是?|或许是?|大概是?|那就|还是|(?:符合|接近)[^A-Z]{0,8}是"
)
_STATED = re.compile(rf"(?i:{_LEAD})\s*[)\]]?\s*:?\s*(?i:option|the letter|选项|是)?\s*[(\[]?\s*{_LABEL}{_ENDS}")
_OPENING = re.compile(rf"^\W*{_LABEL}(?:\s*[):\]]|\s*\.(?![A-Za-z]\.)|\s+-)", re.MULTILINE)
_BARE = re.compile(
    rf"^(?:[^:]*:|(?i:and|then|thus|hence|therefore|overall|not|sure|ok|okay)|是)?\W*{_LABEL}(?:项|选项|吧)?\W*$"
)
_FITS = re.compile(rf"{_LABEL}\s*[更最](?:符合|接近|合适)")
_LOWER = re.compile(r"^\W*([a-hjk])\W*$")
_COMPARED = re.compile(r"\s*(?:\b(?:rather than|instead of|over|not)\b|而不是|而非)\s*[A-K]\b", re.IGNORECASE)

_DIGITS = r"(?<![\d.])(?P<number>\d{1,2})"
_NUMBER_ENDS = (
    r"(?:\s*(?:/|out of)\s*\d{1,2})?(?![\d.%]*\d|%)(?!\s*(?:-|–|~|to|and|or|到|至|或|和)\s*\d)"
    r"(?=\s*(?:$|[).,:;!?。、(\]\n–-]|分|左右|because\b|since\b|as\b|for\b|on\b))"
)
_NUMBER = re.compile(rf"^\W*{_DIGITS}{_NUMBER_ENDS}")
_STATED_NUMBER = re.compile(
    rf"(?:{_LEAD}|\b(?:rat(?:e|ing)|score|number|level|give|put|place|at|mean)\b|打|给出?|评分?|分数)"
    rf"(?:\s*(?:is|of|it|this|that|a|an|at|myself|as|:|=|是|为))*\s*{_DIGITS}{_NUMBER_ENDS}",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    **{word: n for n, word in enumerate(re.findall(r"\w+", "zero one two three four five six seven eight nine ten"))},
    **{word: n for n, word in enumerate("零一二三四五六七八九十")},
}

_ROLE_DROPPED = (
    r"\bas an (?:ai|artificial intelligence)\b|\bas a (?:large )?language model|"
    r"\bi(?:'m| am) (?:just |only )?an? (?:ai|artificial intelligence|language model|chatbot)\b|"
    r"作为(?:一个|一名)?(?:人工智能|AI|大?语言模型)|我(?:只)?是(?:一个|一名)?(?:人工智能|AI|大?语言模型)"
)
ROLE_DROPPED = re.compile(_ROLE_DROPPED, re.IGNORECASE)
"""An answer that drops the persona it was given."""

_REFUSAL = re.compile(
    r"\bi (?:can ?not|can't|won't|will not|am unable to|must|am not able to)(?: \w+ly)? "
    r"(?:answer|choose|pick|select|decide|say|tell|give|provide|offer|express|take|make|share|help|assist|comment|"
    r"respond|have|do|decline|refuse|rate|speak)\b|"
    r"\bi(?:'m| am) (?:unable|not able|not comfortable|sorry)\b|\bsorry, (?:but )?i can|\bi'll pass\b|\bno comment\b|"
    r"\bi (?:do not|don't) (?:have|hold) (?:personal|any)|\bi have no (?:personal|opinion)|\bdecline to|"
    r"\b(?:prefer|rather) not (?:to )?(?:answer|say|choose|take)|\bappropriate for me to\b|\bnot appropriate for me\b|"
    r"我(?:暂时)?(?:无法|不能|没有个人)|没有(?:自己|个人)的?(?:立场|观点|看法)|抱歉|对不起|拒绝回答|"
    rf"不便.{{0,6}}(?:回答|表态|发表|评论)|恕我|无可奉告|不予置评|换个话题|{_ROLE_DROPPED}",
    re.IGNORECASE,
)

_NAMED = re.compile(r"(?<![A-Za-z'])(A(?!\s+(?!(?:and|or)\b)[a-z])|[B-HJK])(?![A-Za-z'])")
_YES_NO = re.compile(r"\W*(?:(?:yes|no|true|false|yeah|nope)\b|(?:是的?|不是|对|不对|有|没有)(?=\W|$))", re.IGNORECASE)
_OPENING_LABEL = re.compile(r"^\W*[A-HJK]\s*[).:,;、。\]\n-]+\s*")
_FILLER = r"(?:(?:so|then|and|well|hmm|oh|definitely|i(?: would|'d)? (?:say|answer|think)|(?:my|the) answer is) )*"
_PRONOUN = r"(?: (?:with |in )?(?:them|it|him|her|this))?"


class Parsed(Frozen):
    """``place`` is the printed position of the option named, ``None`` for a refusal or an invalid answer."""

    outcome: Outcome
    place: int | None = None


def _distinct(places: Sequence[int]) -> int | None:
    return places[0] if len(set(places)) == 1 else None


def _meant(pattern: re.Pattern[str], text: str, group: str) -> Iterator[str]:
    """The matches of ``pattern`` in the clauses of ``text`` that are neither denied nor said by others."""
    for clause in clauses(text):
        for match in pattern.finditer(_COMPARED.sub("", clause)):
            if is_own(clause[: match.start(group)]):
                yield match[group]


def _by_label(text: str, labels: Sequence[str]) -> int | None:
    """The option whose letter is stated in a sentence; else the one whose letter is the answer or a part by itself."""
    if lower := _LOWER.match(text):
        text = lower[1].upper()
    text = without_lists(text)
    known = (*labels, SEVERAL)
    stated = [found for pattern in (_STATED, _FITS) for found in _meant(pattern, text, "label") if found in known]
    if stated:
        return _one_of([*stated, *_listed_after(text, stated[-1])], labels)
    alone = [match["label"] for match in _OPENING.finditer(text)] + list(_meant(_BARE, text, "label"))
    return _one_of([found for found in alone if found in known], labels)


def _listed_after(text: str, last: str) -> list[str]:
    """Single letters that follow in the line after the statement of ``last``: “Answer: A. Very much, C. Not at all”."""
    ends = [match.end("label") for match in _STATED.finditer(text) if match["label"] == last]
    return list(_meant(_BARE, text[ends[-1] :].partition("\n")[0], "label")) if ends else []


def _one_of(found: Sequence[str], labels: Sequence[str]) -> int | None:
    """The place of the only label in ``found``; ``None`` for a list of several."""
    return None if SEVERAL in found else _distinct([labels.index(label) for label in found if label in labels])


def _by_text(text: str, options: Sequence[str]) -> int | None:
    """The only option whose words are in the answer; a longer option hides a shorter one that it contains."""
    parts = [fold(clause) for clause in clauses(text)]
    found: list[int] = []
    for place in sorted(range(len(options)), key=lambda i: -len(options[i])):
        pattern = _words_of(options[place], [o for at, o in enumerate(options) if at != place])
        if pattern is None:
            continue
        for at, part in enumerate(parts):
            found += [place] * any(is_own(part[: match.start("words")]) for match in pattern.finditer(part))
            parts[at] = pattern.sub(" ", part)
    return _distinct(found) if found else None


def _words_of(option: str, others: Sequence[str]) -> re.Pattern[str] | None:
    """The pattern of a folded clause that gives the words of ``option``; ``None`` for an option that is only a number.

    The first clause of a longer option is enough where no other option begins with it: “Protecting the environment”.
    """
    told = clauses(plain(option))
    starts = {clauses(plain(other))[:1] == told[:1] for other in others}
    words = re.sub(r"^\d{1,2} ", "", fold(told[0] if told and True not in starts else option))
    if not words or words.isdigit():
        return None
    if re.search(r"[一-鿿]", words):
        # A single character is part of many words, so it counts only as a whole clause.
        one = rf"^(?:(?:我的)?(?:回答|答案|选择) ?[是为]? ?)?(?P<words>{words})的?$"
        return re.compile(one if len(words) == 1 else rf"(?P<words>{re.escape(words)})")
    if len(words) <= 3:
        return re.compile(rf"^{_FILLER}(?P<words>{re.escape(words)})(?= (?:i|it|we|they)\b|$)")
    pieces = [re.escape(word) for word in words.split()]
    ways = [f"{_PRONOUN} ".join(pieces)]
    if len(pieces) == 2 and words.endswith("ly"):  # “agree strongly” is also said “strongly agree”
        ways.append(" ".join(reversed(pieces)))
    return re.compile(rf"(?<![\w'])(?P<words>{'|'.join(ways)})(?![\w'])")


def _by_number(text: str, options: Sequence[str]) -> int | None:
    """The option that is, or begins with, the number that the answer begins with or states."""
    word = _NUMBER_WORDS.get(re.sub(r"\W|分", "", text).lower())
    match = _NUMBER.match(text)
    if word is not None or match:
        numbers = [str(word)] if word is not None else [match["number"]] if match else []
    else:
        numbers = list(_meant(_STATED_NUMBER, text, "number"))
    hits = [i for number in numbers for i, o in enumerate(options) if re.match(rf"\s*{int(number)}(?!\d)", o)]
    return _distinct(hits) if hits else None


def parse_answer(text: str, labels: Sequence[str], options: Sequence[str]) -> Parsed:
    """Which option ``text`` names. ``labels`` and ``options`` are the printed labels and texts in printed order."""
    told = without_echo(plain(text))
    if not told:
        return Parsed(outcome="invalid")
    for place in (_by_label(told, labels), _by_number(told, options)):
        if place is not None:
            return Parsed(outcome="option", place=place)
    if _REFUSAL.search(told):
        return Parsed(outcome="refusal")
    place = _by_text(told, options)
    return Parsed(outcome="invalid") if place is None else Parsed(outcome="option", place=place)


def named_labels(text: str, labels: Sequence[str]) -> tuple[str, ...]:
    """The distinct labels that are single words in ``text``, in order of appearance, without the English article."""
    return tuple(label for label in dict.fromkeys(_NAMED.findall(plain(text))) if label in labels)


def explained_place(text: str, options: Sequence[str]) -> int | None:
    """The only option whose words follow the first letter of an answer; ``None`` where none or several follow."""
    told = plain(text)
    rest = _OPENING_LABEL.sub("", told, count=1)
    return None if rest == told else _by_text(rest, options)


def another_kind(text: str, options: Sequence[str]) -> bool:
    """Whether ``text`` begins like the answer to another kind of question: yes or no, a number, a question in return.

    False where an option of this question begins in the same way.
    """
    told, folded = plain(text), [fold(option) for option in options]
    if _YES_NO.match(told) and not any(_YES_NO.match(option) for option in folded):
        return True
    if re.match(r"\W*\d", told) and not any(re.match(r"\d", option) for option in folded):
        return True
    return told.endswith(("?", "？"))
