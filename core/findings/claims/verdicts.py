"""Tests the claims of arXiv 2511.17256: what each claim needs, and the rule that turns evidence into a verdict.

Evidence is one number per model and question, positive where it supports the claim (:data:`COLUMNS`). The effect is
its mean over models, with an interval over batteries of questions and developers (:mod:`core.stats.two_way`). Where
real publics can be treated as models, the effect of the average public is subtracted, and the effect must exceed what
nineteen publics in twenty reach (:mod:`.publics`). A verdict needs its n: below the least number of models, developers
or questions the answer is "cannot tell", whatever the numbers are. Figures that were read off a published chart
have no interval and no count of questions; they are shown and never decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd

from core.findings.claims.power import Power, needed
from core.findings.claims.publics import Publics, beyond_publics, publics_of
from core.stats.two_way import TwoWay, two_way
from core.types import Frozen

Verdict = Literal["supported", "not_supported", "unknown"]
VERDICTS: tuple[Verdict, ...] = ("supported", "not_supported", "unknown")

Reason = Literal["none", "models", "developers", "items", "above", "below", "wide", "disagree", "one_side"]
REASONS: tuple[Reason, ...] = get_args(Reason)

Shape = Literal["mean", "difference", "both"]
"""``mean``: all models together. ``difference``: first side minus the second. ``both``: each side by itself."""

Stream = str
"""``published``: mean answers of the published models, and of the store's models to the same 19 questions. ``runs``:
evidence from the runs of a store only. Others: :mod:`core.findings.claims.sources`."""

MODELS, DEVELOPERS, ITEMS = 6, 4, 10
"""The smallest numbers of models and developers per side, and of questions per model, for a verdict."""

COLUMNS = ("model_id", "name", "side", "cluster", "source", "question", "value", "n_items", "battery")


class Rule(Frozen):
    """The rule by which a body of evidence decides. ``least`` is the smallest effect that matters, in its unit."""

    least: float
    models: int = MODELS
    developers: int = DEVELOPERS
    items: int = ITEMS
    shape: Shape = "mean"
    sides: tuple[str, ...] = ()


class Claim(Frozen):
    """One claim: the page that shows it, and the rule of each body of evidence."""

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
    """A mean with its interval and its n: models, developers and the fewest questions of any model.

    ``spread`` has the parts of its variance, ``None`` where there is no interval. For a difference, ``models`` and
    ``developers`` are those of the weaker side, and ``of_all`` counts both sides together.
    """

    mean: float
    low: float
    high: float
    models: int
    developers: int
    items: int
    spread: TwoWay | None = None
    of_all: tuple[int, int] = (0, 0)


NOTHING = Effect(float("nan"), float("nan"), float("nan"), 0, 0, 0)


class Judgement(NamedTuple):
    """The verdict of one body of evidence. ``parts`` names the groups that were counted, each with its effect.

    ``effect`` is compared with the rule. It is the mean, the difference, or the smaller mean of two sides that are
    judged separately. Its counts are those of the weaker group. Where ``publics`` are known, the average public is
    subtracted from effect and parts, ``plain`` is the effect as measured, and ``least`` is the effect to be reached:
    the rule's own least effect or what nineteen publics in twenty do not reach, whichever is more. ``power`` says what
    would decide it where the verdict is "cannot tell".
    """

    verdict: Verdict
    reason: Reason
    effect: Effect
    parts: dict[str, Effect]
    least: float = 0.0
    plain: Effect = NOTHING
    publics: Publics | None = None
    power: Power | None = None


class Outcome(NamedTuple):
    """The verdict on a claim, its reason, and the judgement of each body of evidence."""

    verdict: Verdict
    reason: Reason
    streams: dict[Stream, Judgement]


def decide(effect: Effect, rule: Rule) -> tuple[Verdict, Reason]:
    """The rule for one effect.

    With fewer models, developers or questions than the rule requires, it cannot tell. The claim is supported where the
    whole interval is above 0 and the mean reaches ``rule.least``. It is not supported where the whole interval is
    below ``least``. Otherwise the interval is too wide to tell.
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

    The bodies that decide give the verdict if they agree; if they contradict each other, it stays open. Those that
    cannot tell do not count against it. Where none decides, the reason is that of the body with most models.
    """
    decided = [found for found in streams.values() if found.verdict != "unknown"]
    if len({found.verdict for found in decided}) > 1:
        return "unknown", "disagree"
    if decided:
        return decided[0].verdict, decided[0].reason
    widest = max(streams.values(), key=lambda found: found.effect.models, default=None)
    return "unknown", widest.reason if widest else "none"


def units(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per model: name, side, cluster, source, value (mean over its questions) and items, without NaN values."""
    known = frame.dropna(subset=["value"])
    keys = ["model_id", "name", "side", "cluster", "source"]
    found = known.groupby(keys, as_index=False, sort=False).agg(value=("value", "mean"), items=("n_items", "max"))
    return found.sort_values(["side", "value"], ascending=[True, False], ignore_index=True)


def _columns_in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.dropna(subset=["value"]).sort_values(["model_id", "question"], kind="stable", ignore_index=True)


