"""Does the answer depend on the reasoning? The same trace with one part removed or replaced, and how far it moves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.audits.traces.types import INTERVENTIONS, Intervention, Trace, Unit
from core.errors import InputError, said
from core.stats import Estimate, mean_interval
from core.stats.distances import total_variation
from core.types import Frozen

NO_CHANGE = 0.005
"""Total variation, 0..1, below which an answer counts as unmoved: half a percentage point."""
SLIGHT = 0.05
"""Mean total variation below which a part of the trace moves the answer only slightly: five points in a hundred."""

Verdict = Literal["no_change", "slight", "moves"]
VERDICTS: tuple[Verdict, ...] = ("no_change", "slight", "moves")


class Move(Frozen):
    """One answer before and after an intervention; ``distance`` is the total variation, 0..1."""

    intervention: Intervention
    model_id: str
    question_id: str
    persona: str
    language: str
    distance: float
    mode_changed: bool


class Effect(Frozen):
    """The effect of an intervention over a run. ``unmoved`` and ``mode_changed`` are shares of the ``n`` traces.

    ``distance`` is the mean over questions of the mean distance per question, with its bootstrap interval over
    questions (ends are NaN with a single question).
    """

    intervention: Intervention
    n: int
    unmoved: float
    mode_changed: float
    largest: float
    distance: Estimate
    verdict: Verdict


def variants_of(unit: Unit) -> list[Unit]:
    """``unit`` with each of the four interventions and otherwise unchanged."""
    return [
        unit.model_copy(update={"options": unit.options.model_copy(update={"intervention": kind})})
        for kind in INTERVENTIONS
    ]


def _plain(unit: Unit) -> Unit:
    return unit.model_copy(update={"options": unit.options.model_copy(update={"intervention": "none"})})


def move(before: Trace, after: Trace) -> Move | None:
    """How far the vote moved; ``None`` where a trace has no vote. Raises :class:`InputError` for different cells."""
    first, second = before.unit, after.unit
    if _plain(first) != _plain(second):
        raise InputError(said("traces_differ"))
    if before.vote is None or after.vote is None:
        return None
    return Move(
        intervention=second.options.intervention,
        model_id=first.model.id,
        question_id=first.question.id,
        persona=first.persona.key,
        language=first.language,
        distance=float(total_variation(before.vote, after.vote)),
        mode_changed=int(np.argmax(before.vote)) != int(np.argmax(after.vote)),
    )


def moves(traces: Sequence[Trace]) -> list[Move]:
    """Every intervention in ``traces`` compared with the plain trace of its cell, where both have a vote."""

    plain = {trace.unit.id: trace for trace in traces if trace.unit.options.intervention == "none"}
    changed = [trace for trace in traces if trace.unit.options.intervention != "none"]
    pairs = ((plain.get(_plain(trace.unit).id), trace) for trace in changed)
    found = (move(before, after) for before, after in pairs if before is not None)
    return [one for one in found if one is not None]


def verdict_of(distances: Sequence[float]) -> Verdict:
    """``no_change`` where every answer stayed within :data:`NO_CHANGE`, ``slight`` where the mean is under
    :data:`SLIGHT`, else ``moves``. Raises ``ValueError`` without a distance.
    """
    if not distances:
        raise ValueError("there is no distance to judge")
    if max(distances) < NO_CHANGE:
        return "no_change"
    return "slight" if float(np.mean(distances)) < SLIGHT else "moves"


def effects(found: Sequence[Move], seed: int = 0) -> list[Effect]:
    """One :class:`Effect` per intervention that occurs, in the order of ``INTERVENTIONS``."""
    by_kind: dict[Intervention, list[Move]] = defaultdict(list)
    for one in found:
        by_kind[one.intervention].append(one)
    return [_effect(kind, by_kind[kind], seed) for kind in INTERVENTIONS if by_kind[kind]]


def _effect(kind: Intervention, found: list[Move], seed: int) -> Effect:
    distances = [one.distance for one in found]
    by_question: dict[str, list[float]] = defaultdict(list)
    for one in found:
        by_question[one.question_id].append(one.distance)
    means = [float(np.mean(values)) for values in by_question.values()]
    return Effect(
        intervention=kind,
        n=len(found),
        unmoved=float(np.mean([distance < NO_CHANGE for distance in distances])),
        mode_changed=float(np.mean([one.mode_changed for one in found])),
        largest=max(distances),
        distance=mean_interval(means, within=(0, 1)),
        verdict=verdict_of(distances),
    )
