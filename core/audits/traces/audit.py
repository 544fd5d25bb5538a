"""MARK audit: reasoning traces in four stages (arXiv 2508.17855), every closed decision an option distribution.

Stress and personality are settled once a person, the rest once a person and question: the cache sees to that, since a
stage's prompt holds nothing of what comes later.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import Field

from core.audits.base import Bank
from core.audits.choice import NEWEST, Edition
from core.audits.traces import stages
from core.audits.traces.asking import Asker
from core.audits.traces.types import Intervention, Options, Step, Trace, Unit
from core.errors import InputError, said
from core.prompts.traces import FUNCTIONS, LEVELS, features_of
from core.types import Frozen, Language, Persona

OnStep = Callable[[Step], None]


class Spec(Frozen):
    """Which traces to make: every combination of what is named here. ``interventions`` come on top of plain traces.

    ``edition`` is that of the question bank, which decides the wording of some items.
    """

    title: str = ""
    models: tuple[str, ...] = Field(min_length=1)
    questions: tuple[str, ...] = Field(min_length=1)
    personas: tuple[Persona, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    interventions: tuple[Intervention, ...] = ()
    options: Options = Options()
    edition: Edition = NEWEST


def plan_units(spec: Spec, bank: Bank) -> list[Unit]:
    """The traces of ``spec``, person by person, so that what is shared is measured once. Raises :class:`InputError`."""
    for name in spec.models:
        if name not in bank.models:
            raise InputError(said("no_model", name=name))
    for name in spec.questions:
        if name not in bank.questions:
            raise InputError(said("no_question", name=name))
    for persona in spec.personas:
        check_persona(persona)
    kinds: list[Intervention] = [spec.options.intervention, *spec.interventions]
    return [
        Unit(
            model=bank.models[model],
            persona=persona,
            question=bank.questions[question].at(spec.edition),
            language=language,
            options=spec.options.model_copy(update={"intervention": kind}),
        )
        for model in spec.models
        for language in spec.languages
        for persona in spec.personas
        for question in spec.questions
        for kind in dict.fromkeys(kinds)
    ]


def check_persona(persona: Persona) -> None:
    """Raise :class:`InputError` for a person without any attribute: stage 1 would have nothing to ask about."""
    if persona.is_empty:
        raise InputError(said("trace_person"))


def prompts_of(units: Sequence[Unit]) -> tuple[int, int]:
    """How many option prompts and texts ``units`` take at most on an empty cache, what is shared counted once."""
    options = texts = 0
    seen: set[object] = set()

    def first(*what: object) -> bool:
        new = what not in seen
        seen.add(what)
        return new

    for unit in units:
        who = (unit.model.id, unit.persona.key, unit.language)
        stressed = unit.options.intervention != "no_stress"
        k = len(unit.question.options)
        if stressed and first("stress", who):
            options += len(features_of(unit.persona)) * len(LEVELS)
            texts += unit.options.texts
        if first("personality", who, stressed):
            options += 2 * len(FUNCTIONS)
        if first("direct", who, unit.question.id):
            options += k
        # A permuted stack or equal weights ask nothing new of the functions; another type may ask all four anew.
        other = unit.options.intervention == "random_type"
        if first("functions", who, unit.question.id, stressed, other):
            options += 4 * (2 + k)
        options += k
        texts += unit.options.texts
    return options, texts


def trace(unit: Unit, asker: Asker, on_step: OnStep | None = None) -> Trace:
    """Make the trace of ``unit``; ``on_step`` sees each step as it is taken.

    A step that a provider could not answer ends the trace, which then has no vote. Raises :class:`InputError` for an
    empty persona and :class:`~core.errors.Cancelled`.
    """
    check_persona(unit.persona)
    steps: list[Step] = []

    def keep(new: Sequence[Step]) -> bool:
        steps.extend(new)
        for step in new:
            if on_step:
                on_step(step)
        return not any(step.problem == "error" for step in new)

    _walk(unit, asker, keep)
    return Trace(unit=unit, steps=tuple(steps))


def _walk(unit: Unit, asker: Asker, keep: Callable[[Sequence[Step]], bool]) -> None:
    if not keep([stages.direct_answer(asker, unit)]):
        return
    told = ""
    if unit.options.intervention != "no_stress":
        stressed, told = stages.stress(asker, unit)
        if not keep(stressed):
            return
    found, stack = stages.personality(asker, unit, told)
    if not keep(found) or stack is None:
        return
    flags = stages.situation(asker, unit, told, stack)
    if not keep(flags):
        return
    answers = stages.cognition(asker, unit, told, flags)
    if not keep(answers):
        return
    voted = stages.vote(unit, flags, answers)
    if keep(voted) and len(voted) == 2:
        keep(stages.synthesis(asker, unit, told, answers, voted))
