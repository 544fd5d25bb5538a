"""What the stages of an audit ask when a run holds given answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from core.audits.base import Answers, Bank, Stage
from core.runs import stages_of
from core.store import RunInfo, Store
from core.types import Cell, Response, cell_id


def walked(stages: Iterable[Stage], answers: Mapping[str, Response]) -> Iterator[tuple[Stage, list[Cell], Answers]]:
    """Each stage with its cells and all answers up to its own, as the machine hands them over."""
    so_far = Answers()
    for stage in stages:
        cells = list(stage.cells(so_far))
        so_far |= {name: answers[name] for cell in cells if (name := cell_id(cell)) in answers}
        yield stage, cells, so_far


def cells_of(info: RunInfo, bank: Bank, store: Store | None = None) -> list[Cell]:
    """The cells of a run; ``store`` holds its answers where later cells rest on earlier ones."""
    ids = list(store.responses([info.run_id]).cell_id) if store else []
    answers = {row.cell_id: row for row in store.rows(info.run_id, ids)} if store else {}
    return [cell for _, cells, _ in walked(stages_of(info, bank), answers) for cell in cells]
