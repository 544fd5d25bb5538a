"""The first page of a brief: its content, the size of its letters, and what the annex need not repeat.

A printed page has no script that could measure it, so the size of the letters follows from the amount of text. The
chart takes the rest of the page, and at least a third of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from core.brief.model import Brief, Figure

Density = Literal["large", "roomy", "close", "dense"]

LEVELS: tuple[tuple[Density, int], ...] = (("large", 2300), ("roomy", 2900), ("close", 3700))
"""Most characters of a page by the size of its letters, beside a chart as high as :data:`CHART`; dense beyond."""

CHART, PER_CHART = 0.55, 2000
"""Height of a chart divided by its width, and how many more characters fit if it is lower by that width."""

LOWEST, HIGHEST = 0.3, 0.6
"""The range of shapes: a chart takes at least a third and at most half of the page."""

LONGEST = 420
"""Most characters of one sentence of the first page, a Chinese one counting as two; the annex has the whole of it."""

MOST_RUNS = 8
"""Most runs that the first page names; the annex has all of them, and the first page counts the others."""


class Annex(NamedTuple):
    """The pages after the first one: everything that the first page does not contain."""

    finding: tuple[str, ...]
    figures: tuple[Figure, ...]
    limits: tuple[str, ...]
    shortened: tuple[str, ...]


def annex(brief: Brief) -> Annex:
    """``brief`` without the sentences, limits and chart of its first page; what was shortened there is here in full."""
    first, shown = brief.first, brief.first.figure
    said = {first.bottom.text, *(one.text for one in first.findings), *([shown.title] if shown else [])}
    figures = tuple(figure for figure in brief.figures if not shown or figure.draw != shown.draw)
    said |= {figure.title for figure in figures}
    long = [brief.title, first.bottom.text, *(one.text for one in first.findings), *first.limits, *first.questions]
    return Annex(
        finding=tuple(line for line in dict.fromkeys(brief.finding) if line not in said),
        figures=figures,
        limits=tuple(line for line in brief.limits if line not in first.limits),
        shortened=tuple(text for text in dict.fromkeys(long) if shortened(text) != text),
    )


def named_runs(brief: Brief) -> tuple[list[str], int]:
    """The runs that the first page names, and the number of the others."""
    names = [source.run_id for source in brief.runs]
    return names[:MOST_RUNS], max(0, len(names) - MOST_RUNS)


def density(brief: Brief, shape: float) -> Density:
    """How dense the text of the first page must be beside a chart of ``shape``, its height divided by its width."""
    size = sum(map(_size, _texts(brief)))
    more = PER_CHART * (CHART - min(HIGHEST, max(LOWEST, shape)))
    return next((name for name, most in LEVELS if size <= most + more), "dense")


def works_only_here(address: str) -> bool:
    """Whether ``address`` names no server, or a server that only its own computer can reach."""
    return urlsplit(address).hostname in (None, "localhost", "127.0.0.1", "::1")


def shortened(text: str, most: int = LONGEST) -> str:
    """``text``, or its beginning with an ellipsis where it is longer than ``most``."""
    if _size(text) <= most:
        return text
    room, end = most - 1, 0
    for end, character in enumerate(text):  # noqa: B007 - the loop looks for this place
        room -= _width(character)
        if room < 0:
            break
    return f"{text[:end].rstrip()}…"


def _texts(brief: Brief) -> Iterable[str]:
    first = brief.first
    figure: Sequence[str] = (first.figure.title, first.figure.note) if first.figure else ()
    findings = [part for one in first.findings for part in (one.text, one.reason)]
    names, _ = named_runs(brief)
    parts = (brief.title, first.bottom.text, first.bottom.reason, *findings, *first.limits, *first.questions, *figure)
    return (*map(shortened, parts), brief.view, *names)


def _size(text: str) -> int:
    return sum(map(_width, text))


def _width(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
