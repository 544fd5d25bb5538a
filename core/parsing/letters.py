"""Marks lists of several letters and turns letters into upper case before a written answer is read."""

from __future__ import annotations

import re

SEVERAL = "\u2016"
"""Replaces a list of letters, such as “A, B and C”, in a text that is searched for one letter."""

_JOIN = r"(?:\s*(?:[、/&+~–]|\b(?:and|or|to|through|versus|vs\.?)\b|和|或者?|与|及|以及|还有|还是|至|到)\s*)"
_COMMA = r"\s*[,;]\s*"
_ONE = r"[(\[\"']?[A-HJK][)\]\"']?"
# A comma can also precede a remark (“A, B would be too weak”). Letters are joined only if no other text is joined.
_ENDS = r"(?=\s*(?:$|[.。!?,;:、)\]】}\n]))"
_JOINED = rf"(?:(?:{_COMMA})?{_JOIN}|{_COMMA})"
_LIST = re.compile(
    rf"(?<![A-Za-z']){_ONE}(?:"
    rf"(?:{_JOINED}{_ONE}(?![A-Za-z']))*(?:{_COMMA})?{_JOIN}{_ONE}(?![A-Za-z'])(?!\s+[a-z]+ing\b)|"
    rf"(?:{_COMMA}{_ONE}(?![A-Za-z']))+{_ENDS})",
    re.MULTILINE,
)
_LOWER_LIST = r"[a-hjk](?:\s*(?:[,、;/&]|\band\b|\bor\b|和|或|与)\s*[a-hjk])*"
_LOWER = re.compile(
    r"(?P<lead>(?i:\b(?:answer|choice|option|selection|response|letter)\b|答案|回答|选择|选项|我?选)"
    rf"\s*(?:(?i:is|was|would be)\b|[:=]|是|为)*\s*[(\[\"']?)(?P<letters>{_LOWER_LIST})"
    r"(?=[)\]\"']*(?:\s*(?:$|[.。!,;、\n]))|[)\]]|项)",
    re.MULTILINE,
)
_ECHO = re.compile(
    r"(?:\b(?:options|choices|alternatives)\b|选项)(?:\s+(?:are|include|given)|有|是|包括|如下)*\s*[::]\s*"
    r"(?P<list>(?:\W*[A-HJK]\s*[).::、][^\n]*(?:\n|\Z))+)",
    re.IGNORECASE,
)
_TICKED = re.compile(r"^\W*(?:\[[xX✓]\]|[☑✓✔✅☒])\s*(.+)$", re.MULTILINE)
_BLANK = re.compile(r"^\W*(?:\[ ?\]|☐|□)\s*\S", re.MULTILINE)


def without_lists(text: str) -> str:
    """``text`` with :data:`SEVERAL` for each list of several letters; a lower-case letter after “answer” becomes upper
    case.

    >>> without_lists("Answer: A, C") == f"Answer: {SEVERAL}"
    True
    >>> without_lists("option b")
    'option B'
    """
    raised = _LOWER.sub(lambda found: found["lead"] + re.sub(r"\b[a-hjk]\b", _upper, found["letters"]), text)
    return _LIST.sub(SEVERAL, raised)


def without_echo(text: str) -> str:
    """``text`` without the list of options that it repeats from the question; of a ticked list, the ticked options."""
    if _BLANK.search(text) and (ticked := _TICKED.findall(text)):
        return "\n".join(ticked)
    return _ECHO.sub(lambda found: found[0] if _is_one_answer(found) else "", text)


def _is_one_answer(found: re.Match[str]) -> bool:
    """Whether ``found`` is one answer: in Chinese “选项：A. 重要” may be; a list begins with A and continues."""
    return found[0].startswith("选项") and len(re.findall(r"[A-HJK]\s*[).::、]", found["list"])) == 1


def _upper(found: re.Match[str]) -> str:
    return found[0].upper()
