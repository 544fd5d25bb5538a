"""Ranks models in one list with two answers that need no model: an even guess and the mean of all other countries."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pandas as pd

from core.findings.world.nearness import EVEN, OTHERS, Fields, ranked
from core.stats import benjamini_hochberg, clear_sign, mean_columns

LEAST_SHARE = 0.5
"""A model with a smaller share of the questions than this is left out, as it would remove questions of the others."""


LEAST_NET = 0.01
"""A distance that differs less than this from that of an even guess is no finding, however certain."""


def clearly_nearer(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of :func:`.nearness.ranked` that are nearer than an even guess: beyond noise, and enough to matter."""
    sign = clear_sign(table["net"], table["net_low"], table["net_high"], table["p_adjusted"], LEAST_NET)
    return table[sign < 0]


def rankable(scores: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Rows of :func:`core.audits.alignment.scores.question_scores` by models that can be ranked together.

    The second value names those left out and how many questions each answered: fewer than :data:`LEAST_SHARE` of
    those of the model with most.
    """
    asked = scores.groupby("model_id")["question_id"].nunique()
    few = asked[asked < LEAST_SHARE * asked.max()] if len(asked) else asked
    return scores[~scores["model_id"].isin(few.index)], {str(name): int(n) for name, n in few.items()}


def about(fields: Fields, questions: Container[str]) -> Fields:
    """``fields`` restricted to ``questions``."""
    keep = [at for at, name in enumerate(fields.questions) if name in questions]
    return fields._replace(
        questions=tuple(fields.questions[at] for at in keep),
        batteries=tuple(fields.batteries[at] for at in keep),
        distance=fields.distance[:, keep],
        even=fields.even[keep],
        others=fields.others[keep],
    )


def ranked_models(fields: Fields, country: str | None = None) -> pd.DataFrame:
    """Models and both baselines by their distance to people of ``country``, or to those of all places on average.

    The columns of :func:`.nearness.ranked`; ``name`` is that of the model, or :data:`EVEN` or :data:`OTHERS`.
    ``beats_others`` is True for a model that is nearer than the mean of all other countries: the interval of the
    difference excludes 0, its p, adjusted over the models, is under .05, and it is at least :data:`LEAST_NET`. Empty
    where the fields have no model, no question or not that country. In the average each place has the same weight.
    """
    at = [fields.places.index(country)] if country in fields.places else list(range(len(fields.places)))
    if not fields.models or not fields.questions or not at or (country is not None and country not in fields.places):
        return pd.DataFrame()
    even = fields.even[:, at].mean(axis=1)
    far = np.column_stack([fields.distance[:, :, at].mean(axis=2).T, even, fields.others[:, at].mean(axis=1)])
    names = [*fields.models, EVEN, OTHERS]
    ahead = mean_columns(far[:, : len(fields.models)] - far[:, -1:], fields.batteries)
    clear = clear_sign(ahead.mean, ahead.low, ahead.high, benjamini_hochberg(ahead.p), LEAST_NET) < 0
    beats = dict(zip(fields.models, clear.tolist(), strict=True))
    frame = ranked(names, far, np.repeat(even[:, None], len(names), axis=1), fields.batteries)
    return frame.assign(beats_others=[beats.get(str(name), False) for name in frame["name"]])
