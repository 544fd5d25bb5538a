"""To which of all countries a model is nearest, on the items that all of them have."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.findings.china_west.answers import models_of, wide
from core.findings.map.axes import country_axes
from core.stats.clustered import two_stage_counts
from core.stats.distances import Array
from core.surveys import shipped_survey
from core.surveys.batteries import batteries_of

PAIR = ("CHN", "USA")


def country_ranks(answers: pd.DataFrame, language: str, persona: str, seed: int = 0) -> pd.DataFrame:
    """Ranks of China and the USA among all countries by mean absolute distance, 1 is nearest; one row per model.

    Items and countries are those of :func:`.axes.country_axes`, which every country and model has. Columns: model_id,
    name, group, nearest (country), and for each of the pair its rank and the 95 % interval over batteries and items;
    ``countries`` and ``items`` are the numbers behind the ranks. Ends are quantiles of 2,000 draws, because a rank has
    no formula for its variance.
    """
    axes = country_axes()
    people = axes.points.shape[0]
    table = wide(answers, language, persona).reindex(columns=list(axes.items)).dropna()
    facts = models_of(answers).reindex(table.index)
    survey = shipped_survey()
    known = batteries_of(survey.questions())
    means = survey.country_means(axes.items).loc[list(axes.countries)].to_numpy(float)
    counts = two_stage_counts([known[item] for item in axes.items], len(axes.items), seed)
    places = [axes.countries.index(country) for country in PAIR]
    rows = []
    for (model, given), (_, fact) in zip(table.iterrows(), facts.iterrows(), strict=True):
        far = np.abs(means - given.to_numpy(float))
        whole, drawn = far.mean(axis=1), counts @ far.T
        row = {"model_id": model, "name": fact["name"], "group": fact["group"]}
        row["nearest"] = axes.countries[int(whole.argmin())]
        for country, place in zip(PAIR, places, strict=True):
            low, high = np.quantile(_ranks(drawn, place), [0.025, 0.975])
            name = f"rank_{country.lower()}"
            row |= {name: int(_ranks(whole[None], place)[0]), f"{name}_low": int(low), f"{name}_high": int(high)}
        rows.append(row | {"countries": people, "items": len(axes.items)})
    return pd.DataFrame(rows)


def _ranks(distances: Array, place: int) -> Array:
    """Rank of the country at ``place`` in each row of ``distances`` (rows, countries)."""
    return np.asarray(1 + (distances < distances[:, place : place + 1] - 1e-12).sum(axis=1))


def rank_counts(ranks: pd.DataFrame) -> dict[str, int]:
    """Models, countries, items; how often each of the pair surely comes first; how often by the point; its ranks.

    Surely: 95 % of the draws of questions have it first.
    """
    if ranks.empty:
        return {"models": 0, "countries": 0, "items": 0}
    out = {"models": len(ranks), "countries": int(ranks["countries"].iloc[0]), "items": int(ranks["items"].iloc[0])}
    for country in ("chn", "usa"):
        rank = ranks[f"rank_{country}"]
        out |= {f"{country}_sure": int((ranks[f"rank_{country}_high"] == 1).sum())}
        out |= {f"{country}_first": int((rank == 1).sum()), f"{country}_best": int(rank.min())}
        out[f"{country}_worst"] = int(rank.max())
    return out
