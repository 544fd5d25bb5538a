"""Asks the stages of an audit with the workers of an office, one stage after the other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from core.audits.base import Answers, Stage
from core.errors import CapReached
from core.runs.cap import Budget, Spent
from core.runs.progress import Meter, RunProgress
from core.scale.office import Office
from core.scale.portions import Portion, by_model, missing, portion_size, portions
from core.scale.report import Report
from core.store import Cap, RunFolder
from core.store.files.cell_keys import KeySet, packed
from core.store.files.worker_shards import kept_keys
from core.types import Cell, cell_id

OnProgress = Callable[[RunProgress], None]


def run_stages(
    office: Office, folder: RunFolder, stages: Sequence[Stage], made: frozenset[str], on_progress: OnProgress | None
) -> None:
    """Ask what the run lacks. The cells of a stage are made as they are handed out, never as a list, unless a later
    stage needs their answers.

    Raises :class:`~core.errors.Cancelled` when stopped.
    """
    kept = kept_keys(folder.path, folder.info.shards)
    info = folder.info
    budget = Budget(info.cap, office.spent() if info.cap != Cap() and info.shards else Spent())
    meter = Meter(sum(stage.most_cells for stage in stages), max(0, len(kept) - len(made)))
    lone: set[tuple[str, int]] = set()
    begun = time.monotonic()

    def show(progress: RunProgress) -> None:
        if on_progress:
            on_progress(progress)

    def tell(report: Report) -> CapReached | None:
        counts = report.counts
        show(meter.add(counts["fresh"], counts["cached"], counts["errors"]))
        lone.update(report.lone)
        try:
            budget.use(report.used)
        except CapReached as reached:
            return reached
        return None

    seen = None if len(stages) == 1 and stages[0].distinct else KeySet()
    answers = Answers()
    try:
        for place, stage in enumerate(stages):
            if place and stage.group != stages[place - 1].group:
                answers.clear()
            feeds = bool(stage.made_ids) or any(later.group == stage.group for later in stages[place + 1 : place + 2])
            cells: Iterable[Cell] = stage.cells(answers)
            if feeds:
                cells = list(cells)
                answers.update(office.answers([name for cell in cells if (name := cell_id(cell)) not in answers]))
            before = 0 if seen is None else len(seen)
            budget.check()

            def keep(report: Report) -> CapReached | None:
                answers.update({row.cell_id: row for row in report.answers})
                return tell(report)

            plan = _plan(office, missing(cells, seen, kept), stage.most_cells)
            office.ask(plan, stage.usable, feeds, keep)
            planned = stage.most_cells if seen is None else len(seen) - before
            show(meter.plan(meter.total + planned - stage.most_cells))
            _make(folder, stage, answers, kept)
    finally:
        office.ledger.note_time(time.monotonic() - begun)
        alone = len(lone) + info.counts.get("lone", 0)
        counts = {**folder.info.counts, "planned": meter.total, **({"lone": alone} if alone else {})}
        folder.update(counts=counts)


def _plan(office: Office, cells: Iterable[Cell], most: int) -> Iterator[Portion]:
    for _, same in by_model(cells):
        first = next(same)
        batch = office.batch(first.model)
        size = portion_size(batch, most, office.workers(first.model))
        yield from portions(_with(first, same), size, batch)


def _with(first: Cell, rest: Iterator[Cell]) -> Iterator[Cell]:
    yield first
    yield from rest


def _make(folder: RunFolder, stage: Stage, answers: Answers, kept: KeySet) -> None:
    """Store the rows that the stage computes from its answers, where the run lacks them."""
    if not stage.made_ids:
        return
    here = kept.has(packed([(name, 0) for name in stage.made_ids]))
    if here.all():
        return
    rows = [row for row in stage.made(answers) if not kept.has(packed([(row.cell_id, row.sample)]))[0]]
    if rows:
        folder.append([row.model_copy(update={"run_id": folder.info.run_id}) for row in rows])
