"""The bank that audits draw on: the questions of every survey, and the models of the catalogue."""

from __future__ import annotations

from core.audits.base import Bank
from core.catalogue import load_catalogue
from core.surveys import every_survey


def load_bank() -> Bank:
    """All questions by their key, and models by id.

    Raises :class:`~core.errors.DataError` where a shipped file is damaged.
    """
    return Bank(questions=every_survey().questions(), models=dict(load_catalogue().models))
