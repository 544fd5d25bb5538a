"""Known scores of predictors that need no model, from the shipped answers to Q164-Q198 in all countries."""

import numpy as np
import pandas as pd
import pytest

from core.settings import DATA
from core.stats import emd_ordinal, sampled_scores, similarity, similarity_as_published

ITEMS = [f"Q{number}" for number in range(164, 199)]


@pytest.fixture(scope="module")
def tables():
    """Per item: countries x codes, codes absent in a country as 0."""
    frame = pd.read_parquet(DATA / "human" / "wvs7_marginals.parquet")
    frame = frame[(frame["group_dim"] == "all") & frame["item_id"].isin(ITEMS)]
    frame = frame.astype({"item_id": str, "country_iso3": str})
    return {
        item: part.pivot(index="country_iso3", columns="option_code", values="share").fillna(0.0)
        for item, part in frame.groupby("item_id")
    }


def uniform(human):
    return np.full_like(human, 1 / human.shape[1])


def first_code(human):
    return np.eye(human.shape[1])[np.zeros(len(human), dtype=int)]


def human_mode(human):
    return np.eye(human.shape[1])[human.argmax(axis=1)]


def reversed_human(human):
    return human[:, ::-1]


def mean_of_others(human):
    return (human.sum(axis=0) - human) / (len(human) - 1)


def test_every_pair_is_there(tables):
    assert sum(len(table) for table in tables.values()) == 1_778
    assert len(set().union(*(table.index for table in tables.values()))) == 65
    assert len(tables) == 35


@pytest.mark.parametrize(
    ("predictor", "want"),
    [
        (uniform, (0.799, 0.265, 0.662)),
        (first_code, (0.596, 0.340, 0.508)),
        (human_mode, (0.721, 0.213, 0.585)),
        (reversed_human, (0.573, 0.523, 0.503)),
        (mean_of_others, (0.932, 0.137, 0.809)),
    ],
)
def test_predictors_without_a_model_score_what_they_should(tables, predictor, want):
    scores = []
    for table in tables.values():
        human = table.to_numpy()
        guess = predictor(human)
        scores.append([similarity(human, guess), emd_ordinal(human, guess), similarity_as_published(human, guess)])
    means = np.concatenate(scores, axis=1).mean(axis=1)
    assert means == pytest.approx(want, abs=1e-3)


def test_even_a_perfect_simulation_of_20_people_falls_short(tables):
    """Twenty draws from the public itself on a ten-point ladder: about .76 by the published formula, not 1."""
    ladders = np.concatenate([table.to_numpy() for table in tables.values() if table.shape[1] == 10])
    scores = sampled_scores(ladders, 20, similarity_as_published, 60, np.random.default_rng(0))
    assert scores.mean() == pytest.approx(0.76, abs=0.01)
    more = sampled_scores(ladders, 2_000, similarity_as_published, 20, np.random.default_rng(0))
    assert more.mean() > 0.95
