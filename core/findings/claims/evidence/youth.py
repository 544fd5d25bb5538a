"""Evidence on younger people, from answers without a persona."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.audits.representation.audit import persona_of
from core.findings.claims.evidence.frame import PAIR, answering, evidence_frame, facts_of, table_sources
from core.stats.distances import Array
from core.stats.gaps import against_others
from core.stats.groups import Item, distances_of, thin
from core.surveys import Survey
from core.types import AGES, Model, Persona, Question, Reference

Baseline = Literal["even", "whole"]
"""``even``: an even guess over the options. ``whole``: the answer of the country's whole population."""


def youth_gaps(
    table: pd.DataFrame,
    survey: Survey,
    models: Mapping[str, Model],
    shipped: Iterable[str] = (),
    seed: int = 0,
    baseline: Baseline = "even",
) -> pd.DataFrame:
    """Distance to people of 18-29 minus that to older ones, minus the same for ``baseline``; 0..1, no persona.

    Groups are thinned to one size before they are compared. The mean over China and the USA, and over prompt languages.
    """
    sources = table_sources(table, shipped)
    mine = answering(table[table["persona"] == Persona().key], models)
    answers = {
        (str(model), str(name)): [np.asarray(p, dtype=float) for p in part["probabilities"]]
        for (model, name), part in mine.groupby(["model_id", "question_id"], sort=False)
    }
    found = _gaps(answers, survey, seed, baseline)
    return evidence_frame(
        (model, *facts_of(model, models), sources[model], name, value) for (model, name), value in found.items()
    )


def public_youth_gaps(survey: Survey, names: Iterable[str], seed: int = 0, baseline: Baseline = "even") -> pd.DataFrame:
    """:func:`youth_gaps` of each public except those of :data:`PAIR` on the questions ``names``, treated as models."""
    answers = {}
    for public in survey.countries():
        for name in names if public not in PAIR else ():
            reference = survey.reference(name, Persona(country=public))
            if isinstance(reference, Reference):
                answers[public, name] = [np.array(reference.shares)]
    found = _gaps(answers, survey, seed, baseline)
    return evidence_frame((m, m, "other", m, "survey", name, value) for (m, name), value in found.items())


def _gaps(
    answers: Mapping[tuple[str, str], Sequence[Array]], survey: Survey, seed: int, baseline: Baseline
) -> dict[tuple[str, str], float]:
    """Net gap of the youngest by model and question, mean over its answers and over the countries of the pair."""
    questions = survey.questions()
    by_question: dict[str, list[str]] = {}
    for model, name in answers:
        by_question.setdefault(name, []).append(model)
    out = {}
    for name, models in by_question.items():
        groups, question = _age_groups(survey, name) if name in questions else [], questions.get(name)
        if not groups or question is None:
            continue
        k = len(question.options)
        rows = [answer for model in models for answer in answers[model, name]]
        owners = np.repeat(np.arange(len(models)), [len(answers[model, name]) for model in models])
        plain = [group.whole if baseline == "whole" else np.full(k, 1 / k) for group in groups]
        found = [
            _young(np.array([*rows, guess]), group.ages, question, seed)
            for guess, group in zip(plain, groups, strict=True)
        ]
        each = np.mean(found, axis=0)
        for place, model in enumerate(models):
            out[model, name] = float(each[:-1][owners == place].mean() - each[-1])
    return out


class _People(NamedTuple):
    """One country's answers to a question: of each age band, and of the whole population (K,)."""

    ages: tuple[Reference, ...]
    whole: Array


def _age_groups(survey: Survey, question: str) -> list[_People]:
    out = []
    for country in PAIR:
        found = [survey.reference(question, persona_of(country, "age", age)) for age in AGES]
        exact = [r for r in found if isinstance(r, Reference) and r.matched == "exact"]
        whole = survey.reference(question, Persona(country=country))
        if len(exact) == len(AGES) and isinstance(whole, Reference):
            out.append(_People(tuple(exact), np.array(whole.shares)))
    return out


def _young(answers: Array, groups: Sequence[Reference], question: Question, seed: int) -> Array:
    """Gap of the youngest for each of ``answers`` (n, K), (n,)."""
    people, n = np.array([g.shares for g in groups]), np.array([g.n_eff for g in groups])
    # All answers use one thinning, so that it cancels out between a model and the even guess.
    thinned = thin([Item(answers[0], people, n, question.scale == "ordinal")], np.random.default_rng(seed))
    return np.asarray(against_others(distances_of(thinned, answers))[:, 0])
