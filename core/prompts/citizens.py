"""The wordings of a survey put to simulated citizens: four framings that mean the same, in both prompt languages."""

from __future__ import annotations

from core.prompts.render import words_of
from core.types import Language

FRAMINGS: tuple[str, ...] = ("citizens-1-0", "citizens-1-1", "citizens-1-2", "citizens-1-3")
"""Versions of the templates; the first is the plain one."""


def region_line(name: str, framing: int, language: Language) -> str:
    """The line about where in the country a person lives, as the framing words it."""
    return str(words_of(FRAMINGS[framing], language)["region"].format(value=name))
