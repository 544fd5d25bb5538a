"""Which questions an audit asks, and in which wording. The specs of several audits share this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from core.audits.base import Bank
from core.errors import InputError, said
from core.surveys.questions import of_kinds
from core.types import DEFAULT_KINDS, NEWEST_EDITION, Question, QuestionKind

Edition = Literal[1, 2]
"""Edition of the question bank. In the first, ladders are asked by letter in every rotation of their ten options and
some items have other wordings; in the second they are asked by number and by letter, upwards and downwards."""

NEWEST: Edition = NEWEST_EDITION


def chosen_questions(
    bank: Bank, names: Sequence[str], kinds: Sequence[QuestionKind] = DEFAULT_KINDS, edition: int = NEWEST
) -> list[Question]:
    """The questions of ``names`` in their order, as worded in ``edition``; each once.

    Without names, these are all questions of ``kinds``; a named question is asked whatever its kind. Raises
    :class:`InputError` on a name that is not in ``bank``.
    """
    for name in names:
        if name not in bank.questions:
            raise InputError(said("no_question", name=name))
    chosen = dict.fromkeys(names) if names else of_kinds(bank.questions, kinds)
    return [bank.questions[name].at(edition) for name in chosen]
