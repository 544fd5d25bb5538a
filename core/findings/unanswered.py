"""What models did not answer, by topic: refusals, texts without an option, and probability outside the options."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from core.store import Store
from core.store.index.outcomes import mostly_beside
from core.store.index.scopes import condition
from core.types import Question


def unanswered(store: Store, questions: Mapping[str, Question], scope: str) -> pd.DataFrame:
    """One row per model and topic for survey questions in the runs of ``scope``. Errors do not count as answers.

    Columns: model_id, topic, answers, refused, invalid (no option could be read), beside (readings mostly outside the
    options), ``share`` of the three among all answers, 0..1.
    """
    where, values = condition(scope)
    found = store.frame(
        f"""SELECT model_id, question_id, count(*) AS answers,
        count(*) FILTER (outcome = 'refusal') AS refused, count(*) FILTER (outcome = 'invalid') AS invalid,
        count(*) FILTER (WHERE {mostly_beside()}) AS beside
        FROM responses WHERE outcome <> 'error' AND {where} GROUP BY ALL""",  # noqa: S608 - fixed names; values are parameters
        values,
    )
    known = found[found["question_id"].isin(list(questions))]
    known = known.assign(topic=[questions[name].topic for name in known["question_id"]])
    counts = ["answers", "refused", "invalid", "beside"]
    table = known.groupby(["model_id", "topic"], as_index=False, sort=True)[counts].sum()
    return table.assign(share=table[counts[1:]].sum(axis=1) / table["answers"])
