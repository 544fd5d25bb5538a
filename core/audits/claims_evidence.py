"""Evidence for :mod:`core.audits.claims`: one number per model and question, positive where it speaks for the claim.

Everything is computed from what the survey, the published figures and a store hold; nothing is quoted. Each function
gives a frame of :data:`core.audits.claims.COLUMNS`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise

import numpy as np
import pandas as pd

from core.audits.alignment import question_scores
from core.audits.china_west import models_of, publics, wide
from core.audits.claims import COLUMNS
from core.audits.dilemma_rows import readings
from core.audits.dilemma_scores import AGAIN, by_dilemma
from core.audits.option_table import answers_of
from core.audits.representation import persona_of
from core.audits.waves import list_waves
from core.metrics import emd_ordinal, total_variation
from core.metrics.distances import Array
from core.metrics.gaps import Item, against_others, level_distances
from core.settings import DATA
from core.surveys import Survey
from core.surveys.dilemmas import Dilemma
from core.surveys.published import ITEMS
from core.surveys.wvs7 import load
from core.types import AGES, Model, Persona, Question, Reference

PAIR = ("CHN", "USA")
FIGURES = DATA / "published" / "published_figures.csv"
REVERSED = 0.25
"""Up to this share of steps in which the larger model is further away still counts as growing with size."""
STEP = 1.5
"""A model counts as larger from this multiple of parameters on."""


def _frame(rows: Iterable[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "n_items"]).dropna(subset=["value"])
    frame = frame.astype({"value": float})
    return frame.assign(n_items=frame.groupby("model_id")["question"].transform("nunique").astype(int))


def _facts(model_id: str, models: Mapping[str, Model]) -> tuple[str, str, str]:
    """Name, side (China, West, mixed or other) and developer of a model of the store."""
    known = models.get(model_id)
    if known is None:
        return model_id, "other", model_id
    base, tuner = known.origin.base, known.origin.tuner
    side = (
        base
        if base == tuner and base in ("China", "West")
        else "mixed"
        if {base, tuner} == {"China", "West"}
        else "other"
    )
    return known.name, side, known.developer


def _sources(table: pd.DataFrame, shipped: Iterable[str]) -> dict[str, str]:
    inside = table["run_id"].isin(set(shipped)).groupby(table["model_id"]).all()
    return {str(name): "shipped" if only else "own" for name, only in inside.items()}


# Published means, and the store's models on the same 19 questions (frames of china_west.published_answers).


def _of_means(answers: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """Models x questions as evidence; the cluster is the developer, the side the origin."""
    facts = models_of(answers)
    long = values.rename_axis(index="model_id").reset_index().melt("model_id", var_name="question", value_name="value")
    long = long.join(facts.rename(columns={"group": "side", "developer": "cluster"}), on="model_id")
    return _frame(long[[name for name in COLUMNS if name != "n_items"]].itertuples(index=False, name=None))


def language_changes(answers: pd.DataFrame) -> pd.DataFrame:
    """How far a model's mean answer moves when the prompt is Chinese, not English, no persona; scale points, 0..9."""
    return _of_means(answers, (wide(answers, "zh", "none") - wide(answers, "en", "none")).abs())


def _country_means() -> dict[str, Array]:
    survey = load()
    return {country: survey.means(ITEMS, country)["mean"].to_numpy(float) for country in survey.countries()}


def _nearer_usa(answers: Array, means: Mapping[str, Array]) -> Array:
    """Mean distance to the other countries less that to the USA, question by question; ``answers`` (..., 19)."""
    others = np.array([values for country, values in means.items() if country != "USA"])
    apart = np.abs(answers[..., None, :] - others)
    return np.asarray(np.nanmean(apart, axis=-2) - np.abs(answers - means["USA"]))


def usa_advantage(answers: pd.DataFrame) -> pd.DataFrame:
    """How much nearer to the USA than to the average other country, less the same for answering 5.5; scale points.

    English prompts, no persona. Countries are all of the survey that were asked the question.
    """
    table, means = wide(answers, "en", "none"), _country_means()
    values = table.to_numpy(float)
    some = ~np.isnan(values)
    middle = _nearer_usa(np.full(len(ITEMS), 5.5), means)
    filled = np.where(some, values, 5.5)
    advantage = np.where(some, _nearer_usa(filled, means) - middle, np.nan)
    return _of_means(answers, pd.DataFrame(advantage, index=table.index, columns=table.columns))


