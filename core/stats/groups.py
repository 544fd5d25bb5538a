"""How far a model is from each group of people, and the groups from each other, question by question.

An :class:`Item` is one question: the model's answer and the answers of each group. A small group looks further from
everything, because its shares carry more sampling noise. So distances that are to be compared are measured after every
group was thinned to the size of the smallest (:func:`level_distances`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.stats.distances import Array, as_distribution, dispersion_ratio

THINNINGS = 24
CHANCE_DRAWS = 100


class Item(NamedTuple):
    """One question: ``model`` (K,) or one row per group (G, K); ``people`` (G, K); ``n`` (G,) effective respondents.

    Options are in scale order. ``ordinal`` selects EMD, otherwise total variation is used. Rows sum to 1. Several
    answers are measured at once where ``model`` is (M, G, K) in every item; results are then (M, Q, G).
    """

    model: Array
    people: Array
    n: Array
    ordinal: bool


class HumanGaps(NamedTuple):
    """How far each group is from the other groups, (G,), and how far groups of these sizes would be by chance.

    ``mean`` is over questions; ``chance`` and ``chance_high`` are the mean and the 95 % point when group labels mean
    nothing. Where ``mean`` is below ``chance_high``, the survey itself cannot tell the groups apart.
    """

    mean: Array
    chance: Array
    chance_high: Array


class _Alike(NamedTuple):
    """Items that share options and scale: places, scale, people (Q, G, K), n (Q, G)."""

    places: list[int]
    ordinal: bool
    people: Array
    n: NDArray[np.int64]


def _alike(items: Sequence[Item]) -> list[_Alike]:
    if len({len(item.people) for item in items}) > 1:
        raise ValueError("all items must hold the same groups")
    found: dict[tuple[int, bool], list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        found[np.shape(item.people)[-1], item.ordinal].append(place)
    out = []
    for (_, ordinal), places in found.items():
        people = as_distribution(np.array([items[i].people for i in places]), "people")
        n = np.maximum(1, np.round(np.array([items[i].n for i in places]))).astype(np.int64)
        out.append(_Alike(places, ordinal, people, n))
    return out


def _models(items: Sequence[Item], places: Sequence[int]) -> Array:
    """Answers of the model to the items at ``places``, (Q, G, K), or (M, Q, G, K) for several answers."""
    groups, rows = _shape(items)[1], [items[i].model for i in places]
    if len({np.shape(row) for row in rows}) > 1:
        rows = [np.broadcast_to(row, (groups, np.shape(row)[-1])) for row in rows]
    model = as_distribution(np.array(rows, dtype=np.float64), "model")
    if model.ndim == 4:
        return np.moveaxis(model, 1, 0)
    return model if model.ndim == 3 else np.broadcast_to(model[:, None], (len(rows), groups, model.shape[-1]))


def _empty(items: Sequence[Item]) -> Array:
    """NaN for each question and group, and each of several answers."""
    several = np.shape(items[0].model)[:-2] if items and np.ndim(items[0].model) == 3 else ()
    return np.full((*several, *_shape(items)), np.nan)


def _points(shares: Array, ordinal: bool) -> Array:
    """``shares`` (..., K) as points; their city-block distance is EMD (ordinal) or total variation.

    Thousands of draws are compared here. Once they are points, each comparison is one subtraction.
    """
    return np.asarray(shares.cumsum(axis=-1)[..., :-1] / (shares.shape[-1] - 1) if ordinal else shares / 2)


def _apart(left: Array, right: Array) -> Array:
    return np.asarray(np.abs(left - right).sum(axis=-1))


def _shape(items: Sequence[Item]) -> tuple[int, int]:
    return len(items), len(items[0].people) if items else 0


class Measures(NamedTuple):
    """Each measure of the model and a group, (Q, G).

    ``raw`` is the distance as measured, 0..1; do not compare it across group sizes. ``level`` is the mean distance to
    the thinned people (:func:`thin`). ``spread`` is the standard deviation of the model divided by that of the group;
    NaN on nominal questions.
    """

    raw: Array
    level: Array
    spread: Array


def group_measures(thinned: Thinned, items: Sequence[Item]) -> Measures:
    """All of :class:`Measures` for the answers of ``items`` to their people, ``thinned``."""
    found = Measures(_empty(items), _empty(items), _empty(items))
    for places, ordinal, points, people in thinned.parts:
        answers = _models(items, places)
        models = _points(answers, ordinal)
        found.raw[..., places, :] = _apart(_points(people, ordinal), models)
        found.level[..., places, :] = _level(points, models)
        if ordinal:
            found.spread[..., places, :] = dispersion_ratio(people, answers)
    return found


class _Thin(NamedTuple):
    places: list[int]
    ordinal: bool
    points: Array
    people: Array


class Thinned(NamedTuple):
    """People of some questions, thinned ``draws`` times; valid for any model that answered exactly these questions."""

    parts: tuple[_Thin, ...]


def thin(items: Sequence[Item], rng: np.random.Generator, draws: int = THINNINGS) -> Thinned:
    """Thin each group of ``items`` at random to the size of the smallest one.

    A draw of m people with 1/m = 1/n_min - 1/n adds exactly the sampling noise by which a group of n_min exceeds a
    group of n. Groups without a real difference then have the same expected distance, whatever their sizes.
    """
    parts = []
    for places, ordinal, people, n in _alike(items):
        smallest = n.min(axis=1, keepdims=True)
        larger = n > smallest
        size = np.where(larger, np.round(n * smallest / np.maximum(n - smallest, 1)), 1).astype(np.int64)
        shares = rng.multinomial(size, people, size=(draws, *n.shape)) / size[..., None]
        parts.append(_Thin(places, ordinal, _points(np.where(larger[..., None], shares, people), ordinal), people))
    return Thinned(tuple(parts))


def distances_to(thinned: Thinned, items: Sequence[Item]) -> Array:
    """Distances (Q, G) of the answers of ``items`` to their people, ``thinned``; mean over the draws."""
    found = _empty(items)
    for places, ordinal, points, _ in thinned.parts:
        found[..., places, :] = _level(points, _points(_models(items, places), ordinal))
    return found


def _level(points: Array, models: Array) -> Array:
    """Mean over the draws of the distance of ``models`` (..., Q, G, P) to ``points`` (draws, Q, G, P)."""
    # One answer after the other: all of them beside all draws would not fit into the processor's cache.
    each = [_apart(points, model).mean(axis=0) for model in models.reshape(-1, *points.shape[1:])]
    return np.reshape(each, (*models.shape[:-1],))


def distances_of(thinned: Thinned, answers: Array) -> Array:
    """Distances (M, G) of M answers (M, K) to the people of the only question in ``thinned``."""
    ((_, ordinal, points, _),) = thinned.parts
    models = _points(as_distribution(answers, "answers"), ordinal)
    return np.asarray(_apart(points[:, 0], models[:, None, None, :]).mean(axis=1))


def level_distances(items: Sequence[Item], rng: np.random.Generator, draws: int = THINNINGS) -> Array:
    """Distances (Q, G) after each group is thinned (:func:`thin`) at random to the size of the smallest one."""
    return distances_to(thin(items, rng, draws), items)


def human_gaps(items: Sequence[Item], rng: np.random.Generator, draws: int = CHANCE_DRAWS) -> HumanGaps:
    """Mean distance of each group to the other groups of its dimension, and the distance that chance alone gives.

    Chance: groups of the same sizes drawn from the pooled answers (weighted by ``n``), ``draws`` times.
    """
    questions, groups = _shape(items)
    if questions == 0 or groups < 2:
        empty = np.full(groups, np.nan)
        return HumanGaps(empty, empty, empty)
    seen = np.zeros(groups)
    null = np.zeros((draws, groups))
    for _, ordinal, people, n in _alike(items):
        pooled = (people * n[..., None]).sum(axis=1, keepdims=True) / n.sum(axis=1)[:, None, None]
        pooled = np.broadcast_to(as_distribution(pooled), people.shape)
        sampled = rng.multinomial(n, pooled, size=(draws, *n.shape)) / n[..., None]
        seen += _between(_points(people, ordinal)).sum(axis=0)
        null += _between(_points(sampled, ordinal)).sum(axis=1)
    null /= questions
    return HumanGaps(seen / questions, null.mean(axis=0), np.quantile(null, 0.95, axis=0))


def _between(points: Array) -> Array:
    """Mean distance of each group to the others: points (..., G, P) in, (..., G) out."""
    groups = points.shape[-2]
    total = np.zeros(points.shape[:-1])
    for left in range(groups):
        for right in range(left + 1, groups):
            apart = _apart(points[..., left, :], points[..., right, :])
            total[..., left] += apart
            total[..., right] += apart
    return np.asarray(total / (groups - 1))
