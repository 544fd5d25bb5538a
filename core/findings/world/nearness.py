"""How near models are to the people of each place, and how certain the order is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.findings.china_west import wide
from core.findings.world.indices import shared_cells
from core.stats import benjamini_hochberg, mean_columns, two_stage_counts
from core.stats.distances import Array
from core.surveys import Survey
from core.surveys.batteries import battery_of
from core.surveys.published import ITEMS
from core.types import Persona, Reference

Basis = Literal["justifiable", "measured"]
BASIS: tuple[Basis, ...] = ("justifiable", "measured")
"""On the 19 questions of the published study, by mean answers, so that its models stand beside those measured here; or
on every question of value and attitude that a model was asked here, by whole distributions."""
MIDDLE = 5.5
EVEN, OTHERS = "even", "others"
"""Names of the two baselines among models: an even guess, and the mean of all other countries."""


class Fields(NamedTuple):
    """Distances (models, questions, places), 0..1, of each model to the people of each place.

    ``even`` and ``others`` (questions, places) are those of an even guess and of the mean of all other countries.
    """

    models: tuple[str, ...]
    questions: tuple[str, ...]
    places: tuple[str, ...]
    batteries: tuple[str, ...]
    distance: Array
    even: Array
    others: Array


def mean_fields(answers: pd.DataFrame, survey: Survey, language: str) -> Fields:
    """Distances of mean answers, as fractions of the scale, on the 19 questions; models asked without a persona.

    ``answers`` are those of :mod:`core.findings.china_west`. Models that were not asked all of the questions are left
    out, as are places.
    """
    bank = survey.questions()
    rows = {}
    for country in survey.countries():
        found = [survey.reference(name, Persona(country=country)) for name in ITEMS]
        known = [one for one in found if isinstance(one, Reference)]
        if len(known) == len(ITEMS):
            rows[country] = [float(np.dot(one.codes, one.shares)) for one in known]
    places, means = tuple(rows), np.array(list(rows.values())).T
    table = wide(answers, language, "none").reindex(columns=list(ITEMS)).dropna()
    given = table.to_numpy(float)
    others = (means.sum(axis=1, keepdims=True) - means) / (means.shape[1] - 1)
    return Fields(
        tuple(map(str, table.index)),
        ITEMS,
        places,
        tuple(battery_of(bank[name]) for name in ITEMS),
        np.abs(given[:, :, None] - means[None]) / 9,
        np.abs(MIDDLE - means) / 9,
        np.abs(others - means) / 9,
    )


def common_fields(scores: pd.DataFrame) -> Fields:
    """Distances of whole distributions from :func:`core.audits.alignment.scores.question_scores`.

    It keeps the questions that every model and nearly every place has (:func:`.indices.shared_cells`).
    """
    models = tuple(dict.fromkeys(scores["model_id"]))
    have = scores.groupby("question_id")["model_id"].transform("nunique")
    mine = scores[have == len(models)]
    one = mine[mine["model_id"] == models[0]] if models else mine

    def table(frame: pd.DataFrame, column: str) -> pd.DataFrame:
        made: pd.DataFrame = frame.pivot(index="question_id", columns="country", values=column)
        return made

    kept = shared_cells(table(one, "others"))
    questions, places = tuple(map(str, kept.index)), tuple(map(str, kept.columns))
    batteries = one.drop_duplicates("question_id").set_index("question_id")["battery"]

    def cut(frame: pd.DataFrame, column: str) -> Array:
        return table(frame, column).reindex(index=list(questions), columns=list(places)).to_numpy(float)

    return Fields(
        models,
        questions,
        places,
        tuple(batteries.reindex(list(questions))),
        np.array([cut(mine[mine["model_id"] == model], "distance") for model in models]),
        cut(one, "uniform"),
        cut(one, "others"),
    )


def ranked(names: Sequence[str], distance: Array, even: Array, batteries: Sequence[str], seed: int = 0) -> pd.DataFrame:
    """Columns of ``distance`` (questions, names) from the nearest to the furthest, with the uncertainty of the order.

    ``even`` (questions, names) are the distances of an even guess. Columns: name, distance, low, high (mean and 95 %
    interval by battery), even, net (distance minus even), net_low, net_high, p_adjusted (that net is 0,
    Benjamini-Hochberg over all names), rank (1 is nearest), rank_low, rank_high. Ends of ranks are quantiles of 2,000
    draws of batteries and questions, because a rank has no formula for its variance.
    """
    far, gain = mean_columns(distance, batteries), mean_columns(distance - even, batteries)
    drawn = two_stage_counts(batteries, len(distance), seed) @ distance
    low, high = np.quantile(_order(drawn), [0.025, 0.975], axis=0)
    frame = pd.DataFrame(
        {
            "name": list(names),
            "distance": far.mean,
            "low": np.maximum(far.low, 0.0),
            "high": far.high,
            "even": even.mean(axis=0),
            "net": gain.mean,
            "net_low": gain.low,
            "net_high": gain.high,
            "p_adjusted": benjamini_hochberg(gain.p),
            "rank": _order(far.mean[None])[0],
            "rank_low": low.astype(int),
            "rank_high": high.astype(int),
        }
    )
    return frame.sort_values("distance", ignore_index=True)


def order_likeness(one: Array, other: Array) -> float:
    """Spearman's rank correlation of two rows of numbers, -1..1; NaN where all numbers of a row are equal."""
    ranks = _order(np.array([one, other])).astype(np.float64)
    if (np.ptp([one, other], axis=1) == 0).any():
        return float("nan")
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    return float(centred[0] @ centred[1] / np.sqrt((centred**2).sum(axis=1).prod()))


def _order(rows: Array) -> NDArray[np.intp]:
    """Rank of each number in its row (rows, n), 1 is the smallest; among equal numbers the first ranks first."""
    return np.asarray(np.argsort(np.argsort(rows, axis=1, kind="stable"), axis=1, kind="stable") + 1, dtype=np.intp)
