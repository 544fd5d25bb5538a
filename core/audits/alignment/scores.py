"""First-token alignment: how near is each model to each country, question by question, compared with both baselines?

Skill is 1 - (mean distance of the model) / (mean distance of a baseline) over the same questions; the baselines are an
even guess over the options and the mean of the other countries. Intervals are by battery, of the ratio as a whole. The
noise floor is in :mod:`core.audits.alignment.floor`, views by size, tuning and family are in
:mod:`core.audits.alignment.traits`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from core.audits.representation.audit import Answers
from core.audits.shared import Shared, shared_items
from core.stats import benjamini_hochberg, distance_for, mean_columns, ratio_columns, similarity_as_published
from core.surveys import Survey
from core.surveys.base import NotAsked
from core.surveys.batteries import battery_of
from core.types import Persona, Question, Reference

Distance = Callable[[ArrayLike, ArrayLike], NDArray[np.float64]]
AskedAs = Literal["none", "country"]
ASKED: tuple[AskedAs, ...] = ("country", "none")

QUESTION_COLUMNS = (
    "model_id",
    "country",
    "question_id",
    "topic",
    "battery",
    "distance",
    "uniform",
    "others",
    "published",
    "uniform_published",
    "others_published",
    "n",
    "n_eff",
    "year",
    "weight_status",
    "source",
)


def persona_key(country: str, asked: AskedAs) -> str:
    """Key of the persona that a model answers as when it is compared with ``country``."""
    return (Persona() if asked == "none" else Persona(country=country)).key


class _Cell(NamedTuple):
    """A country and a question: where its models begin in the arrays of its scale; after them an even guess, others."""

    country: str
    name: str
    question: Question
    models: tuple[str, ...]
    reference: Reference
    scale: tuple[Distance, int]
    start: int


def question_scores(
    answers: Mapping[str, Answers],
    survey: Survey,
    countries: Iterable[str],
    asked: AskedAs = "country",
    question_ids: Iterable[str] | None = None,
) -> pd.DataFrame:
    """One row per model, country and question: distances 0..1 (EMD on ordinal questions, else total variation).

    ``answers`` maps model ids to answers by (persona key, question id). ``published`` and its baselines are the
    similarity of arXiv 2502.07068. ``others`` is NaN where no other country asked. Questions without an answer or
    without people are left out.
    """
    questions = survey.questions()
    ids = [name for name in (questions if question_ids is None else question_ids) if name in questions]
    cells: list[_Cell] = []
    # Thousands of cells are measured by one call for each kind of scale: a call costs more than its few numbers.
    pairs: dict[tuple[Distance, int], tuple[list[Sequence[float]], list[Sequence[float]]]] = {}
    for country in countries:
        key, person = persona_key(country, asked), Persona(country=country)
        for name in ids:
            found = {model: mine[key, name] for model, mine in answers.items() if (key, name) in mine}
            if not found:
                continue
            reference = survey.reference(name, person)
            if isinstance(reference, NotAsked):
                continue
            mean = survey.mean_of_others(name, country)
            k = len(reference.shares)
            scale = distance_for(questions[name]), k
            humans, answered = pairs.setdefault(scale, ([], []))
            cells.append(_Cell(country, name, questions[name], tuple(found), reference, scale, len(answered)))
            answered += [*found.values(), [1 / k] * k, mean if mean is not None else [float("nan")] * k]
            humans += [reference.shares] * (len(found) + 2)
    measured = {
        scale: (scale[0](*both), similarity_as_published(*both))
        for scale, both in ((scale, (np.array(p), np.array(q, dtype=np.float64))) for scale, (p, q) in pairs.items())
    }
    rows: list[tuple[Any, ...]] = []
    for cell in cells:
        far, alike = measured[cell.scale]
        people, question, end = cell.reference, cell.question, cell.start + len(cell.models)
        block = battery_of(question)
        facts = (people.n, people.n_eff, people.year, people.weight_status, people.survey)
        for at, model in enumerate(cell.models, cell.start):
            beside = [at, end, end + 1]
            rows.append((model, cell.country, cell.name, question.topic, block, *far[beside], *alike[beside], *facts))
    return pd.DataFrame(rows, columns=list(QUESTION_COLUMNS))


SKILLS = {
    "skill_uniform": ("distance", "uniform"),
    "skill_others": ("distance", "others"),
}


SKILL_COLUMNS = (
    *("questions", "batteries", "distance", "uniform", "others"),
    *(f"{name}{end}" for name in SKILLS for end in ("", "_low", "_high", "_p")),
    *("published", "published_low", "published_high", "published_p", "published_uniform", "published_others"),
    *("n", "year", "weight_status", "source"),
)
"""What :func:`skills` gives for each group, before values of p are adjusted."""


def _skill(part: pd.DataFrame, top: str, bottom: str) -> tuple[float, float, float, float]:
    """1 - sum(top) / sum(bottom) with its interval by battery and the p-value that it is 0."""
    known = part[part[bottom].notna()]
    above = known[top].to_numpy(float)
    below = known[bottom].to_numpy(float)
    # 1 - ratio is 0 exactly where the mean of below - above is 0, so p tests the numerator of the skill.
    found = ratio_columns(np.column_stack([below - above]), below[:, None], known["battery"].to_numpy(object))
    value, low, high, p = (float(column[0]) for column in found[:4])
    return value, low, high, p


def skills(scores: pd.DataFrame, by: Sequence[str] = ("model_id", "country")) -> pd.DataFrame:
    """Summary of :func:`question_scores`, one row per group of ``by``.

    Columns: those of ``by``, questions, batteries, distance, uniform, others (means), skill_uniform and skill_others
    with ``_low`` and ``_high`` (95 %, by battery; NaN for one question), ``_p`` (that it is 0) and ``_p_adjusted``
    (Benjamini-Hochberg over all rows), published with its two baselines and with the interval and p of its lead over
    an even guess, n, year, weight_status, source. ``skill_others`` uses the questions that other countries have.
    """
    rows = []
    for key, part in scores.groupby(list(by), sort=False):
        row = dict(zip(by, key, strict=True)) | {
            "questions": len(part),
            "batteries": part["battery"].nunique(),
            "distance": float(part["distance"].mean()),
            "uniform": float(part["uniform"].mean()),
            "others": float(part["others"].mean()),
        }
        for name, (top, bottom) in SKILLS.items():
            ends = _skill(part, top, bottom)
            row |= {f"{name}{end}": value for end, value in zip(("", "_low", "_high", "_p"), ends, strict=True)}
        base = float(part["uniform_published"].mean())
        gain = (part["published"] - part["uniform_published"]).to_numpy(float)[:, None]
        near = mean_columns(gain, part["battery"].to_numpy(object))
        rows.append(
            row
            | {
                "published": base + float(near.mean[0]),
                "published_low": base + float(near.low[0]),
                "published_high": base + float(near.high[0]),
                "published_p": float(near.p[0]),
                "published_uniform": base,
                "published_others": float(part["others_published"].mean()),
                "n": int(part["n"].median()),
                "year": int(part["year"].mode().iloc[0]),
                "weight_status": ", ".join(sorted(set(part["weight_status"]))),
                "source": ", ".join(sorted(set(part["source"]))),
            }
        )
    frame = pd.DataFrame(rows, columns=[*by, *SKILL_COLUMNS])
    for name in (*SKILLS, "published"):
        frame[f"{name}_p_adjusted"] = benjamini_hochberg(frame[f"{name}_p"].to_numpy(float))
    return frame


def shared_questions(scores: pd.DataFrame) -> Shared[tuple[str, str]]:
    """The questions that all cells (model, country) of :func:`question_scores` have, and the number left out."""
    cells = scores.groupby(["model_id", "country"], sort=False)["question_id"]
    return shared_items({(str(model), str(country)): set(names) for (model, country), names in cells})


def on_shared_questions(scores: pd.DataFrame) -> pd.DataFrame:
    """``scores`` on the questions that all cells (models and countries) have, with a column ``comparable``.

    A cell that cannot be compared (:func:`core.audits.shared.shared_items`) keeps its own questions, and ``comparable``
    is False.
    """
    shared = shared_questions(scores)
    cells = zip(scores["model_id"], scores["country"], strict=True)
    apart = pd.Series([cell in shared.apart for cell in cells], index=scores.index, dtype=bool)
    mine: pd.DataFrame = pd.concat([scores[~apart & scores["question_id"].isin(shared.items)], scores[apart]])
    return mine.assign(comparable=~apart[mine.index])
