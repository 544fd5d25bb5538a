"""How simulated citizens answer, compared with real ones: by arm of the ablation, by group, by question.

N drawn answers show a public only roughly. So every distance is shown with the band of N draws from the people
themselves, and every entropy with that of such draws, because a few answers look less diverse than their public is.
Where probabilities were read directly, expected shares are scored and the band is that of the survey's own sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from core.audits.alignment.scores import QUESTION_COLUMNS, skills
from core.audits.citizens.answers import KEY, distributions, read
from core.audits.citizens.people import generator
from core.audits.citizens.plan import NONE
from core.audits.representation.plan import persona_of
from core.stats import (
    benjamini_hochberg,
    clear_sign,
    distance_for,
    entropy,
    mean_columns,
    mean_interval,
    sampled_scores,
    sign_flip_p,
    similarity,
    similarity_as_published,
    smallest_adjusted_p,
)
from core.stats.distances import Array
from core.surveys import Survey
from core.surveys.batteries import battery_of
from core.types import Question, Reference, Response

DRAWS = 400
MOST_DRAWN = 3_000
LEAST_CHANGE = 0.01
"""Smallest change of the distance, 0..1, that is worth mentioning."""


class Floor(NamedTuple):
    """The scores of n draws from the people themselves: distances and normalised entropies, each (draws,)."""

    distances: Array
    similarities: Array
    entropies: Array


class _Floors:
    """Noise floors, each drawn once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._known: dict[tuple[object, ...], Floor] = {}

    def of(self, reference: Reference, n: int, question: Question) -> Floor:
        key = (reference.question_id, reference.country, reference.dimension, reference.group, n)
        if key not in self._known:
            measure = distance_for(question)

            def scores(p: Array, drawn: Array) -> Array:
                return np.stack([measure(p, drawn), similarity(p, drawn), entropy(drawn, normalised=True)])

            # All three are measured on the same draws.
            drawn = sampled_scores(reference.shares, n, scores, DRAWS, generator("floor", self._seed, *key))
            self._known[key] = Floor(*drawn)
        return self._known[key]


def by_question(counted: pd.DataFrame, questions: dict[str, Question], survey: Survey, seed: int = 0) -> pd.DataFrame:
    """One row per distribution with people to compare it with: its distance, entropy and mode.

    Columns: those of :data:`KEY` and of :data:`~.alignment.scores.QUESTION_COLUMNS`, ``citizens`` (answers), counts,
    invalid, ``shares`` of the people, similarity (1 - JSD), entropy and human_entropy (normalised), ``mode`` (1 where
    the modes match, a fraction where several tie), ``floor`` (a :class:`Floor`). Groups that the survey does not have,
    and distributions without any answer, are left out.
    """
    floors = _Floors(seed)
    found = _held_against(counted, questions, survey)
    references = zip(found["reference"], found["band_n"], found["question_id"], strict=True)
    found["floor"] = pd.Series([floors.of(one, n, questions[name]) for one, n, name in references], dtype=object)
    wanted = [*KEY, *(name for name in QUESTION_COLUMNS if name not in KEY)]
    return found[[*wanted, *_HELD, "floor"]]


_HELD = ["citizens", "band_n", "counts", "invalid", "shares", "similarity", "entropy", "human_entropy", "mode"]
_FROM_PEOPLE = ["reference", "topic", "battery", "n", "n_eff", "year", "weight_status", "source"]
_MEASURED = ["distance", "uniform", "others", "published", "uniform_published", "others_published", "similarity"]


