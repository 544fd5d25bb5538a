"""Evidence from mean answers: the published models, and a store's models on the same 19 questions.

Frames of answers are those of :func:`core.findings.china_west.published_answers`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from core.findings.china_west import ANSWER_COLUMNS, models_of, publics, wide
from core.findings.claims.evidence.frame import PAIR, evidence_frame
from core.findings.claims.verdicts import COLUMNS
from core.stats.distances import Array
from core.surveys.published import ITEMS, own_survey


def _of_means(answers: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Models x questions as evidence; the cluster is the developer, the side the origin."""
    facts = models_of(answers)
    long = values.rename_axis(index="model_id").reset_index().melt("model_id", var_name="question", value_name="value")
    long = long.join(facts.rename(columns={"group": "side", "developer": "cluster"}), on="model_id")
    return evidence_frame(long[list(COLUMNS[:-2])].itertuples(index=False, name=None))


def language_changes(answers: pd.DataFrame) -> pd.DataFrame:
    """How far a model's mean answer moves when the prompt is Chinese, not English, no persona; scale points, 0..9."""
    return _of_means(answers, (wide(answers, "zh", "none") - wide(answers, "en", "none")).abs())


def _country_means() -> dict[str, Array]:
    return {str(country): means.to_numpy(float) for country, means in own_survey().country_means(ITEMS).iterrows()}


def public_answers(persona_countries: Iterable[str] = PAIR) -> pd.DataFrame:
    """Mean answers of every public except those of :data:`PAIR` as a frame of answers, each treated as a model.

    A public gives its own answers, whatever the persona and the language.
    """
    rows = []
    for country, means in _country_means().items():
        if country in PAIR:
            continue
        head = (country, country, "survey", "other", "other", country)
        for persona in ("none", *persona_countries):
            rows += [(*head, "en", persona, item, mean, np.nan) for item, mean in zip(ITEMS, means, strict=True)]
    return pd.DataFrame(rows, columns=list(ANSWER_COLUMNS)).dropna(subset=["mean"])


def _nearer_usa(answers: Array, means: Mapping[str, Array]) -> Array:
    """Mean distance to the other countries minus that to the USA, question by question; ``answers`` (..., 19)."""
    others = np.array([values for country, values in means.items() if country != "USA"])
    apart = np.abs(answers[..., None, :] - others)
    return np.asarray(np.nanmean(apart, axis=-2) - np.abs(answers - means["USA"]))


def usa_advantage(answers: pd.DataFrame) -> pd.DataFrame:
    """How much nearer to the USA than to the average other country, minus the same for answering 5.5; scale points.

    English prompts, no persona. Countries are all of the survey that were asked the question.
    """
    table, means = wide(answers, "en", "none"), _country_means()
    values = table.to_numpy(float)
    some = ~np.isnan(values)
    middle = _nearer_usa(np.full(len(ITEMS), 5.5), means)
    filled = np.where(some, values, 5.5)
    advantage = np.where(some, _nearer_usa(filled, means) - middle, np.nan)
    return _of_means(answers, pd.DataFrame(advantage, index=table.index, columns=table.columns))


def persona_misses(answers: pd.DataFrame) -> pd.DataFrame:
    """As a person of China and of the USA: distance to that public minus that of the mean of all other countries.

    Scale points, positive where the model is further away; the mean over both publics, and over both prompt languages
    where both were asked. A question counts where both publics can be compared.
    """
    means = _country_means()
    parts = []
    for country, people in zip(PAIR, publics(), strict=True):
        others = np.nanmean([values for name, values in means.items() if name != country], axis=0)
        asked = [(wide(answers, language, country) - people).abs() for language in ("en", "zh")]
        known = asked[0].notna().astype(int) + asked[1].notna().astype(int)
        mean = (asked[0].fillna(0.0) + asked[1].fillna(0.0)) / known.where(known > 0)
        parts.append(mean - np.abs(others - people))
    return _of_means(answers, (parts[0] + parts[1]) / 2)
