"""Reads the steps of a trace from the answers so far, up to the first step that is not answered yet."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import islice
from typing import Literal

import numpy as np

from core.audits.stages import Answers
from core.audits.traces.cells import is_usable, option_cells, tag, text_cell
from core.audits.traces.types import Problem, Stage, Step, Unit
from core.types import Cell, Question, Response, as_scale_order, cell_id

Round = Literal["direct", "stress", "profile", "personality", "situation", "cognition", "conclusion", "explanation"]
ROUNDS: tuple[Round, ...] = (
    "direct",
    "stress",
    "profile",
    "personality",
    "situation",
    "cognition",
    "conclusion",
    "explanation",
)
"""The rounds in the order in which they are asked; a round needs the results of those before it."""


class Waiting(Exception):
    """The trace needs ``cells`` of ``round``, which are not answered yet."""

    def __init__(self, round_: Round, cells: Sequence[Cell]) -> None:
        super().__init__(round_)
        self.round: Round = round_
        self.cells = cells


Known = dict[Hashable, Step]
"""Steps that were already made, by the data on which they depend."""


class Replay:
    """Makes steps from stored rows, found by cell id. ``known`` keeps them for other traces of the same person."""

    def __init__(self, answers: Answers, known: Known | None = None) -> None:
        self._answers = answers
        self._known: Known = {} if known is None else known

    def options(
        self,
        unit: Unit,
        round_: Round,
        stage: Stage,
        asked: Sequence[tuple[str, Question, str]],
        names: Sequence[Sequence[str]],
    ) -> list[Step]:
        """Steps for several closed decisions ``(step, question, detail)``, each over all rotations of its options.

        ``names`` gives, for each, what its options are called in the trace, in scale order. Raises :class:`Waiting`.
        """
        keys = [(stage, step, question, detail, *_how(unit)) for step, question, detail in asked]
        if any(key not in self._known for key in keys):
            cells = [option_cells(unit, tag(stage, step), question, detail) for step, question, detail in asked]
            rows = iter(self._rows(round_, [cell for group in cells for cell in group]))
            for key, (step, question, _), group, options in zip(keys, asked, cells, names, strict=True):
                found = list(islice(rows, len(group)))
                self._known[key] = closed_step(stage, step, question, tuple(options), found)
        return [self._known[key] for key in keys]

    def text(self, unit: Unit, round_: Round, stage: Stage, step: str, text: str, detail: str) -> Step:
        """The step of one open question. Raises :class:`Waiting`."""
        key = stage, step, text, detail, *_how(unit)
        if key not in self._known:
            self._known[key] = self._text(unit, round_, stage, step, text, detail)
        return self._known[key]

    def _text(self, unit: Unit, round_: Round, stage: Stage, step: str, text: str, detail: str) -> Step:
        row = self._rows(round_, [text_cell(unit, tag(stage, step), text, detail)])[0]
        problem: Problem | None = None
        if row.outcome == "error":
            problem = "error"
        elif not is_usable(row):
            problem = "empty"
        return _step(stage, step, [row], text=row.error_text if problem == "error" else row.text, problem=problem)

    def _rows(self, round_: Round, cells: Sequence[Cell]) -> list[Response]:
        rows = [self._answers.get(cell_id(cell)) for cell in cells]
        found = [row for row in rows if row is not None]
        if len(found) < len(cells):
            raise Waiting(round_, cells)
        return found


def _how(unit: Unit) -> tuple[Hashable, ...]:
    """The parts of a unit on which its cells depend, besides the question."""
    return unit.model.id, unit.persona, unit.language, unit.options.samples, unit.options.seed


def closed_step(stage: Stage, step: str, question: Question, options: tuple[str, ...], rows: list[Response]) -> Step:
    """The step of one closed decision, from its ``rows``, one for each rotation of the options."""
    failed = [row for row in rows if row.outcome == "error"]
    if failed:
        return _step(stage, step, failed, options=options, text=failed[0].error_text, problem="error")
    # Without the rotation that cannot be read, some option would be in first place more often than the others.
    if not all(is_usable(row) for row in rows):
        return _step(stage, step, rows, options=options, problem="unreadable")
    mass = np.mean([as_scale_order(question.codes, row.codes, row.mass) for row in rows], axis=0)
    decision = options[int(np.argmax(mass))]
    return _step(stage, step, rows, options=options, decision=decision, mass=tuple(float(m) for m in mass))


def _step(stage: Stage, step: str, rows: list[Response], **found: object) -> Step:
    return Step.model_validate(
        {
            "stage": stage,
            "step": step,
            "prompt": rows[0].rendered_prompt,
            "cache_key": rows[0].cache_key,
            "cached": all(row.copied_from is not None for row in rows),
            "created": max(row.created for row in rows),
            "latency_s": sum(row.latency_s for row in rows),
            **found,
        }
    )