def _held_against(counted: pd.DataFrame, questions: dict[str, Question], survey: Survey) -> pd.DataFrame:
    """The rows of :func:`by_question` without ``floor``, and the ``reference`` that each is compared with."""
    rows = []
    for row in counted.to_dict("records"):
        question = questions[row["question_id"]]
        reference = survey.reference(question.id, persona_of(row["country"], row["dimension"], row["group"]))
        if not isinstance(reference, Reference) or reference.matched != "exact" or not row["n"]:
            continue
        # Expected shares have no sampling noise of their own, so the band is the sampling noise of the survey.
        band = min(MOST_DRAWN, max(1, round(reference.n_eff))) if row.get("expected") else row["n"]
        rows.append(
            {name: row[name] for name in [*KEY, "question_id", "counts", "invalid"]}
            | {"citizens": row["n"], "band_n": band, "shares": reference.shares, "reference": reference}
            | {"topic": question.topic, "battery": battery_of(question)}
            | {"n": reference.n, "n_eff": reference.n_eff, "year": reference.year}
            | {"weight_status": reference.weight_status, "source": reference.survey}
        )
    columns = [*KEY, "question_id", "counts", "invalid", "citizens", "band_n", "shares", *_FROM_PEOPLE]
    found = pd.DataFrame(rows, columns=columns)
    measured = {name: np.full(len(found), np.nan) for name in [*_MEASURED, "entropy", "human_entropy", "mode"]}
    # All distributions of a question together, because a run has thousands and each measure takes them at once.
    for question_id, places in found.groupby("question_id", sort=False).indices.items():
        for column, values in _measures(found.iloc[places], questions[str(question_id)], survey).items():
            measured[column][places] = values
    found = found.assign(**measured)
    return found


def _measures(part: pd.DataFrame, question: Question, survey: Survey) -> dict[str, Array]:
    """Every measure of the distributions of one question, by column; ``part`` has ``counts``, ``shares``, country."""
    counts = np.array(part["counts"].to_list(), dtype=np.float64)
    p, q = np.array(part["shares"].to_list(), dtype=np.float64), counts / counts.sum(axis=1, keepdims=True)
    means = {country: survey.mean_of_others(question.id, str(country)) for country in part["country"].unique()}
    k = counts.shape[1]
    nothing, even = [float("nan")] * k, np.full_like(q, 1 / k)
    rest = np.array([mean if (mean := means[country]) is not None else nothing for country in part["country"]])
    far = distance_for(question)
    top = counts == counts.max(axis=1, keepdims=True)
    return {
        "distance": far(p, q),
        "uniform": far(p, even),
        "others": far(p, rest),
        "published": similarity_as_published(p, q),
        "uniform_published": similarity_as_published(p, even),
        "others_published": similarity_as_published(p, rest),
        "similarity": similarity(p, q),
        "entropy": entropy(q, normalised=True),
        "human_entropy": entropy(p, normalised=True),
        "mode": top[np.arange(len(top)), p.argmax(axis=1)] / top.sum(axis=1),
    }


