"""Surveys of real people. Adding one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from core.registry import Registry
from core.surveys.base import NotAsked, Survey


def _wvs7() -> Survey:
    from core.surveys.private import load_first

    return load_first()


SURVEYS: Registry[Callable[[], Survey]] = Registry("survey", {"wvs7": _wvs7})
"""Name -> function that gives the survey, the user's private references first; shipped data are read once and kept."""

__all__ = ["SURVEYS", "NotAsked", "Survey"]
