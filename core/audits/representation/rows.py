"""One dimension of a Representation audit as rows: its groups, its nearest and farthest group, its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.audits.representation.plan import Told
from core.stats.clustered import mean_columns
from core.stats.distances import Array
from core.stats.gaps import Gaps, against_others, gap_test, widest_contrast
from core.stats.groups import HumanGaps, Item, distances_to, group_distances, group_spreads, human_gaps, thin
from core.types import GroupDimension, Reference

BASELINES = ("even", "whole")
"""Answers that know nothing of the groups: an even guess over the options, and the whole population's own answer."""


class Known(NamedTuple):
    """The survey data of one question: the groups and the whole country."""

    groups: tuple[Reference, ...]
    whole: Reference
    battery: str


class Measured(NamedTuple):
    """One dimension under one ``told``: the known groups, the questions that all of them have, and the measures.

    ``raw``, ``level`` and ``spread`` are (questions, groups): distances, distances after the sizes of the groups were
    levelled, and the spread of the model divided by that of the people.
    """

    dimension: GroupDimension
    told: Told
    groups: tuple[str, ...]
    questions: tuple[str, ...]
    people: tuple[Known, ...]
    raw: Array
    level: Array
    spread: Array
    gaps: Gaps

    @property
    def batteries(self) -> list[str]:
        """Battery of each question."""
        return [known.battery for known in self.people]


class People(NamedTuple):
    """The measures that do not depend on the model: the gaps of the groups and the baselines' levelled distances.

    ``thinned`` are the thinned people, for any model; ``even`` and ``whole`` are (questions, groups).
    """

    human: HumanGaps
    even: Array
    whole: Array
    thinned: Any


def people_of(items: Sequence[Item], known: Sequence[Known], seed: int) -> People:
    """:class:`People` of ``items``. The even guess gives each option 1/K; the whole answers all groups alike."""
    flat = [item._replace(model=np.full(item.people.shape[-1], 1 / item.people.shape[-1])) for item in items]
    same = [item._replace(model=np.array(one.whole.shares)) for item, one in zip(items, known, strict=True)]
    thinned = thin(items, np.random.default_rng(seed))
    even, whole = distances_to(thinned, flat), distances_to(thinned, same)
    return People(human_gaps(items, np.random.default_rng(seed)), even, whole, thinned)


def measured(
    dimension: GroupDimension,
    told: Told,
    groups: tuple[str, ...],
    known: Mapping[str, Known],
    items: Mapping[str, Item],
    people: People,
    seed: int,
) -> Measured:
    """Distances and gaps of ``items`` (answers by question) to the ``known`` people, measured in ``people``."""
    listed = list(items.values())
    level = distances_to(people.thinned, listed)
    of_questions = tuple(known[name] for name in items)
    blocks = [one.battery for one in of_questions]
    return Measured(
        dimension=dimension,
        told=told,
        groups=groups,
        questions=tuple(items),
        people=of_questions,
        raw=group_distances(listed),
        level=level,
        spread=group_spreads(listed),
        gaps=gap_test(level, (people.even, people.whole), blocks, seed),
    )


def group_rows(found: Measured, people: People, shared: frozenset[str]) -> list[dict[str, Any]]:
    """One row per group, see :func:`core.audits.representation.audit.measure`.

    ``shared`` are the questions on which this way of asking is compared with the others.
    """
    rows = []
    human, blocks = people.human, found.batteries
    near, spread = mean_columns(found.raw, blocks), mean_columns(found.spread, blocks)
    both = np.array([name in shared for name in found.questions])
    side = mean_columns(found.raw[both], np.array(blocks, dtype=object)[both])
    gaps, even, whole = found.gaps.gap, *found.gaps.nets
    base = {
        name: against_others(values).mean(axis=0)
        for name, values in zip(BASELINES, (people.even, people.whole), strict=True)
    }
    for place, group in enumerate(found.groups):
        references = [known.groups[place] for known in found.people]
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
                "gap_even": base["even"][place],
                "gap_whole": base["whole"][place],
                "net": even.mean[place],
                "net_low": even.low[place],
                "net_high": even.high[place],
                "net_whole": whole.mean[place],
                "net_whole_low": whole.low[place],
                "net_whole_high": whole.high[place],
                "beyond": bool(found.gaps.beyond[place]),
                "p": found.gaps.p[place],
                "human": human.mean[place],
                "human_chance": human.chance[place],
                "human_chance_high": human.chance_high[place],
                "dispersion": spread.mean[place],
                "dispersion_low": spread.low[place],
                "dispersion_high": spread.high[place],
                "n": int(np.median([r.n for r in references])),
                "weight_status": ", ".join(sorted({r.weight_status for r in references})),
                "years": ", ".join(str(year) for year in sorted({r.year for r in references})),
                "source": ", ".join(sorted({r.survey for r in references})),
            }
        )
    return rows


def contrast_row(found: Measured, people: People) -> dict[str, Any]:
    """The nearest and the farthest group net of an even guess, see :class:`core.stats.gaps.Range`.

    ``told_apart`` is True where the people of some of these groups differ by more than chance.
    """
    widest = widest_contrast(found.level - people.even, found.batteries)
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


def question_rows(found: Measured, people: People) -> list[dict[str, Any]]:
    """One row per question and group."""
    raw, level = against_others(found.raw), against_others(found.level)
    even, whole = against_others(people.even), against_others(people.whole)
    return [
        {
            "told": found.told,
            "dimension": found.dimension,
            "group": group,
            "question_id": name,
            "battery": found.people[row].battery,
            "distance": float(found.raw[row, place]),
            "gap": float(raw[row, place]),
            "gap_level": float(level[row, place]),
            "net": float(level[row, place] - even[row, place]),
            "net_whole": float(level[row, place] - whole[row, place]),
            "n": found.people[row].groups[place].n,
        }
        for row, name in enumerate(found.questions)
        for place, group in enumerate(found.groups)
    ]
