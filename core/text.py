"""Text from outside made harmless at the border where it is shown, exported or stored.

What a reader types, a model answers, an endpoint complains about or an imported file holds is data. It is kept as it
is; only where it meets something that would act on it (Markdown, a spreadsheet, an encoder) is it changed.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_SHOWN = 2_000
"""Most characters that one piece of text gets inside a sentence of the interface."""

LONGEST_DRAWN = 2_000
"""Most characters that one text in a chart's file gets; an expression of ours is shorter."""

LONGEST_SEARCH, MOST_WORDS = 200, 12
"""Characters and words of a search that are looked for."""

# Word joiner: takes no room, is no letter, and so breaks what a browser would make of letters that stand together.
_JOINER = "\u2060"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#|~$:&!@^=])")
_FIRST = re.compile(r"^([-+.]|\d+(?=[.)]))")
_HALVES = re.compile("[\ud800-\udfff]")
_UNSETTLED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_PARTED = re.compile(r"\\:(?=\S)|\\[@<]|-(?=\\>)|\b[wW]{3}(?=\.)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def whole(text: str) -> str:
    """``text`` that every encoder takes: halves of characters, which some endpoints send, become the sign U+FFFD."""
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def visible(text: str) -> str:
    """``text`` on one line, without control characters and without those that turn the direction of writing.

    Joiners stay: scripts and emoji need them.
    """
    line = _SPACES.sub(" ", whole(text)).strip()
    return "".join(c for c in line if unicodedata.category(c) != "Cc" and c not in _DIRECTIONS)


def drawable(text: str, most: int = LONGEST_DRAWN) -> str:
    """``text`` for a picture: whole characters, no control characters but ends of lines, at most ``most`` of them."""
    line = settled(text if len(text) <= most else f"{text[: most - 1]}…")
    return line if line.isascii() else "".join(c for c in line if c not in _DIRECTIONS)


def settled(text: str) -> str:
    """``text`` with spaces for control characters, other than tabs and ends of lines, and for rarer ends of lines.

    Readers of expressions take some of these for the end of a string, and libraries in C a NUL for the end of a text.
    """
    return _UNSETTLED.sub(" ", whole(text))


_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def plain(text: object, most: int = LONGEST_SHOWN) -> str:
    """``text`` so that Streamlit's Markdown shows its characters and does nothing else.

    No link, image, HTML, formula, heading, list, table, colour, icon or emoji code comes of it, in a paragraph or
    inside bold. One line; beyond ``most`` characters it is cut with an ellipsis.
    """
    line = visible(str(text))
    line = line if len(line) <= most else f"{line[: most - 1]}…"
    line = _FIRST.sub(_escape_first, _SPECIAL.sub(r"\\\1", line))
    # Addresses, emoji codes, icons and arrows are found after escapes were read: only a joiner parts them.
    return _PARTED.sub(lambda found: found.group(0) + _JOINER, line)


def _escape_first(found: re.Match[str]) -> str:
    first = found.group(1)
    return f"{first}{_JOINER}" if first.isdigit() else f"\\{first}"


def search_words(text: str) -> list[str]:
    """The words of what was typed into a field of search, in small letters: at most :data:`MOST_WORDS` of them.

    No more than :data:`LONGEST_SEARCH` characters are looked at, whatever was sent: a field's own bound holds in the
    browser alone, and each word is looked for in every row.
    """
    return text[:LONGEST_SEARCH].casefold().split()[:MOST_WORDS]


def safe_cell(text: str) -> str:
    """``text`` so that no spreadsheet runs it as a formula: an apostrophe stands before one. Else it is unchanged."""
    text = whole(text)
    return f"'{text}" if text.lstrip(" \x00\ufeff").startswith(_FORMULA) else text
