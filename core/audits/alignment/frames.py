"""The named frames of the alignment audit, made from rows alone. The page makes them from the store's readings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.audits.alignment.audit import readings, score
from core.audits.alignment.floor import Floor, floor_draws, floors
from core.audits.alignment.scores import ASKED, on_shared_questions, persona_key, question_scores, skills
from core.audits.base import Bank
from core.surveys import SHIPPED, SURVEYS, Survey
from core.types import Persona, Response


def matrix(scores: pd.DataFrame, drawn: Floor) -> pd.DataFrame:
    """Skill of each model in each country on the questions that all of them have, with the noise floors of the country.

    It is empty where nothing can be compared. ``comparable`` is False for a cell that keeps its own questions.
    ``scores`` are rows of :func:`.scores.question_scores`, ``drawn`` the draws of :func:`.floor.floor_draws` for them.
    """
    shared = on_shared_questions(scores)
    found = skills(shared)
    if found.empty:
        return found
    alike = shared.groupby(["model_id", "country"], as_index=False)["comparable"].first()
    found = found.merge(alike, on=["model_id", "country"], how="left")
    return found.merge(floors(shared, drawn), on="country", how="left")


def frames(answers: Sequence[Response], bank: Bank, survey: Survey | None = None) -> dict[str, pd.DataFrame]:
    """``readings`` as :func:`.audit.score` gives them; ``questions`` and ``matrix`` by prompt language and ``asked``.

    ``questions`` are rows of :func:`.scores.question_scores` for the countries that any model was asked as, ``matrix``
    those of :func:`matrix`; ``asked`` tells whether the model was told the country or nothing.
    """
    people = survey or SURVEYS[SHIPPED]()
    by_language: dict[str, dict[str, dict[tuple[str, str], tuple[float, ...]]]] = {}
    for one in readings(answers, bank):
        if one.distribution.valid_mass > 0:
            mine = by_language.setdefault(one.language, {}).setdefault(one.model_id, {})
            mine[one.persona.key, one.question_id] = one.distribution.probabilities
    questions: list[pd.DataFrame] = []
    matrices: list[pd.DataFrame] = []
    for language, by_model in by_language.items():
        keys = {key for mine in by_model.values() for key, _ in mine}
        named = {country for key in keys if (country := Persona.from_key(key).country)}
        countries = sorted(country for country in named if persona_key(country, "country") in keys)
        for asked in ASKED:
            found = question_scores(by_model, people, countries, asked)
            if len(found):
                questions.append(found.assign(language=language, asked=asked))
                matrices.append(matrix(found, floor_draws(found, people)).assign(language=language, asked=asked))
    return score(answers, bank) | {"questions": _joined(questions), "matrix": _joined(matrices)}


def _joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
