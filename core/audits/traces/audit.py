"""Reasoning traces as an audit: the four stages of MARK (arXiv 2508.17855) with option distributions as decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
from pydantic import Field

from core.audits import base
from core.audits.base import Bank, Stage
from core.audits.choice import NEWEST, Edition
from core.audits.traces.scores import scored
from core.audits.traces.types import Intervention, Options, Unit
from core.audits.traces.walk import check_persona, trace_stages
from core.errors import InputError, said
from core.types import Language, Persona, Response


class Spec(base.Spec):
    """Which traces to make: every combination of the named values. ``interventions`` are added to the plain traces.

    ``edition`` is that of the question bank; the wording of some items depends on it.
    """

    questions: tuple[str, ...] = Field(min_length=1)
    personas: tuple[Persona, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    interventions: tuple[Intervention, ...] = ()
    options: Options = Options()
    edition: Edition = NEWEST


def plan_units(spec: Spec, bank: Bank) -> list[Unit]:
    """The traces of ``spec``, person by person, so that shared steps are measured once. Raises :class:`InputError`."""
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


_Spec = Spec


class Traces:
    """This audit as it is registered; see :class:`core.audits.base.Audit`."""

    name = "traces"
    Spec = _Spec

    def stages(self, spec: _Spec, bank: Bank) -> Iterator[Stage]:
        """For each person the rounds of :data:`core.audits.traces.replay.ROUNDS`. Raises :class:`InputError`."""
        return trace_stages(plan_units(spec, bank))

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`core.audits.traces.scores.scored`."""
        return scored(answers, bank)
