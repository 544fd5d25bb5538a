"""What would decide an undecided claim: how many questions, models or developers, given the observed spread.

The numbers are those that distinguish the *least effect that matters* from none, not the effect that was observed:
the power for an observed effect adds nothing to its p-value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from core.stats.two_way import TwoWay

SURE = 2.8
"""Distance in standard errors between an effect and the bound it is compared with, for 80 % power at the 95 % level:
1.96 + 0.84."""
MOST = 10_000
"""Larger numbers are treated as unreachable."""


class Power(NamedTuple):
    """How many would be needed, each with the others unchanged; ``None`` where no number of these is enough.

    ``developers`` counts those of all sides together; ``models`` assumes as many per developer as there are now.
    ``distance`` is the effect that would be distinguished from none.
    """

    questions: int | None
    models: int | None
    developers: int | None
    distance: float


def needed(spread: TwoWay, distance: float, questions: int, models: int, developers: int) -> Power:
    """What an interval needs to clear a bound at ``distance`` with 80 % power, from the parts of its variance.

    The variance is A / questions + B / developers + C / (questions x developers); A, B and C come from ``spread``.
    """
    if not distance > 0 or math.isnan(spread.by_cluster):
        return Power(None, None, None, distance)
    allowed = (distance / SURE) ** 2
    own_questions = max(spread.by_question - spread.shared, 0.0)
    own_clusters = max(spread.by_cluster - spread.shared, 0.0)
    more_questions = _times(max(spread.by_question, spread.shared), allowed - own_clusters)
    more_clusters = _times(max(spread.by_cluster, spread.shared), allowed - own_questions)
    return Power(
        _count(more_questions, questions), _count(more_clusters, models), _count(more_clusters, developers), distance
    )


def _times(part: float, room: float) -> float:
    return part / room if room > 0 else math.inf


def _count(times: float, now: int) -> int | None:
    found = math.ceil(times * now) if times * now <= MOST else None
    return None if found is None else max(found, now)
