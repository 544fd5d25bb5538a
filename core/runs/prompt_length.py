"""Checks the length of a text that a user typed."""

from __future__ import annotations

from core.errors import InputError, said
from core.text import whole


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
