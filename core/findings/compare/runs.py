"""Compares two runs of the same questions: what changed, by how much, and is it more than noise?

Answers are paired by model, question, persona, language, paraphrase and tag, over the printed forms (order of the
options, letters or numbers) that both runs have. Distances are those of methods.md section 3. Intervals are t intervals
by battery of questions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.stats import Estimate, mean_interval
from core.stats.distances import emd_ordinal, mean_shift, total_variation
from core.store.index.question_key import with_question_keys
from core.surveys.batteries import batteries_of
from core.types import Question, as_scale_order

Verdict = Literal["same", "changed", "noise", "more_than_noise", "unknown_noise"]

SAME = 1e-4
"""Two readings of the same local model on the same machine agree at least this well (total variation, 0..1)."""

NOISE_DRAWS = 400

COLUMNS = (
    "model_id",
    "model_after",
    "question_id",
    "persona",
    "language",
    "tag",
    "total_variation",
    "emd",
    "shift",
    "noise",
    "orders",
    "method",
    "n_before",
    "n_after",
)

_KEY = ["question_id", "country", "age", "sex", "education", "language", "paraphrase", "tag"]

ROW_COLUMNS = (
    "model_id",
    "model_revision",
    "survey",
    *_KEY,
    "kind",
    "outcome",
    "question_json",
    "prompt_version",
    "codes",
    "mass",
    "method",
    "n",
)
"""Columns of stored responses that :func:`compare_runs` reads."""

_Form = tuple[str, tuple[int, ...]]
"""How options were printed: ``letters`` or ``numbers``, and the order of their codes."""
_Reading = dict[_Form, tuple[NDArray[np.float64], int | None]]


class ModelChange(NamedTuple):
    """How far one model moved. ``moved`` and ``excess`` are means over questions with 95 % intervals, 0..1.

    ``excess`` is the total variation beyond that of two samples of these sizes from the same distribution. ``changed``
    is the share of paired answers that differ by more than :data:`SAME`.
    """

    model_id: str
    model_after: str
    revision_before: str | None
    revision_after: str | None
    answers: int
    questions: int
    changed: float
    moved: Estimate
    excess: Estimate
    verdict: Verdict


class RunComparison(NamedTuple):
    """``pairs`` has one row per paired answer (:data:`COLUMNS`); the counts are answers that only one run has."""

    pairs: pd.DataFrame
    models: tuple[ModelChange, ...]
    only_before: int
    only_after: int


def compare_runs(
    before: pd.DataFrame, after: pd.DataFrame, questions: Mapping[str, Question], seed: int = 0
) -> RunComparison:
    """Compare the responses of two runs, frames as ``Store.responses`` gives them.

    A model is paired with itself; where the runs share no model and each has just one, those two are paired. Only
    measured option distributions count. ``emd`` and ``shift`` (mean position on the scale, -1..1, after minus before)
    are NaN on nominal and on unknown questions; ``noise`` is the total variation expected from sampling alone, 0 where
    probabilities were read directly.
    """
    before, after = with_question_keys(before), with_question_keys(after)
    left, right = _readings(before), _readings(after)
    partner = partners({key[0] for key in left}, {key[0] for key in right})
    known = {**_own_questions(before), **_own_questions(after), **questions}
    rng = np.random.default_rng(seed)
    rows, met = [], set()
    for key, mine in left.items():
        other = (partner.get(key[0], key[0]), *key[1:])
        theirs = right.get(other, {})
        row = _pair(mine, theirs, known.get(str(key[1])), rng)
        if row is not None:
            met.add(other)
            persona = "|".join(str(part) for part in key[2:6])
            names = {"model_id": key[0], "model_after": other[0], "question_id": key[1], "persona": persona}
            rows.append({**names, "language": key[6], "tag": key[8], **row})
    pairs = pd.DataFrame(rows, columns=list(COLUMNS))
    methods = _methods(before)
    pairs["method"] = pairs["model_id"].map(methods)
    revisions = _revisions(before), _revisions(after)
    batteries = batteries_of(known)
    changes = tuple(
        _change(str(name), group, revisions, batteries) for name, group in pairs.groupby("model_id", sort=False)
    )
    return RunComparison(pairs, changes, len(left) - len(met), len(right) - len(met))


def by_question(pairs: pd.DataFrame) -> pd.DataFrame:
    """Mean ``total_variation``, ``emd``, ``shift`` and ``noise`` by model and question, most moved first."""
    means = pairs.groupby(["model_id", "question_id"], sort=False, as_index=False).agg(
        total_variation=("total_variation", "mean"),
        emd=("emd", "mean"),
        shift=("shift", "mean"),
        noise=("noise", "mean"),
        answers=("total_variation", "size"),
    )
    return means.sort_values("total_variation", ascending=False, ignore_index=True)


def _measured(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["kind"] == "options") & (rows["outcome"] == "option")]


def _readings(rows: pd.DataFrame) -> dict[tuple[Any, ...], _Reading]:
    """For each answer and printed form: its mass as printed and the number of its samples."""
    found: dict[tuple[Any, ...], _Reading] = {}
    measured = _measured(rows)
    names = ["model_id", *_KEY]
    keys = measured[names].astype(object).where(measured[names].notna(), "")
    columns = (measured[name] for name in ("codes", "mass", "n"))
    values = zip(keys.itertuples(index=False, name=None), labels_of(measured), *columns, strict=True)
    for key, labels, codes, mass, n in values:
        form = labels, tuple(int(code) for code in codes)
        more, size = np.asarray(mass, dtype=np.float64), None if pd.isna(n) else int(n)
        reading = found.setdefault(key, {})
        if form in reading:
            # Further samples of the same cell: counts add up.
            old, had = reading[form]
            a, b = had or 1, size or 1
            reading[form] = ((old * a + more * b) / (a + b), None if size is None or had is None else had + size)
        else:
            reading[form] = (more, size)
    return found


def labels_of(rows: pd.DataFrame) -> NDArray[np.str_]:
    """``numbers`` or ``letters`` for each stored row: how its options were labelled. Old rows had letters."""
    if "prompt_version" not in rows:
        return np.full(len(rows), "letters")
    return np.where(rows["prompt_version"].astype(str).str.contains("/numbers", regex=False), "numbers", "letters")


def partners(before: set[str], after: set[str]) -> dict[str, str]:
    """Model of the first run -> model of the second, where they share none and each has only one; else empty."""
    if not before & after and len(before) == len(after) == 1:
        return {next(iter(before)): next(iter(after))}
    return {}


def _own_questions(rows: pd.DataFrame) -> dict[str, Question]:
    """Questions that the user typed; the rows contain them."""
    own = rows.dropna(subset=["question_json"]).drop_duplicates("question_id")
    found = {}
    for name, text in zip(own["question_id"], own["question_json"], strict=True):
        value = json.loads(text)
        if isinstance(value, dict):
            found[str(name)] = Question.model_validate(value)
    return found


def _pair(
    mine: _Reading, theirs: _Reading, question: Question | None, rng: np.random.Generator
) -> dict[str, Any] | None:
    forms = [form for form in mine if form in theirs]
    if not forms:
        return None
    first = forms[0][1]
    codes = question.codes if question and set(question.codes) == set(first) else tuple(sorted(first))
    p, q = _mean(mine, forms, codes), _mean(theirs, forms, codes)
    ordinal = question is not None and question.scale == "ordinal" and codes == question.codes
    n_before, n_after = _samples(mine, forms), _samples(theirs, forms)
    return {
        "total_variation": float(total_variation(p, q)),
        "emd": float(emd_ordinal(p, q)) if ordinal else float("nan"),
        "shift": float(mean_shift(p, q)) / (len(codes) - 1) if ordinal else float("nan"),
        "noise": _noise(p, q, n_before, n_after, rng),
        "orders": len(forms),
        "n_before": n_before,
        "n_after": n_after,
    }


def _mean(reading: _Reading, forms: list[_Form], codes: tuple[int, ...]) -> NDArray[np.float64]:
    mass = np.mean([as_scale_order(codes, form[1], reading[form][0].tolist()) for form in forms], axis=0)
    return np.asarray(mass / mass.sum())


def _samples(reading: _Reading, forms: list[_Form]) -> int | None:
    counts = [reading[form][1] for form in forms]
    return None if any(n is None for n in counts) else sum(n for n in counts if n)


def _noise(
    p: NDArray[np.float64], q: NDArray[np.float64], n: int | None, m: int | None, rng: np.random.Generator
) -> float:
    """Mean total variation of n and m draws from the pooled distribution; a side read directly is not drawn."""
    if n is None and m is None:
        return 0.0
    pooled = (p * (n or 0) + q * (m or 0)) / ((n or 0) + (m or 0)) if n and m else (q if m is None else p)

    def side(size: int | None) -> NDArray[np.float64]:
        if size is None:
            return np.broadcast_to(pooled, (NOISE_DRAWS, len(pooled)))
        return np.asarray(rng.multinomial(size, pooled / pooled.sum(), size=NOISE_DRAWS) / size)

    return float(total_variation(side(n), side(m)).mean())


def _methods(rows: pd.DataFrame) -> dict[str, str]:
    measured = _measured(rows)
    return dict(zip(measured["model_id"], measured["method"], strict=True))


def _revisions(rows: pd.DataFrame) -> dict[str, str | None]:
    measured = _measured(rows).dropna(subset=["model_revision"])
    return dict(zip(measured["model_id"], measured["model_revision"], strict=True))


def _change(
    name: str,
    group: pd.DataFrame,
    revisions: tuple[dict[str, str | None], dict[str, str | None]],
    batteries: Mapping[str, str],
) -> ModelChange:
    def blocks(by_question: pd.Series) -> list[str]:
        return [batteries.get(str(name), "") for name in by_question.index]

    excess = (group["total_variation"] - group["noise"]).groupby(group["question_id"]).mean()
    moved = group["total_variation"].groupby(group["question_id"]).mean()
    differs = group["total_variation"] > SAME
    beyond = mean_interval(excess.to_numpy(), blocks(excess))
    other = str(group["model_after"].iloc[0])
    return ModelChange(
        model_id=name,
        model_after=other,
        revision_before=revisions[0].get(name),
        revision_after=revisions[1].get(other),
        answers=len(group),
        questions=len(moved),
        changed=float(differs.mean()),
        moved=mean_interval(moved.to_numpy(), blocks(moved), within=(0, 1)),
        excess=beyond,
        verdict=_verdict(bool(differs.any()), str(group["method"].iloc[0]), bool(group["noise"].any()), beyond),
    )


def _verdict(differs: bool, method: str, sampled: bool, excess: Estimate) -> Verdict:
    if not differs:
        return "same"
    if sampled:
        return "more_than_noise" if excess.low > 0 else "noise"
    # Log-probabilities served by an endpoint differ a little from call to call, by an unknown amount.
    return "changed" if method == "full" else "unknown_noise"
