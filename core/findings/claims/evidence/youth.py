"""Evidence on younger people, from answers without a persona."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from core.audits.representation.audit import persona_of
from core.findings.claims.evidence.frame import PAIR, evidence_frame, facts_of, table_sources
from core.stats.distances import Array
from core.stats.gaps import against_others
from core.stats.groups import Item, level_distances
from core.surveys import Survey
from core.types import AGES, Model, Persona, Question, Reference


def youth_gaps(
    table: pd.DataFrame, survey: Survey, models: Mapping[str, Model], shipped: Iterable[str] = (), seed: int = 0
) -> pd.DataFrame:
    """Distance to people of 18-29 less that to older ones, less the same for an even guess; 0..1, no persona.

    Groups are thinned to one size before they are compared. The mean over China and the USA, and over prompt languages.
    """
    questions, sources = survey.questions(), table_sources(table, shipped)
    mine = table[table["persona"] == Persona().key]
    people = {name: _age_groups(survey, name) for name in mine["question_id"].unique()}
    rows = []
    for (model, name), part in mine.groupby(["model_id", "question_id"], sort=False):
        groups, question = people[str(name)], questions.get(str(name))
        if not groups or question is None:
            continue
        k = len(question.options)
        asked = [np.asarray(p, dtype=float) for p in part["probabilities"]]
        values = [
            _young(p, group, question, seed) - _young(np.full(k, 1 / k), group, question, seed)
            for p in asked
            for group in groups
        ]
        rows.append((model, *facts_of(str(model), models), sources[str(model)], name, float(np.mean(values))))
    return evidence_frame(rows)


def _age_groups(survey: Survey, question: str) -> list[tuple[Reference, ...]]:
    out = []
    for country in PAIR:
        found = [survey.reference(question, persona_of(country, "age", age)) for age in AGES]
        exact = [r for r in found if isinstance(r, Reference) and r.matched == "exact"]
        if len(exact) == len(AGES):
            out.append(tuple(exact))
    return out


def _young(answer: Array, groups: Sequence[Reference], question: Question, seed: int) -> float:
    item = Item(
        answer, np.array([g.shares for g in groups]), np.array([g.n_eff for g in groups]), question.scale == "ordinal"
    )
    # One seed thins the groups alike for the model and the even guess, so that the thinning cancels out.
    return float(against_others(level_distances([item], np.random.default_rng(seed)))[0, 0])
