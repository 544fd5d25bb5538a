"""Four framings of a survey question for simulated citizens: wordings that mean the same, in both prompt languages."""

from __future__ import annotations

from core.prompts.render import words_of
from core.types import Language

FRAMINGS: tuple[str, ...] = ("citizens-1-0", "citizens-1-1", "citizens-1-2", "citizens-1-3")
"""Versions of the templates. The first is the usual wording."""


def region_line(name: str, framing: int, language: Language) -> str:
    """The line that says in which region of the country a person lives, in the words of the framing."""
    return str(words_of(FRAMINGS[framing], language)["region"].format(value=name))
