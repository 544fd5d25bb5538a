"""One dimension of a Representation audit as rows: its groups, its nearest and farthest group, its questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from core.audits.representation.plan import Told
from core.stats.distances import Array
from core.stats.gaps import Gaps, against_others, bootstrap_columns, gap_test
from core.stats.groups import HumanGaps, Item, Thinned, distances_to, group_distances, group_spreads, human_gaps, thin
from core.types import GroupDimension, Reference


class Measured(NamedTuple):
    """One dimension as one ``told``: groups that are known, questions that all of them have, and what came out.

    ``raw``, ``level`` and ``spread`` are (questions, groups): distances, distances after the sizes of the groups were
    levelled, and the spread of the model over that of the people.
    """

    dimension: GroupDimension
    told: Told
    groups: tuple[str, ...]
    questions: tuple[str, ...]
    people: tuple[tuple[Reference, ...], ...]
    raw: Array
    level: Array
    spread: Array
    gaps: Gaps


class People(NamedTuple):
    """What does not depend on the model: how far the groups stand from each other, the gaps of an even guess, draws."""

    human: HumanGaps
    even: Array
    thinned: Thinned


def people_of(items: Sequence[Item], seed: int) -> People:
    """:class:`People` of ``items``. The even guess answers 1/K to everything."""
    flat = [item._replace(model=np.full(item.people.shape[-1], 1 / item.people.shape[-1])) for item in items]
    thinned = thin(items, np.random.default_rng(seed))
    even = against_others(distances_to(thinned, flat)).mean(axis=0)
    return People(human_gaps(items, np.random.default_rng(seed)), np.asarray(even), thinned)


def measured(
    dimension: GroupDimension,
    told: Told,
    groups: tuple[str, ...],
    known: Mapping[str, tuple[Reference, ...]],
    items: Mapping[str, Item],
    people: People,
    seed: int,
) -> Measured:
    """Distances and gaps of ``items``: answers by question to people that are ``known``, of whom ``people`` tells."""
    listed = list(items.values())
    level = distances_to(people.thinned, listed)
    return Measured(
        dimension=dimension,
        told=told,
        groups=groups,
        questions=tuple(items),
        people=tuple(known[name] for name in items),
        raw=group_distances(listed),
        level=level,
        spread=group_spreads(listed),
        gaps=gap_test(level, np.random.default_rng(seed), seed),
    )


def group_rows(found: Measured, people: People, seed: int) -> list[dict[str, Any]]:
    """One row a group, see :func:`core.audits.representation.audit.measure`."""
    rows = []
    human = people.human
    near = bootstrap_columns(found.raw, seed)
    spread = bootstrap_columns(found.spread, seed)
    for place, group in enumerate(found.groups):
        references = [of_question[place] for of_question in found.people]
        rows.append(
            {
                "told": found.told,
                "dimension": found.dimension,
                "group": group,
                "questions": found.gaps.n,
                "distance": near[0][place],
                "distance_low": near[1][place],
                "distance_high": near[2][place],
                "gap": found.gaps.mean[place],
                "gap_low": found.gaps.low[place],
                "gap_high": found.gaps.high[place],
                "gap_even": people.even[place],
                "p": found.gaps.p[place],
                "human": human.mean[place],
                "human_chance": human.chance[place],
                "human_chance_high": human.chance_high[place],
                "dispersion": spread[0][place],
                "dispersion_low": spread[1][place],
                "dispersion_high": spread[2][place],
                "n": int(np.median([r.n for r in references])),
                "weight_status": ", ".join(sorted({r.weight_status for r in references})),
                "years": ", ".join(str(year) for year in sorted({r.year for r in references})),
                "source": ", ".join(sorted({r.survey for r in references})),
            }
        )
    return rows


def contrast_row(found: Measured, people: People, seed: int) -> dict[str, Any]:
    """The nearest and the farthest group; ``told_apart`` where the people of these groups differ beyond chance."""
    near, far = int(np.argmin(found.gaps.mean)), int(np.argmax(found.gaps.mean))
    apart = found.level[:, far] - found.level[:, near]
    mean, low, high, n = bootstrap_columns(apart[:, None], seed)
    return {
        "told": found.told,
        "dimension": found.dimension,
        "near": found.groups[near],
        "far": found.groups[far],
        "difference": mean[0],
        "low": low[0],
        "high": high[0],
        "questions": n,
        "told_apart": bool((people.human.mean > people.human.chance_high).any()),
    }


def question_rows(found: Measured) -> list[dict[str, Any]]:
    """One row a question and group."""
    means = found.raw.mean(axis=1, keepdims=True)
    others = (means * len(found.groups) - found.raw) / (len(found.groups) - 1)
    level = against_others(found.level)
    return [
        {
            "told": found.told,
            "dimension": found.dimension,
            "group": group,
            "question_id": name,
            "distance": float(found.raw[row, place]),
            "gap": float(found.raw[row, place] - others[row, place]),
            "gap_level": float(level[row, place]),
            "n": found.people[row][place].n,
        }
        for row, name in enumerate(found.questions)
        for place, group in enumerate(found.groups)
    ]
