"""All first-token readings of a store as one table: averaged over printed orders in SQL, one row a reading."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from core.store import Store
from core.types import Question

_READINGS = """
WITH latest AS (
    SELECT *, concat_ws('|', coalesce(country, ''), coalesce(age, ''), coalesce(sex, ''), coalesce(education, ''))
        AS persona
    FROM responses
    WHERE kind = 'options' AND outcome = 'option' AND survey IS NOT NULL AND tag = '' AND paraphrase = 0
        AND (?::VARCHAR IS NULL OR run_id = ?)
    QUALIFY row_number() OVER (
        PARTITION BY model_id, question_id, persona, language, codes ORDER BY created DESC, run_id, sample
    ) = 1
), long AS (
    SELECT model_id, question_id, persona, language, unnest(codes) AS code, unnest(mass) AS mass FROM latest
), averaged AS (
    SELECT model_id, question_id, persona, language, code, avg(mass) AS mass FROM long GROUP BY ALL
), options AS (
    SELECT model_id, question_id, persona, language, list(code) AS codes, list(mass) AS mass
    FROM averaged GROUP BY ALL
), heads AS (
    SELECT model_id, question_id, persona, language, any_value(method) AS method, sum(n) AS samples,
        count(*) AS orders, max(created) AS created, arg_max(run_id, created) AS run_id,
        arg_max(cell_id, created) AS cell_id
    FROM latest GROUP BY ALL
)
FROM heads JOIN options USING (model_id, question_id, persona, language)
ORDER BY model_id, language, persona, question_id
"""

COLUMNS = (
    "model_id",
    "question_id",
    "persona",
    "language",
    "method",
    "samples",
    "orders",
    "created",
    "run_id",
    "cell_id",
    "probabilities",
    "valid_mass",
)


def option_table(store: Store, questions: Mapping[str, Question], run_id: str | None = None) -> pd.DataFrame:
    """One row per model, survey question, persona and language; the latest reading of each printed order counts.

    ``probabilities`` is a tuple in scale order that sums to 1, ``valid_mass`` (0..1) what lay on the options before;
    ``persona`` is ``Persona.key``; ``orders`` says how many printed orders were averaged; ``run_id`` and ``cell_id``
    lead to one of the prompts. Only plain first-token readings count: no tag, no paraphrase. Readings without any mass
    on the options, and those with other options than the question has now, are left out. ``run_id`` restricts to one
    run.
    """
    frame = store.frame(_READINGS, [run_id, run_id])
    probabilities, masses = [], []
    for name, codes, mass in zip(frame["question_id"], frame["codes"], frame["mass"], strict=True):
        question = questions.get(name)
        by_code = dict(zip(codes, mass, strict=True))
        total = float(sum(by_code.values()))
        masses.append(total)
        fits = question is not None and set(question.codes) == set(by_code) and total > 0
        probabilities.append(tuple(by_code[c] / total for c in question.codes) if question and fits else None)
    frame["probabilities"], frame["valid_mass"] = pd.Series(probabilities, dtype=object), pd.Series(masses, dtype=float)
    return frame.dropna(subset=["probabilities"]).loc[:, list(COLUMNS)].reset_index(drop=True)


def answers_of(table: pd.DataFrame, model_id: str, language: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """Probabilities by (persona key, question id) of one model in one prompt language."""
    mine = table[(table["model_id"] == model_id) & (table["language"] == language)]
    return dict(zip(zip(mine["persona"], mine["question_id"], strict=True), mine["probabilities"], strict=True))
