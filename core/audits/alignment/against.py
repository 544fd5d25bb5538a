"""Compares readings with people: the frames of distances and their summary."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.audits.alignment.audit import Reading
from core.audits.alignment.scores import QUESTION_COLUMNS, question_scores, skills
from core.surveys import every_survey


def against_people(made: Sequence[Reading]) -> dict[str, pd.DataFrame]:
    """``questions`` and ``matrix`` as :func:`core.audits.alignment.audit.score` describes them.

    Readings in which no option got any mass are left out. The countries are those that any model was asked as.
    """
    countries = sorted({r.persona.country for r in made if r.persona.country})
    answers: dict[str, dict[str, dict[tuple[str, str], Sequence[float]]]] = {}
    for reading in made:
        if reading.distribution.valid_mass > 0:
            mine = answers.setdefault(reading.language, {}).setdefault(reading.model_id, {})
            mine[reading.persona.key, reading.question_id] = reading.distribution.probabilities
    parts = [
        question_scores(mine, every_survey(), countries).assign(language=language) for language, mine in answers.items()
    ]
    questions = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*QUESTION_COLUMNS, "language"])
    return {"questions": questions, "matrix": skills(questions, ("model_id", "language", "country"))}
