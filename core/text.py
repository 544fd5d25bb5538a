"""Makes text from outside harmless where it is shown, exported or stored.

What a reader types, a model answers, an endpoint reports or an imported file contains is data and is stored unchanged.
It is changed only where it reaches something that would act on it: Markdown, a spreadsheet, an encoder.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_SHOWN = 2_000
"""Most characters of one text from outside that a sentence of the interface shows."""

LONGEST_DRAWN = 2_000
"""Most characters of one text in a chart's file; the app's own Vega expressions are shorter."""

LONGEST_SEARCH, MOST_WORDS = 200, 12
"""Characters and words of a search that are looked for."""

# Word joiner: it has no width and is no letter. Between two letters it stops a browser from reading them as one word,
# such as an address.
_JOINER = "\u2060"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#|~$:&!@^=])")
_FIRST = re.compile(r"^([-+.]|\d+(?=[.)]))")
_HALVES = re.compile("[\ud800-\udfff]")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_PARTED = re.compile(r"\\:(?=\S)|\\[@<]|-(?=\\>)|\b[wW]{3}(?=\.)")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def whole(text: str) -> str:
    """``text`` as every encoder accepts it: lone surrogates, which some endpoints send, become U+FFFD.

    >>> whole("caf\\udce9")
    'caf�'
    """
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def visible(text: str) -> str:
    """``text`` on one line, without control characters and without characters that change the direction of writing.

    Zero-width joiners stay: some scripts and emoji need them.

    >>> visible(" two\\n lines\\x07 ")
    'two lines'
    """
    line = _SPACES.sub(" ", whole(text)).strip()
    return "".join(c for c in line if unicodedata.category(c) != "Cc" and c not in _DIRECTIONS)


def drawable(text: str, most: int = LONGEST_DRAWN) -> str:
    """``text`` as a picture can show it, cut to ``most`` characters.

    It has no lone surrogates, no characters that change the direction of writing, and no control characters other than
    tabs and line breaks.
    """
    line = clean_text(text if len(text) <= most else f"{text[: most - 1]}…")
    return line if line.isascii() else "".join(c for c in line if c not in _DIRECTIONS)


def clean_text(text: str) -> str:
    """``text`` with a space for every control character but tab and line feed, and for U+2028 and U+2029.

    Vega reads some of these as the end of a string, and libraries in C read NUL as the end of a text.
    """
    return _CONTROLS.sub(" ", whole(text))


_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def plain(text: object, most: int = LONGEST_SHOWN) -> str:
    """``text`` escaped so that Streamlit's Markdown shows its characters and nothing else.

    It makes no link, image, HTML, formula, heading, list, table, colour, icon or emoji, whether it stands in a
    paragraph or inside bold. It is put on one line and cut with an ellipsis after ``most`` characters.

    >>> print(plain("*now*"))
    \\*now\\*
    """
    line = visible(str(text))
    line = line if len(line) <= most else f"{line[: most - 1]}…"
    line = _FIRST.sub(_escape_first, _SPECIAL.sub(r"\\\1", line))
    # Streamlit looks for addresses, emoji codes, icons and arrows after it has read the escapes, so that a backslash
    # does not stop it; a joiner does.
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
    """``text`` as no spreadsheet runs it: an apostrophe is put before what would be a formula. Other text is unchanged.

    >>> safe_cell("=1+1"), safe_cell("one")
    ("'=1+1", 'one')
    """
    text = whole(text)
    return f"'{text}" if text.lstrip(" \x00\ufeff").startswith(_FORMULA) else text
