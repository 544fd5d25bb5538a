"""Follows a trace as far as there are answers, and makes the stages that ask for the rest.

Stress and personality are measured once per person, the rest once per person and question, because a prompt contains
nothing of later steps. Units of one person share those cells, and each cell is asked once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from core.audits.base import Answers, NotAnswered, Stage
from core.audits.traces import stages
from core.audits.traces.bounds import most_of
from core.audits.traces.cells import is_usable
from core.audits.traces.replay import ROUNDS, Known, Replay, Round, Waiting
from core.audits.traces.store import to_row, to_steps
from core.audits.traces.types import Step, Trace, Unit
from core.errors import InputError, said
from core.prompts.render import FREE_VERSION, OPTIONS_VERSION
from core.prompts.traces import VERSION
from core.store.files.schema import Row
from core.types import Cell, Persona, cell_id

TEMPLATES = (FREE_VERSION, VERSION, OPTIONS_VERSION)
PEOPLE = 16
"""People whose traces a local model makes at once: as many texts as it writes side by side on a processor."""


class Walked(NamedTuple):
    """A trace so far; ``waiting`` says what to ask next and is ``None`` where the trace is complete."""

    trace: Trace
    waiting: Waiting | None


def check_persona(persona: Persona) -> None:
    """Raise :class:`InputError` for a person without any attribute, because stage 1 would have nothing to ask."""
    if persona.is_empty:
        raise InputError(said("trace_person"))


def walk(unit: Unit, answers: Answers, known: Known | None = None) -> Walked:
    """The trace of ``unit`` as far as ``answers`` reach. An answer that is an error ends it; it then has no vote.

    ``known`` is passed on to :class:`Replay`. Raises :class:`InputError` for an empty persona.
    """
    check_persona(unit.persona)
    steps: list[Step] = []
    waiting = None
    try:
        for taken in _steps(unit, Replay(answers, known)):
            steps += taken
            if any(step.problem == "error" for step in taken):
                break
    except Waiting as found:
        waiting = found
    return Walked(Trace(unit=unit, steps=tuple(steps)), waiting)


def _steps(unit: Unit, replay: Replay) -> Iterator[Sequence[Step]]:
    yield [stages.direct_answer(replay, unit)]
    told = ""
    if unit.options.intervention != "no_stress":
        stressed, told = stages.stress(replay, unit)
        yield stressed
    found, stack = stages.personality(replay, unit, told)
    yield found
    if stack is None:
        return
    flags = stages.situation(replay, unit, told, stack)
    yield flags
    answers = stages.cognition(replay, unit, told, flags)
    yield answers
    voted = stages.vote(unit, flags, answers)
    yield voted
    if len(voted) == 2:
        yield stages.synthesis(replay, unit, told, answers, voted)


def trace_stages(units: Sequence[Unit]) -> Iterator[Stage]:
    """The stages of ``units``: for some people at a time all rounds, then their traces as rows of the run.

    The texts of a round are written side by side, and so are those of people whom a local model is asked together. A
    hosted model is asked one person after the other, so that a run that is stopped has the traces that it paid for.
    """
    for group in _together(units):
        known = Known()
        for round_ in ROUNDS:
            last = round_ == ROUNDS[-1]
            yield Stage(
                cells=partial(_cells, group, round_, known),
                most=most_of(group, round_),
                templates=TEMPLATES,
                group="|".join(_person(group[0])),
                usable=is_usable,
                made=partial(_made, group, known) if last else lambda answers: (),
                made_ids=tuple(dict.fromkeys(unit.id for unit in group)) if last else (),
            )


def _person(unit: Unit) -> tuple[str, str, str]:
    return unit.model.id, unit.language, unit.persona.key


def _together(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """``units`` of one model and language, in their order: of :data:`PEOPLE` people at most where the model is local,
    else of one.
    """
    for _, same in groupby(units, key=lambda unit: _person(unit)[:2]):
        people = [list(one) for _, one in groupby(same, key=_person)]
        size = PEOPLE if people[0][0].model.provider == "local" else 1
        for first in range(0, len(people), size):
            yield [unit for one in people[first : first + size] for unit in one]


def _cells(units: Sequence[Unit], round_: Round, known: Known, answers: Answers) -> list[Cell]:
    """The cells that ``units`` ask in a round.

    Raises :class:`NotAnswered` where a person waits for an earlier round, with the cells of all others.
    """
    cells: dict[str, Cell] = {}
    early: list[Unit] = []
    for _, same in groupby(units, key=_person):
        person = list(same)
        waiting = [found for unit in person if (found := walk(unit, answers, known).waiting) is not None]
        if any(ROUNDS.index(found.round) < ROUNDS.index(round_) for found in waiting):
            # Units of one person share cells, so that some of these and a bound for the rest would count them twice.
            early += person
            continue
        cells |= {cell_id(cell): cell for found in waiting if found.round == round_ for cell in found.cells}
    if early:
        raise NotAnswered(round_, list(cells.values()), most_of(early, round_))
    return list(cells.values())


def _made(units: Sequence[Unit], known: Known, answers: Answers) -> list[Row]:
    """Each trace that ended without an error: its steps, then its vote, which marks them as complete."""
    rows: list[Row] = []
    for unit in units:
        trace, waiting = walk(unit, answers, known)
        if waiting is None and not any(step.problem == "error" for step in trace.steps):
            revision = _revision(trace, answers)
            rows += [*to_steps(trace, ""), to_row(trace, "", revision)]
    known.clear()
    return rows


def _revision(trace: Trace, answers: Answers) -> str | None:
    keys = {step.cache_key for step in trace.steps}
    return next((row.model_revision for row in answers.values() if row.cache_key in keys), None)
