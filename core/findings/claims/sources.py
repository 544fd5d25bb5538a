"""Rules of the bodies of evidence that others measured, fixed before their figures were added.

Each source is judged like the others of its claim (:mod:`.verdicts`). The smallest effect that matters is the one that
the claim had before; where that was a number of scale points, it is the same fraction of the range of the instrument
(:data:`PART`). A source requires its whole instrument: nine attributes of the Moral Machine, 36 statements of the Moral
Foundations Questionnaire. Sources in :data:`SHOWN` are judged and shown, but decide nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

import pandas as pd

from core.findings.claims.verdicts import CLAIMS, COLUMNS, Judgement, Outcome, Rule, Verdict, combine, judge

Source = Literal[
    "mfq2",
    "mfq2_2026",
    "mfq2_zh",
    "criticism",
    "moral_steps",
    "moral_sizes",
    "lean_months",
    "lean_releases",
    "runs_whole",
]
"""The content of each source:

- ``mfq2``: Moral Foundations Questionnaire 2, models of 2025; ``mfq2_2026``: models of 2026, in English; ``mfq2_zh``:
  those of 2025 with prompts in Chinese.
- ``criticism``: requests to criticise a government.
- ``moral_steps``: Moral Machine, steps within a family; ``moral_sizes``: the same between families.
- ``lean_months``: political lean from month to month within a version; ``lean_releases``: from a version to the next.
- ``runs_whole``: runs of a store, beside the answer of the whole population.
"""

PART = 0.25 / 9
"""The smallest effect that matters as a fraction of an instrument's range: 0.25 of the nine points from 1 to 10."""
MFQ_RANGE, MFQ_ITEMS = 4.0, 36
"""Range of a mean on the Moral Foundations Questionnaire 2 (1..5), and its statements."""
ATTRIBUTES = 9
"""Attributes of the Moral Machine."""

_SIDES = ("China", "West")
_MFQ = Rule(least=PART * MFQ_RANGE, items=MFQ_ITEMS)
_WEST = _MFQ.model_copy(update={"sides": ("West",)})
_SIZE = CLAIMS["scale"].streams["runs"].model_copy(update={"items": ATTRIBUTES})

RULES: Mapping[str, Mapping[str, Rule]] = {
    "unstable": {
        "lean_months": CLAIMS["unstable"].streams["runs"],
        "lean_releases": CLAIMS["unstable"].streams["runs"],
    },
    "youth": {"runs_whole": CLAIMS["youth"].streams["runs"]},
    "scale": {"moral_steps": _SIZE, "moral_sizes": _SIZE},
    "multilingual": {
        "mfq2": _MFQ.model_copy(update={"shape": "difference", "sides": _SIDES}),
        "criticism": Rule(least=PART, shape="difference", sides=_SIDES),
    },
    "us_centric": {"mfq2": _WEST, "mfq2_2026": _WEST, "mfq2_zh": _WEST},
    "neither": {"mfq2": _MFQ.model_copy(update={"shape": "both", "sides": _SIDES})},
}

SHOWN: frozenset[Source] = frozenset({"mfq2_zh"})
"""Sources that do not decide: their result was known when the rule was written, and the claim asks in English."""

STUDIES: Mapping[str, str] = {
    "published": "justifiable",
    "mfq2": "mfq2",
    "mfq2_2026": "mfq2_2026",
    "mfq2_zh": "mfq2",
    "criticism": "criticism",
    "moral_steps": "moral_machine",
    "moral_sizes": "moral_machine",
    "lean_months": "lean",
    "lean_releases": "lean",
}
"""The published study that each body of evidence comes from (:mod:`core.surveys.published`); runs come from none."""


def rules_of(claim: str) -> dict[str, Rule]:
    """Every body of evidence on ``claim`` with its rule: those of :data:`.verdicts.CLAIMS`, then the sources here."""
    return {**CLAIMS[claim].streams, **RULES.get(claim, {})}


def sources_of_all() -> tuple[str, ...]:
    """Names of all bodies of evidence, each once, in the order of the cards."""
    return tuple(dict.fromkeys(name for claim in CLAIMS for name in rules_of(claim)))


def outcome_of(
    claim: str,
    evidence: Mapping[str, pd.DataFrame],
    publics: Mapping[str, pd.DataFrame] | None = None,
    without: Collection[str] = (),
) -> Outcome:
    """The verdict on ``claim`` from frames of :data:`.verdicts.COLUMNS`, from all bodies of evidence but ``without``.

    A missing body of evidence counts as empty; ``publics`` are as in :func:`.verdicts.verdict_of`. ``streams``
    of the outcome names those that were counted and those of :data:`SHOWN`.
    """
    empty, known = pd.DataFrame(columns=list(COLUMNS)), publics or {}
    kept = {name: rule for name, rule in rules_of(claim).items() if name not in without}
    streams: dict[str, Judgement] = {
        name: judge(evidence.get(name, empty), rule, known.get(name)) for name, rule in kept.items()
    }
    return Outcome(*combine({name: found for name, found in streams.items() if name not in SHOWN}), streams)


def deciding(outcome: Outcome) -> list[str]:
    """The bodies of evidence that decide the verdict; where none can decide, all that were counted."""
    counted = [name for name in outcome.streams if name not in SHOWN]
    return [name for name in counted if outcome.streams[name].verdict != "unknown"] or counted


def disagreeing(outcome: Outcome) -> dict[str, Verdict]:
    """Verdicts that contradict each other, by body of evidence; empty where those that decide agree."""
    found = {name: outcome.streams[name].verdict for name in deciding(outcome)}
    return found if len(set(found.values())) > 1 else {}
