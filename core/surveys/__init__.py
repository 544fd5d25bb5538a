"""Surveys of real people. Adding one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from core.registry import Registry
from core.surveys.base import NotAsked, Survey


def _wvs7() -> Survey:
    from core.surveys.wvs7 import load

    return load()


SURVEYS: Registry[Callable[[], Survey]] = Registry("survey", {"wvs7": _wvs7})
"""Name -> function that gives the survey; its data are read at the first call and kept."""

__all__ = ["SURVEYS", "NotAsked", "Survey"]
