"""The content of a brief: words, figures, tables and sources, already in the reader's language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from numbers import Integral, Real
from typing import Any

import altair as alt
import pandas as pd
from pydantic import Field

from core.charts.palette import Palette
from core.findings.confidence import MOST_FINDINGS, Stated
from core.i18n import Texts
from core.types import Frozen

MOST_ROWS = 40
"""Longest table of a brief; two or three printed pages have no more room. Rows that are left out are counted."""

DIGITS = 3

QUESTIONS = 5
"""Questions to a vendor on the first page."""

MOST_LIMITS = 3
"""Limits on the first page; the others are in the annex."""

_BULLET = re.compile(r"^\s*(?:[-*]|#+)\s+")
_MARKS = re.compile(r"\*+|`")

Draw = Callable[[Palette, Texts], alt.TopLevelMixin]
"""Makes a chart when the brief is written, in print colours and the brief's language."""


class Figure(Frozen):
    """One chart: ``title`` states the finding, ``description`` tells a screen reader what is drawn."""

    title: str
    description: str
    draw: Draw
    note: str = ""


class Table(Frozen):
    """Rows of words; ``numbers`` are the columns aligned to the right, ``left_out`` counts the rows that were cut."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    left_out: int = 0
    note: str = ""


class RunSource(Frozen):
    """The source of numbers: one run, the revisions that answered, and the hash of its files."""

    run_id: str
    title: str
    kind: str
    status: str
    created: datetime
    finished: datetime | None
    models: dict[str, str | None]
    prompts: tuple[str, ...]
    libraries: dict[str, str]
    rows: int
    shards: dict[str, str]
    command: str | None


class FirstPage(Frozen):
    """The content of the first page: the whole brief for a reader who reads one page.

    ``bottom`` is the bottom line. ``findings`` are at most three, each with its interval. ``limits`` say what the brief
    does not show. ``questions`` are for a vendor. A chart is missing only where nothing that can be drawn was measured.
    """

    bottom: Stated
    findings: tuple[Stated, ...] = Field(max_length=MOST_FINDINGS)
    questions: tuple[str, ...] = Field(min_length=QUESTIONS, max_length=QUESTIONS)
    limits: tuple[str, ...] = Field(min_length=1, max_length=MOST_LIMITS)
    figure: Figure | None = None


class Brief(Frozen):
    """One page as a brief. All texts are in one language; any of them may contain markup and must be escaped.

    ``first`` is the first printed page. The annex contains everything else, without what the first page has said.
    ``finding``: sentences, the first is the headline. ``data``: sources to cite, such as the survey. ``view``: full
    address of the page with its whole selection. ``runs`` may be empty where only published figures are shown.
    """

    title: str
    first: FirstPage
    finding: tuple[str, ...] = Field(min_length=1)
    method: tuple[str, ...] = Field(min_length=1)
    limits: tuple[str, ...] = Field(min_length=1)
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    data: tuple[str, ...] = ()
    runs: tuple[RunSource, ...] = ()
    view: str = ""


def table_of(frame: pd.DataFrame, title: str, note: str = "", most: int = MOST_ROWS) -> Table:
    """The first ``most`` rows of ``frame`` under its own column names; missing values become a dash.

    A column shows as many decimals as its values have, at most :data:`DIGITS`. So rounded values keep the decimals to
    which they were rounded, and counts have none.
    """
    shown = frame.head(most)
    columns = [shown.iloc[:, place].tolist() for place in range(shown.shape[1])]
    numbers = tuple(i for i, values in enumerate(columns) if any(_is_number(value) for value in values))
    return Table(
        title=title,
        columns=tuple(str(name) for name in frame.columns),
        rows=tuple(zip(*map(_cells, columns), strict=True)) if columns else (),
        numbers=numbers,
        left_out=len(frame) - len(shown),
        note=note,
    )


def plain_lines(text: str) -> tuple[str, ...]:
    """The lines of an interface text without its Markdown: list marks, bold, emphasis, code, numbered steps."""
    lines = (_MARKS.sub("", _BULLET.sub("", line)).strip() for line in text.splitlines())
    return tuple(line for line in lines if line)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and not math.isnan(float(value))


def _cells(values: Sequence[Any]) -> list[str]:
    digits = _digits([float(value) for value in values if _is_number(value)])
    return [_cell(value, digits) for value in values]


def _digits(numbers: Sequence[float]) -> int:
    return next((d for d in range(DIGITS) if all(math.isclose(round(n, d), n, abs_tol=1e-9) for n in numbers)), DIGITS)


def _cell(value: Any, digits: int) -> str:
    if value is None or value is pd.NaT or (isinstance(value, Real) and math.isnan(float(value))):
        return "–"
    if isinstance(value, bool | Integral) or not isinstance(value, Real):
        return ", ".join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)
    return f"{float(value):.{digits}f}"
