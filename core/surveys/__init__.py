"""Surveys of real people. A new one is a file and a line below; another package adds one by an entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.once import once
from core.registry import Registry
from core.surveys.base import NotAsked, Survey
from core.surveys.every import EverySurvey

if TYPE_CHECKING:
    from core.surveys.wvs7 import Wvs7


def _wvs7() -> Survey:
    from core.surveys.private import load_first

    return load_first()


SURVEYS: Registry[Survey] = Registry("survey", {"wvs7": _wvs7}, "parallax.surveys", Survey)
"""Name -> function that gives the survey, the user's private references first; it reads shipped data once."""

SHIPPED = "wvs7"
"""The survey whose questions keep their bare ids and which private references replace where they have the group."""


def shipped_survey() -> Wvs7:
    """The shipped survey alone, without the user's private references; it is read once and cached.

    Raises :class:`~core.errors.DataError` where the shipped data are damaged.
    """
    from core.surveys.wvs7 import load

    return load()


def every_survey() -> EverySurvey:
    """All surveys as one; the question id names the survey: ``Q3`` of the shipped one, ``gss:Q3`` of another.

    Raises :class:`~core.errors.DataError` where the shipped data are damaged.
    """
    return _every(tuple(SURVEYS[name]() for name in SURVEYS))


@once
def _every(surveys: tuple[Survey, ...]) -> EverySurvey:
    return EverySurvey(surveys)


__all__ = ["SHIPPED", "SURVEYS", "EverySurvey", "NotAsked", "Survey", "every_survey", "shipped_survey"]
