"""Claims of arXiv 2511.17256 put to the test: what each needs, and the rule that turns evidence into a verdict.

Evidence is one number per model and question, positive where it speaks for the claim (:data:`COLUMNS`). The effect is
its mean over models, with an interval that draws questions and developers anew. A verdict needs its n: below the least
number of models, developers or questions the answer is "cannot tell", whatever the numbers look like. Figures that
were read off a published chart carry no interval and no count of questions; they are shown and never decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from core.findings.china_west import SEED, Component, cluster_component, component, interval
from core.stats.distances import Array
from core.stats.intervals import RESAMPLES
from core.types import Frozen

Verdict = Literal["supported", "not_supported", "unknown"]
VERDICTS: tuple[Verdict, ...] = ("supported", "not_supported", "unknown")

Reason = Literal["none", "models", "developers", "items", "above", "below", "wide", "disagree", "one_side"]
REASONS: tuple[Reason, ...] = (
    "none",
    "models",
    "developers",
    "items",
    "above",
    "below",
    "wide",
    "disagree",
    "one_side",
)

Shape = Literal["mean", "difference", "both"]
"""``mean``: all models together. ``difference``: first side less the second. ``both``: each side by itself."""

Stream = str
"""``published``: mean answers of the published models, and of the store's models to the same 19 questions. ``runs``:
what only the runs of a store can tell. Others: :mod:`core.findings.claims.sources`."""

MODELS, DEVELOPERS, ITEMS = 6, 4, 10
"""Least models and developers of each side, and least questions of a model, that a verdict may rest on."""

COLUMNS = ("model_id", "name", "side", "cluster", "source", "question", "value", "n_items")


class Rule(Frozen):
    """When one body of evidence decides. ``least`` is the smallest effect that matters, in the unit of the values."""

    least: float
    models: int = MODELS
    developers: int = DEVELOPERS
    items: int = ITEMS
    shape: Shape = "mean"
    sides: tuple[str, ...] = ()


class Claim(Frozen):
    """One claim: the page where one can look, and the rule of each body of evidence."""

    page: str
    streams: Mapping[Stream, Rule]


_SIDES = ("China", "West")

CLAIMS: dict[str, Claim] = {
    "unstable": Claim(page="stability", streams={"runs": Rule(least=0.05)}),
    "youth": Claim(page="representation", streams={"runs": Rule(least=0.01)}),
    "scale": Claim(page="alignment", streams={"runs": Rule(least=0.0, developers=3)}),
    "multilingual": Claim(page="china_west", streams={"published": Rule(least=0.25, shape="difference", sides=_SIDES)}),
    "us_centric": Claim(page="china_west", streams={"published": Rule(least=0.25, sides=("West",))}),
    "mistral": Claim(
        page="alignment",
        streams={"runs": Rule(least=0.02, models=3, developers=1, shape="difference", sides=("llama3", "mistral"))},
    ),
    "tuning": Claim(
        page="alignment",
        streams={"runs": Rule(least=0.02, models=3, developers=2, shape="difference", sides=("full", "rlhf"))},
    ),
    "neither": Claim(
        page="china_west",
        streams={
            "published": Rule(least=0.25, shape="both", sides=_SIDES),
            "runs": Rule(least=0.02, shape="both", sides=_SIDES),
        },
    ),
}


class Effect(NamedTuple):
    """A mean with its interval and its n: models, developers and the fewest questions of any model."""

    mean: float
    low: float
    high: float
    models: int
    developers: int
    items: int


NOTHING = Effect(float("nan"), float("nan"), float("nan"), 0, 0, 0)


class Judgement(NamedTuple):
    """What one body of evidence says. ``parts`` names the groups that were counted, each with its effect.

    ``effect`` is what is held against the rule: the mean, the difference, or of two sides that are judged each by
    itself the one with the smaller mean. Its counts are those of the weaker group.
    """

    verdict: Verdict
    reason: Reason
    effect: Effect
    parts: dict[str, Effect]


class Outcome(NamedTuple):
    """The verdict on a claim, why, and the judgement of each body of evidence."""

    verdict: Verdict
    reason: Reason
    streams: dict[Stream, Judgement]


def decide(effect: Effect, rule: Rule) -> tuple[Verdict, Reason]:
    """The rule for one effect.

    Fewer models, developers or questions than the rule asks: cannot tell. Supported where the whole interval lies above
    0 and the mean reaches ``rule.least``; not supported where the whole interval lies below ``least``; else the
    interval is too wide to tell.
    """
    if effect.models == 0:
        return "unknown", "none"
    if effect.models < rule.models:
        return "unknown", "models"
    if effect.developers < rule.developers:
        return "unknown", "developers"
    if effect.items < rule.items:
        return "unknown", "items"
    if effect.low > 0 and effect.mean >= rule.least:
        return "supported", "above"
    if effect.high < rule.least:
        return "not_supported", "below"
    return "unknown", "wide"


def combine(streams: Mapping[Stream, Judgement]) -> tuple[Verdict, Reason]:
    """One verdict from all bodies of evidence.

    Those that decide and agree carry it; those that cannot tell do not count against it; two that contradict each other
    leave it open. Where none decides, the reason is that of the body with most models.
    """
    decided = [found for found in streams.values() if found.verdict != "unknown"]
    if len({found.verdict for found in decided}) > 1:
        return "unknown", "disagree"
    if decided:
        return decided[0].verdict, decided[0].reason
    widest = max(streams.values(), key=lambda found: found.effect.models, default=None)
    return "unknown", widest.reason if widest else "none"


def units(frame: pd.DataFrame) -> pd.DataFrame:
    """One row a model: name, side, cluster, source, value (mean over its questions) and items; NaN values left out."""
    known = frame.dropna(subset=["value"])
    keys = ["model_id", "name", "side", "cluster", "source"]
    found = known.groupby(keys, as_index=False, sort=False).agg(value=("value", "mean"), items=("n_items", "max"))
    return found.sort_values(["side", "value"], ascending=[True, False], ignore_index=True)


class _Drawn(NamedTuple):
    """A group's mean over models, its means with questions drawn anew, what clusters contribute, and its counts."""

    mean: float
    draws: Array
    clusters: Component
    counts: tuple[int, int, int]
    questions: int