def summary(found: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """One row per arm and group over its questions: :func:`~.alignment.scores.skills` and the bands of few answers.

    Further columns, each with ``_low`` and ``_high``: ``distance``, ``similarity``, ``diversity`` (normalised entropy),
    ``mode`` (95 %, over questions), ``floor`` (mean; ends are the 5-95 % band of N draws from the people) and
    ``human_diversity`` (the same for the entropy of N draws), ``change`` (distance minus that of the arm ``none``,
    paired; NaN where there is none) with ``change_p`` (signs of the differences flipped) and ``change_p_adjusted`` (BH
    over all arms and countries of a model and language that ``found`` holds, whole publics only), ``change_clear``
    (interval off zero, adjusted p under .05, and at least :data:`LEAST_CHANGE`), ``smallest_p`` (the smallest adjusted
    p that a single change could have with so many batteries and comparisons); ``people_diversity`` (entropy of the
    people themselves), citizens (median answers a question), ``band_n`` (draws behind the bands), ``beyond`` (the
    distance lies above the band).
    """
    if found.empty:
        return pd.DataFrame(columns=[*KEY, "distance", "arm"])
    table = skills(found, KEY)
    more = []
    plain = found[found["arm"] == NONE].groupby([name for name in KEY if name != "arm"], sort=False)
    base = {key: dict(zip(part["question_id"], part["distance"], strict=True)) for key, part in plain}
    for key, part in found.groupby(KEY, sort=False):
        none = {} if key[3] == NONE else base.get((*key[:3], *key[4:]), {})
        more.append(_over_questions(part, none, seed))
    extra = pd.DataFrame(more, index=table.index)
    table = table.drop(columns=[name for name in extra.columns if name in table.columns])
    table = pd.concat([table, extra], axis=1)
    table["change_p_adjusted"] = table["smallest_p"] = np.nan
    for _, part in table[table["dimension"] == "all"].groupby(["model_id", "language"], sort=False):
        p = part["change_p"]
        tests = int(p.notna().sum())
        table.loc[part.index, "change_p_adjusted"] = benjamini_hochberg(p.to_numpy())
        drawn = [b if b > 1 else n for b, n in zip(part["change_batteries"], part["questions"], strict=True)]
        table.loc[part.index, "smallest_p"] = [smallest_adjusted_p(count, tests) for count in drawn]
    ends = table["change_low"], table["change_high"]
    sign = clear_sign(table["change"], *ends, table["change_p_adjusted"], LEAST_CHANGE)
    return table.assign(change_clear=sign != 0)


def _over_questions(part: pd.DataFrame, none: Mapping[str, float], seed: int) -> dict[str, Any]:
    """The columns that :func:`summary` adds for one arm and group; ``none`` are distances without any source."""
    out: dict[str, Any] = {"citizens": int(part["citizens"].median()), "invalid": int(part["invalid"].sum())}
    out["band_n"] = int(part["band_n"].median())
    for name, column in (
        ("distance", "distance"),
        ("similarity", "similarity"),
        ("diversity", "entropy"),
        ("mode", "mode"),
    ):
        known = mean_interval(part[column].to_numpy(float), part["battery"].to_numpy(object), within=(0, 1))
        out |= {name: known.mean, f"{name}_low": known.low, f"{name}_high": known.high}
    for name, values in (
        ("floor", [floor.distances for floor in part["floor"]]),
        ("similarity_floor", [floor.similarities for floor in part["floor"]]),
        ("human_diversity", [floor.entropies for floor in part["floor"]]),
    ):
        drawn = np.mean(values, axis=0)
        low, high = np.quantile(drawn, [0.05, 0.95])
        out |= {name: float(drawn.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}
    out["people_diversity"] = float(part["human_entropy"].mean())
    both = part[part["question_id"].isin(list(none))]
    differences = both["distance"].to_numpy(float) - both["question_id"].map(none).to_numpy(float)
    blocks = both["battery"].to_numpy(object)
    change = mean_interval(differences, blocks)
    out |= {"change": change.mean, "change_low": change.low, "change_high": change.high}
    out["change_p"] = sign_flip_p(differences, blocks, seed)
    out["change_batteries"] = mean_columns(differences[:, None], blocks).batteries
    out["beyond"] = bool(out["distance"] > out["floor_high"])
    return out


def measure(
    answers: pd.DataFrame, questions: dict[str, Question], survey: Survey, seed: int = 0
) -> dict[str, pd.DataFrame]:
    """``distributions``, ``questions``, ``summary`` and ``seeds`` of answers as :func:`read` gives them."""
    counted = distributions(answers, questions)
    found = by_question(counted, questions, survey, seed)
    of_seeds = by_seed(answers, questions, survey)
    return {"distributions": counted, "questions": found, "summary": summary(found, seed), "seeds": of_seeds}


def by_seed(answers: pd.DataFrame, questions: dict[str, Question], survey: Survey) -> pd.DataFrame:
    """Distances of each draw of people by itself, in the columns of :data:`KEY` (whole publics), seed, question_id,
    topic, distance, citizens. A result that one draw shows and another does not is no finding.
    """
    parts = [
        _held_against(distributions(mine, questions, ("all",)), questions, survey).assign(seed=drawn)
        for drawn, mine in answers.groupby("seed", sort=True)
    ]
    columns = [*KEY, "seed", "question_id", "topic", "distance", "citizens"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def seed_changes(of_seeds: pd.DataFrame) -> pd.DataFrame:
    """Mean distance of each arm and seed over its questions, and ``change``: that minus the arm ``none`` of the seed.

    ``of_seeds`` is :func:`by_seed` of one model, language and country; columns arm, seed, distance, change.
    """
    means = of_seeds.groupby(["arm", "seed"], sort=False)["distance"].mean().reset_index()
    none = means[means["arm"] == NONE].set_index("seed")["distance"]
    return means.assign(change=means["distance"] - means["seed"].map(none))


def scored(rows: Sequence[Response], questions: dict[str, Question], survey: Survey) -> dict[str, pd.DataFrame]:
    """``answers`` and the frames of :func:`measure`, from stored rows."""
    answers = read(rows)
    return {"answers": answers} | measure(answers, questions, survey)
