"""Batteries: the blocks of a questionnaire. Questions of one battery are not independent of each other."""

from __future__ import annotations

from collections.abc import Mapping

from core.types import Question


def battery_of(question: Question) -> str:
    """The battery to which ``question`` belongs; a question that names none is a battery of its own."""
    return question.battery or question.id


def batteries_of(questions: Mapping[str, Question]) -> dict[str, str]:
    """Battery of each question by id."""
    return {name: battery_of(question) for name, question in questions.items()}
