"""First-token alignment: how near is each model to each country, question by question, beside both baselines?

Skill is 1 - (mean distance of the model) / (mean distance of a baseline) over the same questions; the baselines are an
even guess over the options and the mean of the other countries. Intervals are over questions, the ratio resampled as a
whole. The noise floor stands in :mod:`core.audits.alignment.floor`, views by size, tuning and family in
:mod:`core.audits.alignment.traits`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.audits.representation.audit import Answers
from core.stats import emd_ordinal, similarity_as_published, total_variation
from core.stats.distances import Array
from core.stats.gaps import bootstrap_counts
from core.surveys import Survey
from core.surveys.base import NotAsked
from core.types import Persona

AskedAs = Literal["none", "country"]
ASKED: tuple[AskedAs, ...] = ("country", "none")

QUESTION_COLUMNS = (
    "model_id",
    "country",
    "question_id",
    "topic",
    "distance",
    "uniform",
    "others",
    "published",
    "uniform_published",
    "others_published",
    "n",
    "n_eff",
    "year",
    "weight_status",
    "source",
)


def persona_key(country: str, asked: AskedAs) -> str:
    """Key of the persona that a model answers as when it is held against ``country``."""
    return (Persona() if asked == "none" else Persona(country=country)).key


def question_scores(
    answers: Mapping[str, Answers],
    survey: Survey,
    countries: Iterable[str],
    asked: AskedAs = "country",
    question_ids: Iterable[str] | None = None,
) -> pd.DataFrame:
    """One row per model, country and question: distances 0..1 (EMD on ordinal questions, else total variation).

    ``answers`` maps model ids to answers by (persona key, question id). ``published`` and its baselines are the
    similarity of arXiv 2502.07068. ``others`` is NaN where no other country asked. Questions without an answer or
    without people are left out.
    """
    questions = survey.questions()
    ids = [name for name in (questions if question_ids is None else question_ids) if name in questions]
    rows: list[tuple[Any, ...]] = []
    for country in countries:
        key, person = persona_key(country, asked), Persona(country=country)
        for name in ids:
            found = {model: mine[key, name] for model, mine in answers.items() if (key, name) in mine}
            if not found:
                continue
            reference = survey.reference(name, person)
            if isinstance(reference, NotAsked):
                continue
            mean = survey.mean_of_others(name, country)
            k = len(reference.shares)
            nothing = [float("nan")] * k
            q = np.array([*found.values(), [1 / k] * k, mean if mean is not None else nothing], dtype=np.float64)
            p = np.broadcast_to(np.asarray(reference.shares), q.shape)
            measure = emd_ordinal if questions[name].scale == "ordinal" else total_variation
            far, alike = measure(p, q), similarity_as_published(p, q)
            facts = (reference.n, reference.n_eff, reference.year, reference.weight_status, reference.survey)
            rows += [
                (model, country, name, questions[name].topic, *far[[i, -2, -1]], *alike[[i, -2, -1]], *facts)
                for i, model in enumerate(found)
            ]
    return pd.DataFrame(rows, columns=list(QUESTION_COLUMNS))


def _ratio(top: Array, bottom: Array, seed: int) -> tuple[float, float, float]:
    """1 - sum(top) / sum(bottom) with its interval; both (questions,), resampled together."""
    n = len(top)
    if n == 0 or bottom.sum() <= 0:
        return float("nan"), float("nan"), float("nan")
    value = float(1 - top.sum() / bottom.sum())
    if n < 2:
        return value, float("nan"), float("nan")
    counts = bootstrap_counts(n, seed)
    over, under = counts @ top, counts @ bottom
    drawn = 1 - np.divide(over, under, out=np.full(len(over), np.nan), where=under > 0)
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return value, float(low), float(high)


def skills(scores: pd.DataFrame, by: Sequence[str] = ("model_id", "country"), seed: int = 0) -> pd.DataFrame:
    """Summary of :func:`question_scores`, one row per group of ``by``.

    Columns: those of ``by``, questions, distance, uniform, others (means), skill_uniform and skill_others with
    ``_low`` and ``_high`` (95 % over questions; NaN for one question), published with its interval ends and the two
    baselines, n, year, weight_status, source. ``skill_others`` uses the questions that other countries have.
    """
    rows = []
    for key, part in scores.groupby(list(by), sort=False):
        distance = part["distance"].to_numpy()
        uniform = _ratio(distance, part["uniform"].to_numpy(), seed)
        has = part["others"].notna().to_numpy()
        others = _ratio(distance[has], part["others"].to_numpy()[has], seed)
        gap = _ratio(1 - part["published"].to_numpy(), np.ones(len(part)), seed)
        rows.append(
            dict(zip(by, key, strict=True))
            | {
                "questions": len(part),
                "distance": float(distance.mean()),
                "uniform": float(part["uniform"].mean()),
                "others": float(part["others"].mean()),
                "skill_uniform": uniform[0],
                "skill_uniform_low": uniform[1],
                "skill_uniform_high": uniform[2],
                "skill_others": others[0],
                "skill_others_low": others[1],
                "skill_others_high": others[2],
                "published": gap[0],
                "published_low": gap[1],
                "published_high": gap[2],
                "published_uniform": float(part["uniform_published"].mean()),
                "published_others": float(part["others_published"].mean()),
                "n": int(part["n"].median()),
                "year": int(part["year"].mode().iloc[0]),
                "weight_status": ", ".join(sorted(set(part["weight_status"]))),
                "source": ", ".join(sorted(set(part["source"]))),
            }
        )
    return pd.DataFrame(rows)
