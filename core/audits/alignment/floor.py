"""The noise floor of alignment: the score of a perfect answer with as many draws as the survey has respondents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.stats import distance_for, similarity_as_published
from core.stats.distances import Array
from core.surveys import Survey
from core.types import Persona, Reference

DRAWS = 200
MOST_DRAWN = 3_000  # the floor of a larger sample cannot be distinguished from the floor of this one
FLOORED = ("skill_uniform", "skill_others", "published")
"""Measures that have a floor; that of ``published`` is shown minus an even guess, like the similarity itself."""


class Drawn(NamedTuple):
    """Distance and published similarity (draws,) between samples of people and the people they were drawn from."""

    distance: Array
    published: Array


Floor = Mapping[tuple[str, str], Drawn]
"""Draws by country and question."""


def floor_draws(scores: pd.DataFrame, survey: Survey, seed: int = 0) -> Floor:
    """Draws for each country and question of :func:`.scores.question_scores`, each as large as the survey's sample."""
    questions, rng = survey.questions(), np.random.default_rng(seed)
    alike: dict[tuple[int, Callable[..., Array]], list[tuple[tuple[str, str], Reference]]] = defaultdict(list)
    cells = scores.drop_duplicates(["country", "question_id"])
    for country, name in zip(cells["country"], cells["question_id"], strict=True):
        reference = survey.reference(name, Persona(country=country))
        if isinstance(reference, Reference):
            kind = len(reference.shares), distance_for(questions[name])
            alike[kind].append(((country, name), reference))
    found: dict[tuple[str, str], Drawn] = {}
    for (_, distance), members in alike.items():
        people = np.array([reference.shares for _, reference in members])
        people = people / people.sum(axis=1, keepdims=True)
        size = np.array([max(1, min(MOST_DRAWN, round(reference.n_eff))) for _, reference in members])
        shares = rng.multinomial(size, people, size=(DRAWS, len(members))) / size[:, None]
        whole = np.broadcast_to(people, shares.shape)
        far = distance(whole, shares)
        near = similarity_as_published(whole, shares)
        found |= {key: Drawn(far[:, place], near[:, place]) for place, (key, _) in enumerate(members)}
    return found


def floors(scores: pd.DataFrame, drawn: Floor, by: Sequence[str] = ("country",)) -> pd.DataFrame:
    """5 % and 95 % points of each measure of :data:`FLOORED` over the questions of each group of ``by``.

    Columns: those of ``by`` and, for each measure, its name with ``_floor_low`` and ``_floor_high``; NaN where a
    baseline is not known. Questions count once, however many models answered them.
    """
    cells = scores.drop_duplicates([*by, "country", "question_id"])
    keys = list(zip(cells["country"], cells["question_id"], strict=True))
    cells = cells[np.array([key in drawn for key in keys], dtype=bool)]  # an empty list would choose no columns
    names = [f"{measure}_floor_{end}" for measure in FLOORED for end in ("low", "high")]
    rows = []
    for key, part in cells.groupby(list(by), sort=False):
        mine = [drawn[cell] for cell in zip(part["country"], part["question_id"], strict=True)]
        far = np.array([one.distance for one in mine])
        has = part["others"].notna().to_numpy()
        near = np.array([one.published for one in mine]).mean(axis=0) - part["uniform_published"].mean()
        rows.append(
            (
                *key,
                *_skill(far, part["uniform"].to_numpy()),
                *_skill(far[has], part["others"].to_numpy()[has]),
                *np.quantile(near, [0.05, 0.95]),
            )
        )
    return pd.DataFrame(rows, columns=[*by, *names])


def _skill(far: Array, baseline: Array) -> tuple[float, float]:
    """Ends of 1 - sum(far) / sum(baseline); ``far`` is (questions, draws)."""
    if not baseline.sum() > 0:
        return float("nan"), float("nan")
    low, high = np.quantile(1 - far.sum(axis=0) / baseline.sum(), [0.05, 0.95])
    return float(low), float(high)