def _drawn(frame: pd.DataFrame, seed: int) -> _Drawn:
    values = frame.pivot_table(index="model_id", columns="question", values="value", aggfunc="mean")
    each = frame.drop_duplicates("model_id").set_index("model_id").reindex(values.index)
    table = values.to_numpy(float)
    known = ~np.isnan(table)
    questions = table.shape[1]
    # The same seed draws the same questions on both sides of a comparison when the questions are the same.
    picked = np.random.default_rng(SEED).multinomial(questions, np.full(questions, 1 / questions), size=RESAMPLES)
    counted = picked @ known.T
    sums = picked @ np.where(known, table, 0.0).T
    means = np.divide(sums, counted, out=np.full(sums.shape, np.nan), where=counted > 0)
    point = np.nanmean(table, axis=1)
    drawn = means.mean(axis=1)
    counts = len(values), int(each["cluster"].nunique()), int(each["n_items"].min())
    return _Drawn(float(point.mean()), drawn, cluster_component(point, each["cluster"], SEED + seed), counts, questions)


def _ends(mean: float, draws: Array, questions: int, clusters: Sequence[Component]) -> tuple[float, float]:
    """The interval; a body of evidence with one value a model (a single “question”) has no such part."""
    asked = [component(draws, questions)] if questions > 1 else []
    return interval(mean, [*asked, *clusters])


def _columns_in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.dropna(subset=["value"]).sort_values(["model_id", "question"], kind="stable", ignore_index=True)


def measure(frame: pd.DataFrame, rule: Rule) -> tuple[Effect, dict[str, Effect]]:
    """The effect of ``frame`` (:data:`COLUMNS`) under ``rule.shape``, and the effect of each group.

    Models with fewer than ``rule.items`` questions are left out before anything is counted. Of sides that are named in
    the rule others do not count. Groups without a model have an :data:`NOTHING`.
    """
    enough = _columns_in_order(frame[frame["n_items"] >= rule.items]) if len(frame) else frame
    names = rule.sides or ("all",)
    parts: dict[str, Effect] = {}
    drawn: dict[str, _Drawn] = {}
    for place, side in enumerate(names):
        mine = enough[enough["side"] == side] if rule.sides and len(enough) else enough
        if mine.empty:
            few = _columns_in_order(frame[frame["side"] == side] if rule.sides else frame) if len(frame) else frame
            parts[side] = _short(few)
            continue
        found = drawn[side] = _drawn(mine, place + 1)
        ends = _ends(found.mean, found.draws, found.questions, [found.clusters])
        parts[side] = Effect(found.mean, *ends, *found.counts)
    if rule.shape == "mean":
        return parts[names[0]], parts
    weakest = _weakest(list(parts.values()))
    if len(drawn) < len(names):
        return weakest, parts
    if rule.shape == "both":
        least = min(parts.values(), key=lambda part: part.mean)
        return Effect(least.mean, least.low, least.high, *weakest[3:]), parts
    first, second = (drawn[name] for name in names)
    mean = first.mean - second.mean
    questions = min(first.questions, second.questions)
    ends = _ends(mean, first.draws - second.draws, questions, [first.clusters, second.clusters])
    return Effect(mean, *ends, *weakest[3:]), parts


def _short(frame: pd.DataFrame) -> Effect:
    """What there is where no model has enough questions: its counts, without a mean."""
    if frame.empty:
        return NOTHING
    counts = frame["model_id"].nunique(), frame["cluster"].nunique(), int(frame["n_items"].max())
    return Effect(float("nan"), float("nan"), float("nan"), *counts)


def _weakest(parts: Sequence[Effect]) -> Effect:
    nan = float("nan")
    models, developers, items = (
        min(counts) for counts in zip(*((p.models, p.developers, p.items) for p in parts), strict=True)
    )
    return Effect(nan, nan, nan, models, developers, items)


def judge(frame: pd.DataFrame, rule: Rule) -> Judgement:
    """What one body of evidence says under ``rule``.

    A rule of the shape ``both`` holds each side against it: supported where both sides are, not supported where one is
    not, and cannot tell else.
    """
    effect, parts = measure(frame, rule)
    if rule.shape != "both":
        return Judgement(*decide(effect, rule), effect, parts)
    found = [decide(part, rule) for part in parts.values()]
    against = sum(verdict == "not_supported" for verdict, _ in found)
    if against and all(part.models >= rule.models for part in parts.values()):
        return Judgement("not_supported", "below" if against == len(found) else "one_side", effect, parts)
    if all(verdict == "supported" for verdict, _ in found):
        return Judgement("supported", "above", effect, parts)
    open_ones: list[Reason] = [reason for verdict, reason in found if verdict == "unknown"]
    return Judgement("unknown", open_ones[0] if open_ones else "models", effect, parts)


def verdict_of(claim: str, evidence: Mapping[Stream, pd.DataFrame]) -> Outcome:
    """The verdict on ``claim`` from frames of :data:`COLUMNS`; a body of evidence that is missing counts as empty."""
    empty = pd.DataFrame(columns=list(COLUMNS))
    streams = {name: judge(evidence.get(name, empty), rule) for name, rule in CLAIMS[claim].streams.items()}
    return Outcome(*combine(streams), streams)
