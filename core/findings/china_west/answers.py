"""Mean answers of the published models and of a store's models to the same 19 questions, and of the two publics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.errors import DataError, said
from core.once import once
from core.settings import DATA
from core.stats.distances import Array
from core.surveys.published import ITEMS, item_table, model_means
from core.types import LANGUAGES, Model, Origin, Persona, Question

MAKERS = DATA / "published" / "published_model_makers.csv"
PERSONAS = ("none", "CHN", "USA")
GROUPS = ("China", "West", "mixed", "other")
"""Origin of a model: built and tuned in China, built and tuned in the West, one of each, or elsewhere and unknown."""
PUBLISHED = "published:"
"""The id of a published model is this and its name."""
ANSWER_COLUMNS = (
    "model_id",
    "name",
    "source",
    "base",
    "tuner",
    "developer",
    "language",
    "persona",
    "item_id",
    "mean",
    "valid_mass",
)


def group_of(base: str, tuner: str) -> str:
    """One of :data:`GROUPS` for an origin pair."""
    return Origin(base=base, tuner=tuner).side


@once
def _makers(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path).set_index("model")[["developer", "origin_base", "origin_tuner"]]
    except (OSError, ValueError, KeyError) as error:
        raise DataError(said("published_makers_unreadable", reason=error)) from error


def published_answers(makers: Path = MAKERS) -> pd.DataFrame:
    """The 17 published models with the columns of :data:`ANSWER_COLUMNS`; ``source`` is ``published``.

    ``mean`` is on 1..10, ``persona`` one of :data:`PERSONAS`. Raises :class:`DataError` where a model has no maker.
    """
    means, known = model_means(), _makers(makers)
    if missing := set(means["model"]) - set(known.index):
        raise DataError(said("published_makers", names=", ".join(sorted(missing))))
    frame = means.join(known, on="model").rename(
        columns={
            "prompt_language": "language",
            "mean_response": "mean",
            "origin_base": "base",
            "origin_tuner": "tuner",
            "model": "name",
        }
    )
    frame = frame.assign(
        model_id=PUBLISHED + frame["name"],
        source="published",
        persona=frame["persona_country"].fillna("none"),
        valid_mass=np.nan,
    )
    return frame.loc[:, list(ANSWER_COLUMNS)]


def own_answers(
    table: pd.DataFrame,
    models: Mapping[str, Model],
    questions: Mapping[str, Question],
    shipped: Iterable[str] = (),
) -> pd.DataFrame:
    """Mean answers of the models of a store, from :func:`core.audits.option_table.option_table`; same columns.

    The questions are Q177-Q195, asked as no one, as a person of China or of the USA. ``mean`` is the mean code
    under the option probabilities, 1..10. ``source`` is ``shipped`` where all of a model's readings come from the runs
    named in ``shipped``, else ``own``. A model that is no longer in the catalogue keeps its id and an unknown origin.
    Base models are left out: they continue a text, so their probabilities of the options are no answer for a side.
    """
    personas = {Persona().key: "none"} | {Persona(country=c).key: c for c in ("CHN", "USA")}
    mine = table[table["question_id"].isin(ITEMS) & table["persona"].isin(list(personas))]
    mine = mine[mine["language"].isin(LANGUAGES)]
    mine = mine[~mine["model_id"].isin([name for name, model in models.items() if not model.chat])]
    known = {name: models[name] for name in mine["model_id"].unique() if name in models}
    outside = ~mine["run_id"].isin(set(shipped))
    own = set(mine.loc[outside, "model_id"])

    def fact(what: str) -> list[str]:
        facts = {
            name: {"name": m.name, "base": m.origin.base, "tuner": m.origin.tuner, "developer": m.developer}[what]
            for name, m in known.items()
        }
        return [facts.get(name, name if what in ("name", "developer") else "unknown") for name in mine["model_id"]]

    means = [
        float(np.dot(questions[item].codes, probabilities))
        for item, probabilities in zip(mine["question_id"], mine["probabilities"], strict=True)
    ]
    return pd.DataFrame(
        {
            "model_id": mine["model_id"].to_numpy(),
            "name": fact("name"),
            "source": ["own" if name in own else "shipped" for name in mine["model_id"]],
            "base": fact("base"),
            "tuner": fact("tuner"),
            "developer": fact("developer"),
            "language": mine["language"].to_numpy(),
            "persona": mine["persona"].map(personas).to_numpy(),
            "item_id": mine["question_id"].to_numpy(),
            "mean": means,
            "valid_mass": mine["valid_mass"].to_numpy(float),
        },
        columns=list(ANSWER_COLUMNS),
    )


def models_of(answers: pd.DataFrame) -> pd.DataFrame:
    """One row per model of ``answers``: name, source, developer, base, tuner and ``group``; indexed by model_id."""
    facts = answers.drop_duplicates("model_id").set_index("model_id")
    facts = facts[["name", "source", "developer", "base", "tuner"]]
    return facts.assign(group=[group_of(b, t) for b, t in zip(facts["base"], facts["tuner"], strict=True)])


@once
def _publics() -> tuple[Array, Array]:
    table = item_table()
    return table["chn_mean"].to_numpy(float), table["usa_mean"].to_numpy(float)


class Publics(NamedTuple):
    """Mean answers of the two publics, each (19,), in the order of ``ITEMS``."""

    china: Array
    usa: Array


def publics() -> Publics:
    """The two publics of the shipped survey."""
    return Publics(*(part.copy() for part in _publics()))


def wide(answers: pd.DataFrame, language: str, persona: str) -> pd.DataFrame:
    """Models x questions asked this way, NaN where not asked; every model of ``answers`` keeps its row."""
    part = answers[(answers["language"] == language) & (answers["persona"] == persona)]
    table = part.pivot_table(index="model_id", columns="item_id", values="mean", aggfunc="mean")
    return table.reindex(index=list(dict.fromkeys(answers["model_id"])), columns=list(ITEMS))
