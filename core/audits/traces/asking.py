"""Ask the closed and open questions of a stage through the runner, and say what came of it.

A bad stage output is kept as a row and named in the trace, but it is never taken for an answer later: the next trace
that needs it asks again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.audits.traces.types import Problem, Stage, Step, Unit
from core.cancel import CancelToken
from core.errors import DataError
from core.prompts.traces import VERSION
from core.providers.base import Provider
from core.runs.runner import Keeper, Result, Runner
from core.types import Cell, Question, Response, Variant, as_scale_order, cell_id, cyclic_orders

PROFILE_TOKENS = 80


def is_usable(row: Response) -> bool:
    """Whether a row answers: some mass on an option, or a text that is not blank."""
    if row.outcome == "error":
        return False
    return (row.valid_mass or 0) > 0 if row.kind == "options" else bool((row.text or "").strip())


class CarefulKeeper:
    """Keeps every row, but finds again only usable ones."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """Usable rows, by cache key."""
        return {key: row for key, row in self._keeper.lookup(keys).items() if is_usable(row)}

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """Keep ``rows``. Raises :class:`DataError` where they cannot be written."""
        return self._keeper.append(rows)


class Asker:
    """Asks for one unit after the other; ``storage_error`` says why rows could not be kept, if they could not."""

    def __init__(
        self,
        keeper: Keeper,
        provider_of: Callable[[str], Provider],
        *,
        fresh: bool = False,
        cancel: CancelToken | None = None,
        on_text: Callable[[str, str], None] | None = None,
    ) -> None:
        self._keeper = keeper
        self._runner = Runner(CarefulKeeper(keeper), provider_of)
        self._fresh, self._cancel, self._on_text = fresh, cancel, on_text
        self.storage_error: DataError | None = None

    def options(
        self, unit: Unit, stage: Stage, asked: Sequence[tuple[str, Question, str]], names: Sequence[Sequence[str]]
    ) -> list[Step]:
        """Steps for several closed decisions ``(step, question, detail)``, each over all rotations of its options.

        ``names`` gives, for each, what its options are called in the trace, in scale order.
        """
        cells = [option_cells(unit, tag(stage, step), question, detail) for step, question, detail in asked]
        flat = [cell for group in cells for cell in group]
        results = self._run(flat)
        by_id = {cell_id(result.cell): result for result in results}
        steps = []
        for (step, question, _), group, options in zip(asked, cells, names, strict=True):
            found = [by_id[cell_id(cell)] for cell in group if cell_id(cell) in by_id]
            steps.append(_closed(stage, step, question, tuple(options), found, len(group)))
        return steps

    def text(self, unit: Unit, stage: Stage, step: str, text: str, detail: str) -> Step:
        """The step of one open question; ``on_text`` sees it grow."""
        cell = Cell(
            kind="text",
            model=unit.model,
            text=text,
            persona=unit.persona,
            variant=Variant(language=unit.language),
            tag=tag(stage, step),
            detail=detail,
            seed=unit.options.seed,
            max_tokens=PROFILE_TOKENS,
        )
        result = self._run([cell])[0]
        row = result.response
        problem: Problem | None = None
        if row.outcome == "error":
            problem = "error"
        elif not is_usable(row):
            problem = "empty"
        return _step(stage, step, [result], text=row.error_text if problem == "error" else row.text, problem=problem)

    def _run(self, cells: list[Cell]) -> list[Result]:
        def grow(cell: Cell, text: str) -> None:
            if self._on_text:
                self._on_text(cell.tag, text)

        results = self._runner.run(cells, fresh=self._fresh, cancel=self._cancel, on_text=grow)
        self.storage_error = self.storage_error or self._runner.storage_error
        self._take_over([result for result in results if result.cached])
        return results

    def _take_over(self, known: list[Result]) -> None:
        """Rows measured for another cell or run join this one, so that it is complete by itself."""
        rows = [
            result.response.model_copy(update=_identity(result.cell))
            for result in known
            if result.response.cell_id != cell_id(result.cell) or not self._holds(result.response)
        ]
        if rows:
            try:
                self._keeper.append(rows)
            except DataError as error:
                self.storage_error = error

    def _holds(self, row: Response) -> bool:
        return row.run_id == getattr(self._keeper, "run_id", row.run_id)


def tag(stage: Stage, step: str) -> str:
    """The tag of the rows of a step, such as ``mark-1:stress:age``."""
    return f"{VERSION}:{stage}:{step}"


def option_cells(unit: Unit, name: str, question: Question, detail: str) -> list[Cell]:
    """One closed decision in all rotations; a sampled model spends its samples over them, at least one each."""
    orders = cyclic_orders(len(question.options))
    sampled = unit.model.capabilities.method == "sampled"
    return [
        Cell(
            kind="options",
            model=unit.model,
            question=question,
            persona=unit.persona,
            variant=Variant(language=unit.language, order=order),
            tag=name,
            detail=detail,
            samples=max(1, round(unit.options.samples / len(orders))) if sampled else 1,
            seed=unit.options.seed,
        )
        for order in orders
    ]


def _identity(cell: Cell) -> dict[str, object]:
    names = ("country", "age", "sex", "education")
    return {
        "cell_id": cell_id(cell),
        "tag": cell.tag,
        "language": cell.variant.language,
        **{name: getattr(cell.persona, name) for name in names},
    }


def _closed(
    stage: Stage, step: str, question: Question, options: tuple[str, ...], found: list[Result], wanted: int
) -> Step:
    good = [r for r in found if r.response.kind == "options" and is_usable(r.response)]
    failed = [r for r in found if r.response.outcome == "error"]
    if failed:
        return _step(stage, step, failed, options=options, text=failed[0].response.error_text, problem="error")
    # A rotation that cannot be read would leave some option more often in first place than the others.
    if len(good) < wanted:
        return _step(stage, step, found, options=options, problem="unreadable")
    mass = np.mean([as_scale_order(question.codes, r.response.codes, r.response.mass) for r in good], axis=0)
    decision = options[int(np.argmax(mass))]
    return _step(stage, step, good, options=options, decision=decision, mass=tuple(float(m) for m in mass))


def _step(stage: Stage, step: str, results: list[Result], **found: object) -> Step:
    rows = [result.response for result in results]
    return Step.model_validate(
        {
            "stage": stage,
            "step": step,
            "prompt": rows[0].rendered_prompt,
            "cache_key": rows[0].cache_key,
            "cached": all(result.cached for result in results),
            "created": max(row.created for row in rows),
            "latency_s": sum(row.latency_s for row in rows),
            **found,
        }
    )
