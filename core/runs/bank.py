"""What an audit may draw on: the questions of every survey and the models of the catalogue."""

from __future__ import annotations

from core.audits.base import Bank
from core.catalogue import load_catalogue
from core.surveys import SURVEYS


def load_bank() -> Bank:
    """All questions by their key, and models by id. Raises :class:`~core.errors.DataError` where a shipped file is damaged."""
    questions = {
        question.key: question for survey in SURVEYS for question in SURVEYS[survey]().questions().values()
    }
    return Bank(questions=questions, models=dict(load_catalogue().models))
