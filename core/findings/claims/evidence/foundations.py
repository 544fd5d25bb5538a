"""Evidence from the Moral Foundations Questionnaire 2: six foundations, means from 1 to 5, of models and of people.

The measures are those of :mod:`.means` on the survey's 19 questions; here the people are the published panels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.findings.china_west import group_of
from core.findings.claims.evidence.frame import evidence_frame
from core.findings.claims.verdicts import COLUMNS
from core.surveys.published import figures, foundation_means

MIDDLE = 3.0
PLACES = {"CHN": "China", "USA": "USA"}
OWN_ANSWERS = ("mean of 6 items, 1..5 (each item the mean of the answers given)", "mean of own answers, 1..5")


class _Asked(NamedTuple):
    """Models x foundations, with the name, side, cluster and number of answered statements of each model."""

    answers: pd.DataFrame
    facts: pd.DataFrame


def _asked(study: str, language: str, persona: str) -> _Asked:
    frame = figures(study)
    frame = frame[frame["statistic"].isin(OWN_ANSWERS)]
    mine = frame[(frame["language"] == language) & (frame["persona"] == persona)]
    answers = mine.pivot(index="model", columns="item", values="value")
    each = mine.drop_duplicates("model").set_index("model").reindex(answers.index)
    side = [group_of(base, tuner) for base, tuner in zip(each["base"], each["tuner"], strict=True)]
    facts = pd.DataFrame(
        {"side": side, "cluster": each["developer"], "n_items": mine.groupby("model")["n"].sum().reindex(answers.index)}
    )
    return _Asked(answers, facts)


def _evidence(values: pd.DataFrame, facts: pd.DataFrame, source: str) -> pd.DataFrame:
    side, cluster = facts["side"].to_dict(), facts["cluster"].to_dict()
    rows = [
        (f"{source}:{model}", model, side[model], cluster[model], source, item, float(value))
        for model, line in values.iterrows()
        for item, value in line.items()
    ]
    found = evidence_frame(rows)
    return found.assign(n_items=found["name"].map(facts["n_items"]).astype(int))[list(COLUMNS)]


def foundation_language_changes() -> pd.DataFrame:
    """How far a model's mean on a foundation moves when the prompt is Chinese, not English, no persona; 0..4."""
    english, chinese = _asked("mfq2", "en", "none"), _asked("mfq2", "zh", "none")
    return _evidence((chinese.answers - english.answers).abs(), english.facts, "published")


def foundation_usa_advantage(study: str = "mfq2", language: str = "en") -> pd.DataFrame:
    """How much nearer to the USA than to the average other country, minus the same for answering 3; scale points.

    ``study`` is ``mfq2`` or ``mfq2_2026`` (English only). The other countries are the 20 other panels.
    """
    asked = _asked(study, language, "none")
    return _evidence(_nearer_usa(asked.answers), asked.facts, "published")


def foundation_misses() -> pd.DataFrame:
    """As a person of China and of the USA: distance to that public minus that of the mean of all other countries.

    Scale points, positive where the model is further away; the mean over both publics and both prompt languages.
    """
    asked = {(place, language): _asked("mfq2", language, place) for place in PLACES for language in ("en", "zh")}
    values = _misses(lambda place: [asked[place, language].answers for language in ("en", "zh")])
    return _evidence(values, next(iter(asked.values())).facts, "published")


def public_foundations() -> pd.DataFrame:
    """:func:`foundation_usa_advantage` of every public except China and the USA, each treated as a model."""
    people = _others(foundation_means())
    return _evidence(_nearer_usa(people), _people(people.index), "survey")


def public_foundation_misses() -> pd.DataFrame:
    """:func:`foundation_misses` of the same publics. A public gives its own answers to every persona."""
    people = _others(foundation_means())
    return _evidence(_misses(lambda place: [people]), _people(people.index), "survey")


def _nearer_usa(answers: pd.DataFrame) -> pd.DataFrame:
    people = foundation_means()[list(answers.columns)]
    usa, others = people.loc["USA"], people.drop(index="USA")

    def nearer(row: pd.Series) -> pd.Series:
        return (others - row).abs().mean() - (usa - row).abs()

    middle = nearer(pd.Series(MIDDLE, index=people.columns))
    return pd.DataFrame({model: nearer(row) - middle for model, row in answers.iterrows()}).T


def _misses(told: Callable[[str], list[pd.DataFrame]]) -> pd.DataFrame:
    people, parts = foundation_means(), []
    for code, place in PLACES.items():
        public, others = people.loc[place], people.drop(index=place).mean()
        far = [(answers - public).abs() for answers in told(code)]
        parts.append(sum(far[1:], start=far[0]) / len(far) - (others - public).abs())
    return (parts[0] + parts[1]) / 2


def _others(people: pd.DataFrame) -> pd.DataFrame:
    return people.drop(index=list(PLACES.values()))


def _people(places: Iterable[object]) -> pd.DataFrame:
    names = list(places)
    return pd.DataFrame({"side": "other", "cluster": names, "n_items": np.full(len(names), 36)}, index=names)
