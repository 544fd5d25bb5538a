"""What models did not answer: refusals, texts without an option, and probability outside the options.

By topic, and by the government that a question is about. Published studies ask models to criticise governments; a
survey asks people about their own, so the country of the persona says which government is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from core.store import Store
from core.store.index.scopes import condition
from core.store.index.tallies import counted
from core.types import Question

ABOUT_GOVERNMENT = ("Q65", "Q69", "Q70", "Q71", "Q73", "Q74", "Q76", "Q113", "Q115", "Q196", "Q197", "Q198")
"""Questions about the government of one's own country and its bodies: confidence in them, their corruption, and what
the state may watch."""
COUNTS = ("answers", "refused", "invalid", "beside")


def unanswered(store: Store, questions: Mapping[str, Question], scope: str) -> pd.DataFrame:
    """One row per model and topic for survey questions in the runs of ``scope``. Errors do not count as answers.

    Columns: model_id, topic, answers, refused, invalid (no option could be read), beside (readings mostly outside the
    options), ``share`` of the three among all answers, 0..1.
    """
    known = _known(store, questions, scope, ())
    known = known.assign(topic=[questions[name].topic for name in known["question_id"]])
    return _shares(known, ["model_id", "topic"])


def unanswered_by_government(store: Store, questions: Mapping[str, Question], scope: str) -> pd.DataFrame:
    """One row per model, government and prompt language, for :data:`ABOUT_GOVERNMENT` asked as people of a country.

    Columns: model_id, ``country`` (whose government), language, those of :func:`unanswered`, ``questions`` (how many
    different ones of :data:`ABOUT_GOVERNMENT` were asked, which differs from row to row), and ``share_other``: the
    share unanswered of all other questions, asked as the same people in the same language (NaN without any).
    """
    known = _known(store, questions, scope, ("country", "language"))
    known = known.dropna(subset=["country"])
    about = known["question_id"].isin(ABOUT_GOVERNMENT)
    keys = ["model_id", "country", "language"]
    others = _shares(known[~about], keys)[[*keys, "share"]].rename(columns={"share": "share_other"})
    asked = known[about].groupby(keys)["question_id"].nunique().rename("questions").reset_index()
    return _shares(known[about], keys).merge(asked, on=keys).merge(others, on=keys, how="left")


def _known(store: Store, questions: Mapping[str, Question], scope: str, by: Sequence[str]) -> pd.DataFrame:
    """Counts by model, question and the columns ``by``."""
    where, values = condition(scope)
    names = ", ".join(("model_id", "question_id", *by))
    found = store.frame(
        f"""SELECT {names}, {counted()} AS answers, {counted("outcome = 'refusal'")} AS refused,
        {counted("outcome = 'invalid'")} AS invalid, {counted("beside")} AS beside
        FROM tallies WHERE outcome <> 'error' AND {where} GROUP BY ALL""",  # noqa: S608 - fixed names; values are parameters
        values,
    )
    return found[found["question_id"].isin(list(questions))]


def _shares(known: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    table = known.groupby(keys, as_index=False, sort=True)[list(COUNTS)].sum()
    return table.assign(share=table[list(COUNTS[1:])].sum(axis=1) / table["answers"])
