"""Evidence from models that were told a country: distances to its people, and differences between countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from core.audits.alignment.scores import question_scores
from core.audits.option_table import answers_of
from core.findings.claims.evidence.frame import answering, evidence_frame, facts_of, shared_rows, table_sources
from core.stats import distance_for
from core.surveys import Survey
from core.types import Model, Persona, Reference


def _country_scores(table: pd.DataFrame, survey: Survey, language: str) -> pd.DataFrame:
    """Rows of :func:`~.alignment.scores.question_scores` of each model for the countries that it was told."""
    mine = table[table["language"] == language]
    told = {country for key in mine["persona"].unique() if (country := _country_of(key))}
    answers = {name: answers_of(mine, name, language) for name in mine["model_id"].unique()}
    return question_scores(answers, survey, sorted(told), "country")


def _country_of(key: str) -> str | None:
    persona = Persona.from_key(key)
    return persona.country if persona.key == Persona(country=persona.country).key else None


def told_scores(table: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """Distances of every model told a country, prompts in English or, where it has none, in Chinese."""
    parts = [_country_scores(table, survey, language) for language in ("en", "zh")]
    later = parts[1][~parts[1]["model_id"].isin(set(parts[0]["model_id"]))]
    return pd.concat([part for part in (parts[0], later) if len(part)] or [parts[0]], ignore_index=True)


def country_misses(scores: pd.DataFrame, models: Mapping[str, Model], sources: Mapping[str, str]) -> pd.DataFrame:
    """Distance to a country's people minus that of the mean of the other countries, told the country; -1..1.

    The mean over countries; models that were told fewer than two countries are left out.
    """
    rows = []
    for model, part in answering(scores, models).dropna(subset=["others"]).groupby("model_id", sort=False):
        if part["country"].nunique() < 2:
            continue
        gap = (part["distance"] - part["others"]).groupby(part["question_id"]).mean()
        rows += [(model, *facts_of(str(model), models), sources[str(model)], q, float(v)) for q, v in gap.items()]
    return evidence_frame(rows)


def public_misses(scores: pd.DataFrame, survey: Survey) -> pd.DataFrame:
    """:func:`country_misses` of real publics on the countries and questions of ``scores``.

    A public gives its own answers, whichever country it is told. It is not compared with itself.
    """
    if scores.empty:
        return evidence_frame([])
    told = sorted(set(scores["country"]))
    others = [public for public in survey.countries() if public not in told]
    questions = survey.questions()
    shares: dict[str, dict[str, tuple[float, ...]]] = {}
    parts: dict[tuple[str, str], list[float]] = {}
    for country, part in scores.groupby("country"):
        for name in dict.fromkeys(part["question_id"]):
            people = survey.reference(name, Persona(country=str(country)))
            elsewhere = survey.mean_of_others(name, str(country))
            if not isinstance(people, Reference) or elsewhere is None:
                continue
            if name not in shares:
                found = {public: survey.reference(name, Persona(country=public)) for public in others}
                shares[name] = {p: r.shares for p, r in found.items() if isinstance(r, Reference)}
            known = shares[name]
            rows = np.array([*known.values(), elsewhere])
            far = distance_for(questions[name])(np.broadcast_to(people.shares, rows.shape), rows)
            for public, distance in zip(known, far, strict=False):
                parts.setdefault((public, name), []).append(float(distance - far[-1]))
    return evidence_frame((p, p, "other", p, "survey", name, float(np.mean(v))) for (p, name), v in parts.items())


def series_distances(scores: pd.DataFrame, models: Mapping[str, Model], sources: Mapping[str, str]) -> pd.DataFrame:
    """Distance to people, told the country, of models of the Llama 3 and the Mistral families; 0..1.

    The side is ``llama3`` or ``mistral``. Models of a series share their developer, so each is a cluster of its own.
    Only questions and countries that all of these models have count.
    """
    sides = {name: side for name, model in models.items() if (side := _series(model.family))}
    mine = answering(scores[scores["model_id"].isin(list(sides))], models)
    mine = shared_rows(mine)
    rows = []
    for (model, question), part in mine.groupby(["model_id", "question_id"], sort=False):
        name = models[str(model)].name
        side, source = sides[str(model)], sources[str(model)]
        rows.append((model, name, side, model, source, question, float(part["distance"].mean())))
    return evidence_frame(rows)


def _series(family: str) -> str | None:
    words = family.lower().replace("-", " ")
    return "llama3" if words.startswith("llama 3") else "mistral" if words.startswith(("mistral", "mixtral")) else None


def tuning_side(tuning: str | None) -> str | None:
    """``rlhf`` for models tuned by reinforcement learning from feedback, ``full`` for supervised tuning alone."""
    steps = {step.strip().lower() for step in (tuning or "").split("+")}
    if steps & {"rlhf", "ppo", "rlaif", "grpo"}:
        return "rlhf"
    return "full" if steps & {"sft", "full fine-tuning", "fft"} and len(steps) == 1 else None


def country_variation(
    table: pd.DataFrame, survey: Survey, models: Mapping[str, Model], shipped: Iterable[str] = ()
) -> pd.DataFrame:
    """How far a model's answers differ between countries that it is told, mean over pairs of countries; 0..1.

    The side is that of :func:`tuning_side`, ``neither`` where the tuning is of another kind or not published.
    """
    questions, sources = survey.questions(), table_sources(table, shipped)
    told = {key: country for key in table["persona"].unique() if (country := _country_of(key))}
    mine = answering(table[table["persona"].isin(list(told)) & (table["language"] == "en")], models)
    rows = []
    for (model, question), part in mine.groupby(["model_id", "question_id"], sort=False):
        if len(part) < 2 or str(question) not in questions:
            continue
        apart = distance_for(questions[str(question)])
        answers = np.array([np.asarray(p, dtype=float) for p in part["probabilities"]])
        left, right = np.triu_indices(len(answers), k=1)
        value = float(np.mean(apart(answers[left], answers[right])))
        name, _, developer = facts_of(str(model), models)
        known = models.get(str(model))
        side = tuning_side(known.tuning if known else None) or "neither"
        rows.append((model, name, side, developer, sources[str(model)], question, value))
    return evidence_frame(rows)
