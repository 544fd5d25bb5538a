"""The length of what models read and write: checked where a user typed it, counted where visitors share a model."""

from __future__ import annotations

from collections.abc import Iterable

from core.errors import InputError, said
from core.text import whole
from core.types import Cell, Question


def check_prompt_length(text: str, limit: int) -> str:
    """``text`` without spaces around it.

    Raises :class:`InputError` where it is empty or longer than ``limit`` characters.
    """
    stripped = whole(text).replace("\x00", "").strip()
    if not stripped:
        raise InputError(said("no_text"))
    if len(stripped) > limit:
        raise InputError(said("text_too_long", n=len(stripped), most=limit))
    return stripped


def asked_length(cells: Iterable[Cell]) -> int:
    """Characters that ``cells`` have a model read and write, roughly: a token that may be written counts as four."""
    return sum(
        len(cell.text or "") + (question_length(cell.question) if cell.question else 0) + _written(cell)
        for cell in cells
    )


def question_length(question: Question) -> int:
    """Characters of a question and its options, in English."""
    return len(question.stem.en) + sum(len(option.text.en) for option in question.options)


def _written(cell: Cell) -> int:
    return 4 * (cell.max_tokens if cell.kind == "text" else 1)