def persona_misses(answers: pd.DataFrame) -> pd.DataFrame:
    """As a person of China and of the USA: distance to that public less that of the mean of all other countries.

    Scale points, positive where the model is further away; the mean over both publics, and over both prompt languages
    where both were asked. A question counts where both publics can be compared.
    """
    means = _country_means()
    parts = []
    for country, people in zip(PAIR, publics(), strict=True):
        others = np.nanmean([values for name, values in means.items() if name != country], axis=0)
        asked = [(wide(answers, language, country) - people).abs() for language in ("en", "zh")]
        known = asked[0].notna().astype(int) + asked[1].notna().astype(int)
        mean = (asked[0].fillna(0.0) + asked[1].fillna(0.0)) / known.where(known > 0)
        parts.append(mean - np.abs(others - people))
    return _of_means(answers, (parts[0] + parts[1]) / 2)


# Runs of a store.


def dilemma_runs(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Which models to read from which run: of each model the run with most answers, the latest of equals.

    ``runs`` is what :meth:`core.store.Store.runs` gives.
    """
    found: dict[str, str] = {}
    for _, run in list_waves(runs).sort_values(["rows", "created"], kind="stable").iterrows():
        for model in json.loads(run["models"]):
            found[model] = run["run_id"]
    out: dict[str, list[str]] = {}
    for model, run_id in found.items():
        out.setdefault(run_id, []).append(model)
    return out


def instability(
    frame: pd.DataFrame,
    dilemmas: Mapping[str, Dilemma],
    models: Mapping[str, Model],
    shipped: Iterable[str] = (),
) -> pd.DataFrame:
    """Excess instability of each dilemma, 0..1: turned choices beyond what sampling alone explains, when nothing that
    bears on the choice is changed (order, wording, language). ``frame``: responses of one run a model."""
    if frame.empty:
        return _frame([])
    each = by_dilemma(readings(frame, dilemmas))
    each = each[each["axis"] == AGAIN]
    sources = _sources(frame, shipped)
    return _frame(
        (model, name, side, developer, sources[model], dilemma, value)
        for model, dilemma, value in zip(each["model_id"], each["dilemma"], each["excess"], strict=True)
        for name, side, developer in [_facts(model, models)]
    )


def youth_gaps(
    table: pd.DataFrame, survey: Survey, models: Mapping[str, Model], shipped: Iterable[str] = (), seed: int = 0
) -> pd.DataFrame:
    """Distance to people of 18-29 less that to older ones, less the same for an even guess; 0..1, no persona.

    Groups are thinned to one size before they are compared. The mean over China and the USA, and over prompt languages.
    """
    questions, sources = survey.questions(), _sources(table, shipped)
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
        rows.append((model, *_facts(str(model), models), sources[str(model)], name, float(np.mean(values))))
    return _frame(rows)


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


def _country_scores(table: pd.DataFrame, survey: Survey, language: str) -> pd.DataFrame:
    """Rows of :func:`core.audits.alignment.question_scores`, each model told the country, countries it was told."""
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
    """Distance to a country's people less that of the mean of the other countries, told the country; -1..1.

    The mean over countries; models that were told fewer than two countries are left out.
    """
    rows = []
    for model, part in scores.dropna(subset=["others"]).groupby("model_id", sort=False):
        if part["country"].nunique() < 2:
            continue
        gap = (part["distance"] - part["others"]).groupby(part["question_id"]).mean()
        rows += [(model, *_facts(str(model), models), sources[str(model)], q, float(v)) for q, v in gap.items()]
    return _frame(rows)


def series_distances(scores: pd.DataFrame, models: Mapping[str, Model], sources: Mapping[str, str]) -> pd.DataFrame:
    """Distance to people, told the country, of models of the Llama 3 and the Mistral families; 0..1.

    The side is ``llama3`` or ``mistral``. Models of a series share their developer, so each is a cluster of its own.
    Only questions and countries that all of these models have.
    """
    sides = {name: side for name, model in models.items() if (side := _series(model.family))}
    mine = scores[scores["model_id"].isin(list(sides))]
    mine = _shared(mine)
    rows = []
    for (model, question), part in mine.groupby(["model_id", "question_id"], sort=False):
        name = models[str(model)].name
        side, source = sides[str(model)], sources[str(model)]
        rows.append((model, name, side, model, source, question, float(part["distance"].mean())))
    return _frame(rows)


def _series(family: str) -> str | None:
    words = family.lower().replace("-", " ")
    return "llama3" if words.startswith("llama 3") else "mistral" if words.startswith(("mistral", "mixtral")) else None


def _shared(scores: pd.DataFrame) -> pd.DataFrame:
    """Rows whose question and country every model of ``scores`` has."""
    if scores.empty:
        return scores
    every = scores.groupby(["country", "question_id"])["model_id"].transform("nunique")
    return scores[every == scores["model_id"].nunique()]


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
    questions, sources = survey.questions(), _sources(table, shipped)
    told = {key: country for key in table["persona"].unique() if (country := _country_of(key))}
    mine = table[table["persona"].isin(list(told)) & (table["language"] == "en")]
    rows = []
    for (model, question), part in mine.groupby(["model_id", "question_id"], sort=False):
        if len(part) < 2 or str(question) not in questions:
            continue
        apart = emd_ordinal if questions[str(question)].scale == "ordinal" else total_variation
        answers = [np.asarray(p, dtype=float) for p in part["probabilities"]]
        value = float(np.mean([apart(p, q) for p, q in combinations(answers, 2)]))
        name, _, developer = _facts(str(model), models)
        known = models.get(str(model))
        side = tuning_side(known.tuning if known else None) or "neither"
        rows.append((model, name, side, developer, sources[str(model)], question, value))
    return _frame(rows)


def size_steps(scores: pd.DataFrame, models: Mapping[str, Model], sources: Mapping[str, str]) -> pd.DataFrame:
    """Steps from a model to the next larger one of its family: 1 where the larger is further from people, else 0, less
    :data:`REVERSED`.

    One row a step, with the questions that both have; a step counts from :data:`STEP` times the parameters on. The
    cluster is the family. Sizes as published, models told the country.
    """
    sized = [models[name] for name in scores["model_id"].unique() if name in models and models[name].parameters]
    rows, items = [], []
    families: dict[tuple[str, str], list[Model]] = {}
    for model in sorted(sized, key=lambda m: (m.parameters or 0.0, m.id)):
        families.setdefault((model.developer, model.family), []).append(model)
    for (_, family), members in families.items():
        for small, large in pairwise(members):
            if (large.parameters or 0.0) < STEP * (small.parameters or 0.0):
                continue
            both = _shared(scores[scores["model_id"].isin([small.id, large.id])])
            if both.empty:
                continue
            far = both.groupby("model_id")["distance"].mean()
            source = "own" if "own" in (sources[small.id], sources[large.id]) else "shipped"
            value = float(far[large.id] > far[small.id]) - REVERSED
            rows.append((f"{small.id}>{large.id}", f"{small.name} → {large.name}", "", family, source, "*", value))
            items.append(both["question_id"].nunique())
    return _frame(rows).assign(n_items=items)


def table_sources(table: pd.DataFrame, shipped: Iterable[str]) -> dict[str, str]:
    """``shipped`` or ``own`` for each model of a table with ``model_id`` and ``run_id``."""
    return _sources(table, shipped)


def published_series() -> pd.DataFrame:
    """Figures of the DEF paper for the Mistral and Llama 3 series, read off a chart: model, series, population, value.

    ``value`` is a divergence in nats, lower is nearer; parse failures inflate it. Shown, never judged.
    """
    frame = pd.read_csv(FIGURES)
    frame = frame[frame["metric"].str.startswith("KL")]
    frame = frame.assign(series=frame["model"].map(_published_series)).dropna(subset=["series"])
    return frame[["model", "series", "population", "value", "note"]].reset_index(drop=True)


def _published_series(model: str) -> str | None:
    words = model.lower()
    return "mistral" if "mistral" in words or "mixtral" in words else "llama3" if "llama-3" in words else None