def measure(frame: pd.DataFrame, rule: Rule) -> tuple[Effect, dict[str, Effect]]:
    """The effect of ``frame`` (:data:`COLUMNS`) under ``rule.shape``, and the effect of each group.

    Models with fewer than ``rule.items`` questions are left out before anything is counted. Where the rule names sides,
    only these count. Groups without a model have an :data:`NOTHING`.
    """
    enough = _columns_in_order(frame[frame["n_items"] >= rule.items]) if len(frame) else frame
    names = rule.sides or ("all",)
    parts: dict[str, Effect] = {}
    for side in names:
        mine = enough[enough["side"] == side] if rule.sides and len(enough) else enough
        if mine.empty:
            few = _columns_in_order(frame[frame["side"] == side] if rule.sides else frame) if len(frame) else frame
            parts[side] = _short(few)
            continue
        parts[side] = _effect(mine)
    if rule.shape == "mean":
        return parts[names[0]], parts
    weakest = _weakest(list(parts.values()))
    if not all(part.spread for part in parts.values()):
        return weakest, parts
    if rule.shape == "both":
        least = min(parts.values(), key=lambda part: part.mean)
        return least._replace(models=weakest.models, developers=weakest.developers, items=weakest.items), parts
    both = _effect(enough[enough["side"].isin(names)], first=names[0])
    return both._replace(models=weakest.models, developers=weakest.developers, items=weakest.items), parts


def _effect(frame: pd.DataFrame, first: str | None = None) -> Effect:
    """Mean over the models of ``frame``, or the mean of side ``first`` minus that of the others, with its interval."""
    values = frame.pivot_table(index="model_id", columns="question", values="value", aggfunc="mean")
    each = frame.drop_duplicates("model_id").set_index("model_id").reindex(values.index)
    blocks = frame.drop_duplicates("question").set_index("question")["battery"].reindex(values.columns)
    sides = None if first is None else np.where(each["side"] == first, 1.0, -1.0)
    found = two_way(values.to_numpy(float), each["cluster"].to_numpy(object), blocks.to_numpy(object), sides)
    counts = len(values), int(each["cluster"].nunique())
    return Effect(*found[:3], *counts, int(each["n_items"].min()), found, counts)


def _short(frame: pd.DataFrame) -> Effect:
    """The effect where no model has enough questions: its counts, without a mean."""
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


def judge(frame: pd.DataFrame, rule: Rule, publics: pd.DataFrame | None = None) -> Judgement:
    """The judgement of one body of evidence under ``rule``.

    ``publics`` is evidence of the same kind in which each model is a real public. A rule of the shape ``both`` judges
    each side by itself: supported where both sides are, not supported where one is not, and cannot tell otherwise.
    """
    known = None if publics is None else publics_of(publics, rule.least)
    plain, _ = measure(frame, rule)
    counted = beyond_publics(frame, publics) if known is not None and publics is not None and len(frame) else frame
    # Now the average public is at 0, and the other publics are shifted by the same amount.
    least = rule.least if known is None else max(rule.least, known.high - known.mean)
    strict = rule.model_copy(update={"least": least})
    effect, parts = measure(counted, strict)
    verdict, reason = _verdict(effect, parts, strict)
    power = _power(effect, parts, strict) if verdict == "unknown" else None
    return Judgement(verdict, reason, effect, parts, least, plain, known, power)


def _verdict(effect: Effect, parts: Mapping[str, Effect], rule: Rule) -> tuple[Verdict, Reason]:
    if rule.shape != "both":
        return decide(effect, rule)
    found = [decide(part, rule) for part in parts.values()]
    against = sum(verdict == "not_supported" for verdict, _ in found)
    if against and all(part.models >= rule.models for part in parts.values()):
        return "not_supported", "below" if against == len(found) else "one_side"
    if all(verdict == "supported" for verdict, _ in found):
        return "supported", "above"
    open_ones: list[Reason] = [reason for verdict, reason in found if verdict == "unknown"]
    return "unknown", open_ones[0] if open_ones else "models"


def _power(effect: Effect, parts: Mapping[str, Effect], rule: Rule) -> Power | None:
    """What would distinguish the least effect from none; of two sides judged separately, for one that cannot tell."""
    open_sides = [part for part in parts.values() if decide(part, rule)[0] == "unknown" and part.spread]
    judged = open_sides[0] if rule.shape == "both" and open_sides else effect
    if judged.spread is None:
        return None
    distance = rule.least if rule.least > 0 else abs(judged.mean)
    return needed(judged.spread, distance, judged.items, *judged.of_all)


def verdict_of(
    claim: str, evidence: Mapping[Stream, pd.DataFrame], publics: Mapping[Stream, pd.DataFrame] | None = None
) -> Outcome:
    """The verdict on ``claim`` from frames of :data:`COLUMNS`; a missing body of evidence counts as empty.

    ``publics`` are the same bodies of evidence from real publics, where publics can be treated as models.
    """
    empty = pd.DataFrame(columns=list(COLUMNS))
    known = publics or {}
    streams = {
        name: judge(evidence.get(name, empty), rule, known.get(name)) for name, rule in CLAIMS[claim].streams.items()
    }
    return Outcome(*combine(streams), streams)
