"""What moves an answer: shares of the sum of squares of many distributions over the options of their questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.stats.clustered import Labels, ratio_columns
from core.stats.intervals import Estimate

Array = NDArray[np.float64]
CONTENT, REST = "content", "rest"


def sums_of_squares(answers: Array, factors: Sequence[str], pairs: Sequence[tuple[str, str]] = ()) -> dict[str, float]:
    """Sums of squares of the answers to one question, by content, factor and interaction.

    ``answers`` is (levels of the first factor, ..., levels of the last factor, K): a distribution over the K options
    for each combination of levels. An answer is taken as its deviation from an even guess, 1/K on each option.
    ``content`` is what is left when all factors are averaged out. Each factor and each of ``pairs`` (named ``a x b``)
    is what it adds to that. ``rest`` holds all other interactions. The parts are orthogonal and add up to the sum of
    squares of all deviations (two-way and higher analysis of variance of a full grid, for answers that are vectors).

    Raises ``ValueError`` where the shape does not fit.
    """
    if answers.ndim != len(factors) + 1:
        raise ValueError("one axis a factor, and the options last")
    axes = {name: place for place, name in enumerate(factors)}
    away = answers - 1 / answers.shape[-1]
    cells = int(np.prod(away.shape[:-1]))

    def mean_over(*kept: str) -> Array:
        others = tuple(place for name, place in axes.items() if name not in kept)
        return np.asarray(away.mean(axis=others, keepdims=True), dtype=np.float64)

    def squares(effect: Array) -> float:
        return float((effect**2).sum() * cells / np.prod(effect.shape[:-1]))

    content = mean_over()
    effects = {name: mean_over(name) - content for name in factors}
    found = {CONTENT: squares(content)} | {name: squares(effect) for name, effect in effects.items()}
    for one, other in pairs:
        both = mean_over(one, other) - effects[one] - effects[other] - content
        found[f"{one} x {other}"] = squares(both)
    total = float((away**2).sum())
    return found | {REST: max(0.0, total - sum(found.values()))}


class Shares(NamedTuple):
    """Shares of the sum of squares, by part, each (parts,): ``mean`` with the ends of its 95 % interval by battery.

    ``lead`` is the share of ``content`` minus the share of one other part, with its own interval. The two shares add
    up to at most 1, so their separate intervals cannot be compared with each other.
    """

    names: tuple[str, ...]
    mean: Array
    low: Array
    high: Array
    lead: Estimate


def share_intervals(
    parts: Sequence[Mapping[str, float]], batteries: Labels | None = None, against: str = REST, level: float = 0.95
) -> Shares:
    """:func:`shares_of` with intervals over questions, from one of ``parts`` per question; all NaN where nothing moves.

    A share is a ratio of sums, see :func:`core.stats.clustered.ratio_columns`; ends stay within 0..1. ``against`` names
    the part that ``lead`` subtracts.
    """
    names = tuple(dict.fromkeys(name for part in parts for name in part))
    table = np.array([[part.get(name, 0.0) for name in names] for part in parts]).reshape(len(parts), len(names))
    total = table.sum(axis=1, keepdims=True)
    found = ratio_columns(table, np.broadcast_to(total, table.shape), batteries, level)
    zero = np.zeros(len(parts))
    ahead = [table[:, names.index(name)] if name in names else zero for name in (CONTENT, against)]
    lead = ratio_columns((ahead[0] - ahead[1])[:, None], total, batteries, level)
    ends = np.clip([lead.low[0], lead.high[0]], -1, 1)
    return Shares(
        names,
        found.mean,
        np.clip(found.low, 0, 1),
        np.clip(found.high, 0, 1),
        Estimate(float(lead.mean[0]), float(ends[0]), float(ends[1]), lead.n),
    )


def shares_of(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Shares (0..1, sum 1) of the parts summed over questions; all NaN where no answer differs from an even guess."""
    names = list(dict.fromkeys(name for part in parts for name in part))
    sums = {name: sum(part.get(name, 0.0) for part in parts) for name in names}
    total = sum(sums.values())
    return {name: value / total if total > 0 else float("nan") for name, value in sums.items()}
