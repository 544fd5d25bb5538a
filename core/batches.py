"""Cells in batches that a provider can take, in an order that leaves as little as possible to be computed twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from core.types import Cell

_WINDOW = 8
"""Batches that are put in order together: about a minute of work, after which all persons have been asked the same."""


def batches(cells: Iterable[Cell], size: int) -> Iterator[list[Cell]]:
    """Batches of at most ``size`` of one kind; readings of one question, persona and language stay together where
    they fit."""
    batch: list[Cell] = []
    for group in _readings(cells):
        if batch and (batch[0].kind != group[0].kind or len(batch) + len(group) > size):
            yield batch
            batch = []
        batch += group
        while len(batch) > size:
            yield batch[:size]
            batch = batch[size:]
    if batch:
        yield batch


def persona_by_persona(cells: Iterable[Cell], size: int) -> Iterator[Cell]:
    """``cells``, those that ask for options put persona after persona, some batches of ``size`` at a time.

    A prompt begins with the persona, so that within a batch nearly all of it is shared. Texts stay where they are.
    """
    window: list[list[Cell]] = []
    for group in _readings(cells):
        is_option = group[0].kind == "options"
        if window and (not is_option or sum(map(len, window)) + len(group) > _WINDOW * size):
            yield from _in_order(window)
            window = []
        if is_option:
            window.append(group)
        else:
            yield from group
    yield from _in_order(window)


def _in_order(window: list[list[Cell]]) -> Iterator[Cell]:
    alike: dict[tuple[str, str, str], list[Cell]] = {}
    for group in window:
        alike.setdefault((group[0].persona.key, group[0].detail, group[0].variant.language), []).extend(group)
    return chain.from_iterable(alike.values())


def _readings(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    alike = groupby(cells, key=lambda c: (c.kind, c.question and c.question.id, c.persona.key, c.variant.language))
    for _, group in alike:
        yield list(group)
