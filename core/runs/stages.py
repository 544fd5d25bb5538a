"""Asks the stages of an audit one after the other. A cell that the run has an answer to is not asked again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from core.audits.base import Answers, Stage
from core.cancel import CancelToken, check_cancel
from core.errors import DataError
from core.providers.base import Provider, computation_of
from core.runs.keeper import R, UsableOnly
from core.runs.runner import OnResults, OnText, Result, Runner
from core.types import Cell, Computation, Model, Response, cell_id

OnPlanned = Callable[[int], None]
"""Called with the number of cells in all: an upper bound, which is exact once the last stage has begun."""


@runtime_checkable
class StageKeeper(Protocol):
    """Stores the answers of stages in one run; :class:`core.runs.keeper.RunKeeper` is one."""

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """Rows that any run has for these cache keys, by cache key."""

    def append(self, rows: Sequence[R]) -> list[R]:
        """Store ``rows`` in the run; returns them with its id. Raises :class:`DataError` where that fails."""

    def kept(self) -> set[tuple[str, int]]:
        """Cell id and sample number of every answer in the run; errors are not among them."""

    def answers(self, cell_ids: Sequence[str]) -> dict[str, Response]:
        """The answers that the run has to these cells, by cell id; errors are not among them."""

    def note(self, computed: Mapping[str, Computation], seconds: float = 0.0) -> None:
        """Write into run.json on what the models were computed, and add ``seconds`` to the time that asking took."""


def models_of(stages: Iterable[Stage]) -> dict[str, Model]:
    """The models that ``stages`` ask, by id."""
    return {load.model.id: load.model for stage in stages for load in stage.most}


def computations(models: Iterable[Model], provider_of: Callable[[str], Provider]) -> dict[str, Computation]:
    """On what ``models`` were computed last, by id. Models that another computer computes are left out."""
    asked = {model.id: model for model in models}
    found = {name: computation_of(provider_of(model.provider), model) for name, model in asked.items()}
    return {name: one for name, one in found.items() if one is not None}


class StageRunner:
    """Asks stages and stores the answers with one keeper.

    ``storage_error`` is the first error that storing raised, or ``None``.
    """

    def __init__(self, keeper: StageKeeper, provider_of: Callable[[str], Provider]) -> None:
        self._keeper = keeper
        self._provider_of = provider_of
        self.storage_error: DataError | None = None

    def run(
        self,
        stages: Sequence[Stage],
        *,
        fresh: bool = False,
        again: bool = False,
        cancel: CancelToken | None = None,
        on_planned: OnPlanned | None = None,
        on_asking: Callable[[], None] | None = None,
        on_results: OnResults | None = None,
        on_text: OnText | None = None,
        on_stored: Callable[[Mapping[str, Response]], None] | None = None,
    ) -> int:
        """Ask every cell of ``stages`` that the run has no answer to; returns how many cells they have in all.

        Answers of other runs are copied unless ``fresh`` is true. With ``again``, cells that this run has an answer
        to are asked too. Rows that a stage makes from its answers are stored when it ends. ``on_asking`` is called
        before each stage that asks anything, ``on_stored`` with answers of this run that a later stage needs. Raises
        :class:`Cancelled` when stopped.
        """
        kept = set() if again else self._keeper.kept()
        planned = sum(stage.most_cells for stage in stages)
        seen: set[tuple[str, int]] = set()
        answers = Answers()
        begun = time.monotonic()
        noted: dict[str, Computation] = {}

        def take(results: list[Result]) -> None:
            answers.update({cell_id(result.cell): result.response for result in results})
            self._note(results, noted)
            if on_results:
                on_results(results)

        try:
            for place, stage in enumerate(stages):
                if place and stage.group != stages[place - 1].group:
                    answers.clear()
                asked, repeated = each_once(stage.cells(answers), seen)
                planned += len(asked) - stage.most_cells
                if on_planned:
                    on_planned(planned)
                missing = [cell for key, cell in asked.items() if key not in kept]
                if stage.made_ids or any(later.group == stage.group for later in stages[place + 1 : place + 2]):
                    here = [name for name, sample in asked if (name, sample) in kept]
                    here += [name for name, _ in repeated if name not in answers]
                    stored = self._keeper.answers(here)
                    answers.update(stored)
                    if on_stored and stored:
                        on_stored(stored)
                if missing and on_asking:
                    on_asking()
                if missing:
                    runner = Runner(UsableOnly(self._keeper, stage.usable), self._provider_of)
                    self._ask(runner, missing, fresh, cancel, take, on_text)
                self._make(stage, answers, kept)
        finally:
            self._keep_note(noted, time.monotonic() - begun)
        return planned

    def _ask(
        self,
        runner: Runner,
        cells: list[Cell],
        fresh: bool,
        cancel: CancelToken | None,
        take: OnResults,
        on_text: OnText | None,
    ) -> None:
        def tell(results: list[Result]) -> None:
            self.storage_error = self.storage_error or runner.storage_error
            take(results)

        found = runner.run(cells, fresh=fresh, copy=True, cancel=cancel, on_results=tell, on_text=on_text)
        if len(found) < len(cells):
            # A text that was stopped half-way is no answer, and later stages must not go on without it.
            check_cancel(cancel)

    def _make(self, stage: Stage, answers: Answers, kept: set[tuple[str, int]]) -> None:
        if all((name, 0) in kept for name in stage.made_ids):
            return
        rows = [row for row in stage.made(answers) if (row.cell_id, row.sample) not in kept]
        try:
            if rows:
                self._keeper.append(rows)
        except DataError as error:
            self.storage_error = error

    def _note(self, results: Sequence[Result], noted: dict[str, Computation]) -> None:
        new = (r.cell.model for r in results if not r.cached and r.cell.model.id not in noted)
        noted |= computations(new, self._provider_of)

    def _keep_note(self, noted: Mapping[str, Computation], seconds: float) -> None:
        try:
            self._keeper.note(noted, seconds)
        except DataError as error:
            self.storage_error = self.storage_error or error


def each_once(
    cells: Iterable[Cell], seen: set[tuple[str, int]]
) -> tuple[dict[tuple[str, int], Cell], list[tuple[str, int]]]:
    """The cells that are not in ``seen``, by cell id and sample number, and the keys of those that are.

    The keys of the new cells are added to ``seen``.
    """
    new: dict[tuple[str, int], Cell] = {}
    repeated = []
    for cell in cells:
        key = cell_id(cell), cell.sample
        if key in seen:
            repeated.append(key)
        else:
            new.setdefault(key, cell)
    seen.update(new)
    return new, repeated
