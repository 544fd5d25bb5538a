"""Diversity audit: do simulated citizens answer like real ones, and what makes them differ from each other?

Respondents are drawn from a country's real joint of age, sex and education (DEF, Inf. Process. Manag. 62(4) 104099).
Three sources of diversity can be switched on: *prompt* (a region, a paraphrase of the framing), *configuration*
(temperature and top-p) and *memory* (earlier answers replayed as turns). The ablation asks the same people with none
of them, with each alone and with all; it can be repeated with several draws of people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from core.audits.base import Bank, Stage
from core.audits.citizens.checks import judge_all, offending, rates
from core.audits.citizens.draw import Tag
from core.audits.citizens.memory import wave_stages
from core.audits.citizens.plan import Spec, plan
from core.audits.citizens.scores import scored
from core.surveys import Survey, every_survey
from core.types import Question, Response


def score(rows: Sequence[Response], bank: Bank, survey: Survey | None = None) -> dict[str, pd.DataFrame]:
    """All scores that the rows of a run give.

    ``answers``, ``distributions``, ``questions``, ``summary`` and ``seeds`` as in
    :mod:`core.audits.citizens.scores`; ``checks`` and ``offending`` as in :mod:`core.audits.citizens.checks`.
    """
    judged = judge_all(rows, {**bank.questions, **own_questions(rows)})
    people = survey or every_survey()
    known = people.questions()
    frames = scored(rows, {name: question for name, question in bank.questions.items() if name in known}, people)
    return frames | {"checks": rates(judged), "offending": offending(judged)}


def own_questions(rows: Sequence[Response]) -> dict[str, Question]:
    """Questions of no survey, read from the rows that answer them. There are no people to compare them with."""
    texts = {row.question_key: row.question_json for row in rows if row.question_json and Tag.read(row.tag)}
    return {name: Question.model_validate_json(text) for name, text in texts.items()}


_Spec = Spec


class Citizens:
    """This audit as it is registered; see :class:`core.audits.base.Audit`."""

    name = "citizens"
    Spec = _Spec

    def stages(self, spec: _Spec, bank: Bank) -> Iterator[Stage]:
        """See :func:`core.audits.citizens.plan.plan`."""
        yield from wave_stages(plan(spec, bank))

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`score`."""
        return score(answers, bank)
