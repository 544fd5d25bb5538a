"""One dimension of a Representation audit as rows: its groups, its nearest and farthest group, its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.audits.representation.people import Known, People
from core.audits.representation.plan import Told
from core.stats.clustered import Columns, each_mean_columns, mean_columns
from core.stats.distances import Array
from core.stats.gaps import Gaps, Range, against_others, gap_tests, widest_contrasts
from core.stats.groups import group_measures
from core.types import GroupDimension


class Measured(NamedTuple):
    """One dimension under one ``told``: the known groups, the questions that all of them have, and the measures.

    ``raw`` and ``level`` are (questions, groups): distances as measured, and after the sizes of the groups were
    levelled. ``near`` and ``spread`` are the means over questions of the distance as measured and of the spread of the
    model divided by that of the people, with their intervals.
    """

    dimension: GroupDimension
    told: Told
    groups: tuple[str, ...]
    questions: tuple[str, ...]
    people: tuple[Known, ...]
    raw: Array
    level: Array
    near: Columns
    spread: Columns
    gaps: Gaps
    widest: Range

    @property
    def batteries(self) -> list[str]:
        """Battery of each question."""
        return [known.battery for known in self.people]


def measured(
    dimension: GroupDimension,
    tolds: Sequence[Told],
    groups: tuple[str, ...],
    known: Mapping[str, Known],
    answers: Mapping[str, Array],
    people: People,
    seed: int,
) -> list[Measured]:
    """Distances and gaps to the ``known`` people, one result for each of ``tolds``.

    ``answers`` has the answers by question, (tolds, groups, options). All of them are measured at once, because one
    answer after the other takes several times as long.
    """
    listed = [known[name].item(models) for name, models in answers.items()]
    of_questions = tuple(known[name] for name in answers)
    blocks = [one.battery for one in of_questions]
    raw, level, spreads = group_measures(people.thinned, listed)
    near, spread = each_mean_columns(raw, blocks), each_mean_columns(spreads, blocks)
    gaps = gap_tests(level, (people.even, people.whole), blocks, seed)
    widest = widest_contrasts(level - people.even, blocks)
    return [
        Measured(dimension, told, groups, tuple(answers), of_questions, *found)
        for told, *found in zip(tolds, raw, level, near, spread, gaps, widest, strict=True)
    ]


def group_rows(found: Measured, people: People, shared: frozenset[str]) -> list[dict[str, Any]]:
    """One row per group, see :func:`core.audits.representation.audit.measure`.

    ``shared`` are the questions on which this way of asking is compared with the others.
    """
    rows = []
    human, near, spread = people.human, found.near, found.spread
    both = np.array([name in shared for name in found.questions])
    side = near if both.all() else mean_columns(found.raw[both], np.array(found.batteries, dtype=object)[both])
    gaps, even, whole = found.gaps.gap, *found.gaps.nets
    gap_even, gap_whole, beyond = people.gap_even.mean(axis=0), people.gap_whole.mean(axis=0), found.gaps.beyond
    for place, group in enumerate(found.groups):
        rows.append(
            {
                "told": found.told,
                "dimension": found.dimension,
                "group": group,
                "questions": found.gaps.n,
                "batteries": gaps.batteries,
                "distance": near.mean[place],
                "distance_low": near.low[place],
                "distance_high": near.high[place],
                "shared": side.mean[place],
                "shared_low": side.low[place],
                "shared_high": side.high[place],
                "questions_shared": side.n,
                "gap": gaps.mean[place],
                "gap_low": gaps.low[place],
                "gap_high": gaps.high[place],
                "gap_even": gap_even[place],
                "gap_whole": gap_whole[place],
                "net": even.mean[place],
                "net_low": even.low[place],
                "net_high": even.high[place],
                "net_whole": whole.mean[place],
                "net_whole_low": whole.low[place],
                "net_whole_high": whole.high[place],
                "beyond": bool(beyond[place]),
                "p": found.gaps.p[place],
                "human": human.mean[place],
                "human_chance": human.chance[place],
                "human_chance_high": human.chance_high[place],
                "dispersion": spread.mean[place],
                "dispersion_low": spread.low[place],
                "dispersion_high": spread.high[place],
                **people.facts[place],
            }
        )
    return rows


def contrast_row(found: Measured, people: People) -> dict[str, Any]:
    """The nearest and the farthest group net of an even guess, see :class:`core.stats.gaps.Range`.

    ``told_apart`` is True where the people of some of these groups differ by more than chance.
    """
    widest = found.widest
    return {
        "told": found.told,
        "dimension": found.dimension,
        "near": found.groups[widest.near],
        "far": found.groups[widest.far],
        "difference": widest.difference,
        "low": widest.low,
        "high": widest.high,
        "p": widest.p,
        "questions": found.gaps.n,
        "batteries": found.gaps.gap.batteries,
        "groups": len(found.groups),
        "told_apart": bool((people.human.mean > people.human.chance_high).any()),
    }


def question_columns(found: Measured, people: People) -> dict[str, NDArray[Any]]:
    """Columns of a frame with one row per question and group; a list of thousands of rows would take much longer."""
    level = against_others(found.level)
    numbers = {
        "distance": found.raw,
        "gap": against_others(found.raw),
        "gap_level": level,
        "net": level - people.gap_even,
        "net_whole": level - people.gap_whole,
    }
    names, groups = len(found.questions), len(found.groups)
    rows = names * groups
    return {
        "told": np.full(rows, found.told, dtype=object),
        "dimension": np.full(rows, found.dimension, dtype=object),
        "group": np.tile(np.array(found.groups, dtype=object), names),
        "question_id": np.repeat(np.array(found.questions, dtype=object), groups),
        "battery": np.repeat(np.array(found.batteries, dtype=object), groups),
        **{name: values.ravel() for name, values in numbers.items()},
        "n": people.n.ravel(),
    }
