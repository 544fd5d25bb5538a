"""Turns a written answer into plain text and cuts it into clauses, from which the option is read."""

from __future__ import annotations

import json
import re
import unicodedata

from core.parsing.thoughts import without_thoughts

_MARKUP = re.compile(r"[*_`#>~“”\"「」『』【】《》｢｣]+|[{}$]")
_TEX = re.compile(
    r"\\+(?:boxed|fbox|text\w*|math\w*|operatorname|displaystyle|left|right|quad|[Ll]arge|rm|bf)\b|\\+[()\[\]]"
)
# Text that is wrapped as the answer is the answer, whatever surrounds it.
_WRAPPED = re.compile(
    r"\\+boxed\s*\{(?P<tex>(?:[^{}]|\{[^{}]*\})*)\}|<\|begin_of_box\|>(?P<box>.*?)(?:<\|end_of_box\|>|\Z)|"
    r"<(?P<tag>(?:final_?)?(?:answer|response|choice|option|solution|output)|回答|答案|选择)>(?P<tagged>.*?)(?:</(?P=tag)>|\Z)|"
    r"<\|(?:begin_of_solution|START_RESPONSE)\|>(?P<part>.*?)(?:<\|(?:end_of_solution|END_RESPONSE)\|>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(
    r"<\|[^<>|\n]{1,40}\|>|</?[^\W\d_][\w:-]+(?:\s[^<>\n]*)?/?>|</[a-z]>|<([a-z])>(?=[^<]*</\1>)|\[/?INST\]"
)
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

    Where an answer is wrapped as such (``<answer>``, ``\\boxed``), or is in JSON under a key such as “answer”, only
    that part is kept.
    """
    told = from_json(_answer_in(without_thoughts(text)))
    told = unicodedata.normalize("NFKC", _TAG.sub("\n", told)).replace("’", "'").replace("|", " ")
    return re.sub(r"[ \t]+", " ", _MARKUP.sub("", _TEX.sub(" ", told))).strip()


def _answer_in(text: str) -> str:
    wrapped = [
        next(part for part in found.group("tex", "box", "tagged", "part") if part is not None)
        for found in _WRAPPED.finditer(text)
    ]
    return "\n".join(wrapped) if wrapped else text


def from_json(text: str) -> str:
    """The answer inside a JSON object, or the only value of a list; any other text is returned unchanged."""
    bare = _FENCE.sub("", text.strip())
    if not bare.startswith(("{", "[")):
        return text
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        return text
    if isinstance(found, dict):
        if len(found) > 1 and not any(_ANSWER_KEY.search(key) for key in found):
            return ""  # shares of all options, or none that is the answer
        values = [value for key, value in found.items() if _ANSWER_KEY.search(key)]
    else:
        values = found if isinstance(found, list) else []
    if len(values) != 1:
        return text
    return "" if values[0] is None else str(values[0])


def clauses(text: str) -> list[str]:
    """The clauses of a plain text, in order. A full stop inside a word or a number ends no clause."""
    return [part.strip() for part in _CUT.split(text) if part.strip()]


def is_own(before: str) -> bool:
    """Whether the text after ``before`` in a clause is the answer's own view: neither negated nor said by others."""
    return not _NOT.search(before) and not _OTHERS.search(before)


def fold(text: str) -> str:
    """``text`` in lower case, only its words, with single spaces between them; “don't” becomes “do not”."""
    full = re.sub(r"n't\b", " not", re.sub(r"\bcan't\b", "can not", plain(text).casefold()))
    return re.sub(r"[^\w']+|_", " ", full).strip()
