"""Puts cells into batches that a provider can take, in an order in which neighbouring prompts share long beginnings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from core.types import Cell

_WINDOW = 8
"""Number of batches that are put in order together: about a minute of work, after which all personas have been asked
the same questions.
"""


def batches(cells: Iterable[Cell], size: int) -> Iterator[list[Cell]]:
    """Batches of at most ``size`` cells of one kind.

    Cells of one question, persona and language stay in one batch where they fit.
    """
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
    """``cells`` in an order in which those that ask for options are grouped by persona, within windows of some batches.

    A prompt begins with the persona, so within a batch nearly all of it is shared. Cells that ask for texts keep their
    place.
    """
    window: dict[tuple[str, str, str], list[Cell]] = {}
    waiting = 0
    for group in _readings(cells):
        first = group[0]
        if waiting and (first.kind == "text" or waiting + len(group) > _WINDOW * size):
            yield from chain.from_iterable(window.values())
            window, waiting = {}, 0
        if first.kind == "text":
            yield from group
        else:
            window.setdefault((first.persona.key, first.detail, first.variant.language), []).extend(group)
            waiting += len(group)
    yield from chain.from_iterable(window.values())


def _readings(cells: Iterable[Cell]) -> Iterator[list[Cell]]:
    def alike(cell: Cell) -> tuple[str, str | None, str, str, str]:
        question = cell.question.id if cell.question else None
        return cell.kind, question, cell.persona.key, cell.detail, cell.variant.language

    for _, group in groupby(cells, key=alike):
        yield list(group)
