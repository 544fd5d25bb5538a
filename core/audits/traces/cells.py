"""The cells of a reasoning trace: each closed decision in all rotations of its options, and the open texts."""

from __future__ import annotations

from core.audits.traces.types import Stage, Unit
from core.prompts.traces import VERSION
from core.types import Cell, Question, Response, Variant, cyclic_orders

PROFILE_TOKENS = 80


def is_usable(row: Response) -> bool:
    """Whether a row has an answer: some mass on an option, or a text that is not blank.

    A row without an answer is kept and named in its trace, but another run never reuses it as an answer.
    """
    if row.outcome == "error":
        return False
    return (row.valid_mass or 0) > 0 if row.kind == "options" else bool((row.text or "").strip())


def tag(stage: Stage, step: str) -> str:
    """The tag of the rows of a step, such as ``mark-1:stress:age``."""
    return f"{VERSION}:{stage}:{step}"


def samples_of(unit: Unit, options: int) -> int:
    """Samples for one rotation of a decision over ``options``; a sampled model's samples are split over rotations."""
    sampled = unit.model.capabilities.method == "sampled"
    return max(1, round(unit.options.samples / options)) if sampled else 1


def option_cells(unit: Unit, name: str, question: Question, detail: str) -> list[Cell]:
    """One closed decision in all rotations; ``detail`` is what else the model is told about the person."""
    orders = cyclic_orders(len(question.options))
    return [
        Cell(
            kind="options",
            model=unit.model,
            question=question,
            persona=unit.persona,
            variant=Variant(language=unit.language, order=order),
            tag=name,
            detail=detail,
            samples=samples_of(unit, len(orders)),
            seed=unit.options.seed,
        )
        for order in orders
    ]


def text_cell(unit: Unit, name: str, text: str, detail: str) -> Cell:
    """One open question."""
    return Cell(
        kind="text",
        model=unit.model,
        text=text,
        persona=unit.persona,
        variant=Variant(language=unit.language),
        tag=name,
        detail=detail,
        seed=unit.options.seed,
        max_tokens=PROFILE_TOKENS,
    )
