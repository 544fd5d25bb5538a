"""Cuts a plan into portions: the cells that one worker is given at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from core.runs.batches import batches, persona_by_persona
from core.store.files.cell_keys import Key, KeySet, packed
from core.types import Cell, cell_id

_LOOK_AHEAD = 2_000
_BATCHES = 8
"""Batches in a full portion: within so many the runner orders cells by persona, see :mod:`core.runs.batches`."""
_PORTIONS_EACH = 8
"""Portions that a worker gets at least, so that workers end at about the same time."""


@dataclass
class Portion:
    """Cells of one model for one worker. ``lost`` counts the workers that were lost while they had it."""

    cells: list[Cell]
    lost: int = 0

    def without(self, done: set[Key]) -> Portion | None:
        """The portion without cells that are ``done``; ``None`` where nothing is left."""
        left = [cell for cell in self.cells if (cell_id(cell), cell.sample) not in done]
        return Portion(left, self.lost) if left else None

    def halves(self) -> list[Portion]:
        """The portion in two parts, each of which is cut again at its next loss; the portion itself where it has one
        cell.
        """
        if len(self.cells) < 2:
            return [self]
        middle = len(self.cells) // 2
        return [Portion(self.cells[:middle], self.lost - 1), Portion(self.cells[middle:], self.lost - 1)]


def portion_size(batch: int, cells: int, workers: int) -> int:
    """How many cells a portion has: a batch at least, eight batches at most, and eight portions a worker between.

    >>> portion_size(batch=96, cells=1_000_000, workers=8), portion_size(batch=96, cells=2_000, workers=8)
    (768, 96)
    """
    share = -(-cells // (max(workers, 1) * _PORTIONS_EACH))
    return max(batch, min(_BATCHES * batch, share))


def missing(cells: Iterable[Cell], seen: KeySet | None, kept: KeySet) -> Iterator[Cell]:
    """The cells that are asked: each once, and none that is ``kept``. All of them are added to ``seen``.

    Without ``seen``, ``cells`` are known to be different. Where none is kept either, no id is computed.
    """
    stream = iter(cells)
    if seen is None and not len(kept):
        yield from stream
        return
    while ahead := list(islice(stream, _LOOK_AHEAD)):
        keys = packed([(cell_id(cell), cell.sample) for cell in ahead])
        new = [True] * len(ahead) if seen is None else seen.take(keys)
        # Looked up together: one search for two thousand cells.
        known = kept.has(keys)
        yield from (cell for cell, first, here in zip(ahead, new, known, strict=True) if first and not here)


def portions(cells: Iterable[Cell], size: int, batch: int) -> Iterator[Portion]:
    """Portions of ``cells``, all of one model, of ``size`` cells at most.

    Cells of a persona and language stay together, so that a worker computes what their prompts share once.
    """
    waiting: list[Cell] = []
    for group in batches(persona_by_persona(cells, batch), batch):
        # A worker is asked for one kind at a time, as the plain run asks it.
        if waiting and (waiting[0].kind != group[0].kind or len(waiting) + len(group) > size):
            yield Portion(waiting)
            waiting = []
        waiting = [*waiting, *group]
    if waiting:
        yield Portion(waiting)


def by_model(cells: Iterable[Cell]) -> Iterator[tuple[str, Iterator[Cell]]]:
    """Runs of cells of one model, with its id."""
    yield from groupby(cells, key=lambda cell: cell.model.id)
