"""A written answer made plain and cut into clauses, for reading an option out of it."""

from __future__ import annotations

import json
import re
import unicodedata

_THOUGHT_NAMES = r"think(?:ing)?|thought|reasoning|reflection"
_THOUGHT = re.compile(
    rf"[<◁]({_THOUGHT_NAMES})[>▷].*?(?:[<◁]/\1[>▷]|$)|^.*[<◁]/(?:{_THOUGHT_NAMES})[>▷]", re.DOTALL | re.IGNORECASE
)
_MARKUP = re.compile(r"[*_`#>~“”\"「」『』【】《》｢｣]+|\\boxed|[{}$]")
_FENCE = re.compile(r"^\s*```\w*\n?|\n?```\s*$")
_ANSWER_KEY = re.compile(
    r"answer|choice|option|selection|response|label|letter|rating|score|答案|答|选项|选择|回答|评分|分数", re.IGNORECASE
)
_CUT = re.compile(r"[,;!?\n。、…—]+|\.(?=\s|$)|\s-\s|\b(?:but|so)\b|但是?(?!凡)|而是|不过")
_NOT = re.compile(
    r"\b(?:not|never|cannot|neither|nor|hardly|rather than|instead of)\b|n't\b|"
    r"(?<!不得)不(?!管|论|仅|得不|过|错|同)|(?<!毫)没|并非|绝非|而非|除了",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:some|many|most|other|few) people\b|\bsome (?:would|might|may)\b|\bothers\b|有些?人|别人|他人|他们|人们",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """``text`` in plain characters without markup and without the thoughts that some models write first.

    Of an answer in JSON only what stands under a key such as “answer” is left.
    """
    told = unicodedata.normalize("NFKC", from_json(_THOUGHT.sub("", text))).replace("’", "'")
    return re.sub(r"[ \t]+", " ", _MARKUP.sub("", told)).strip()


def from_json(text: str) -> str:
    """The answer inside a JSON object, or the one value of a list; any other text as it is."""
    bare = _FENCE.sub("", text.strip())
    if not bare.startswith(("{", "[")):
        return text
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        values = [value for key, value in found.items() if _ANSWER_KEY.search(key)]
    else:
        values = found if isinstance(found, list) else []
    if len(values) != 1:
        return text
    return "" if values[0] is None else str(values[0])


def clauses(text: str) -> list[str]:
    """The clauses of a plain text, in order; a full stop inside a word or a number cuts nothing."""
    return [part.strip() for part in _CUT.split(text) if part.strip()]


def is_own(before: str) -> bool:
    """Whether what follows ``before`` in a clause is meant: neither negated nor what other people say."""
    return not _NOT.search(before) and not _OTHERS.search(before)


def fold(text: str) -> str:
    """``text`` in lower case, words alone with single spaces between; “don't” as “do not”."""
    full = re.sub(r"n't\b", " not", re.sub(r"\bcan't\b", "can not", plain(text).casefold()))
    return re.sub(r"[^\w']+|_", " ", full).strip()
