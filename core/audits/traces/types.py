"""The parts of a reasoning trace: its settings, its steps, and the trace itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from core.audits.traces.type_dynamics import Stack
from core.prompts.traces import VERSION
from core.types import (
    FIRST_EDITION,
    Frozen,
    Language,
    Model,
    OptionDistribution,
    Persona,
    Question,
    canonical_json,
    digest,
)

Intervention = Literal["none", "no_stress", "permuted", "random_type", "equal_weights"]
Stage = Literal["direct", "stress", "personality", "situation", "cognition", "synthesis"]
Problem = Literal["unreadable", "empty", "twice", "no_type", "no_vote", "error"]

INTERVENTIONS: tuple[Intervention, ...] = ("no_stress", "permuted", "random_type", "equal_weights")
STAGES: tuple[Stage, ...] = ("direct", "stress", "personality", "situation", "cognition", "synthesis")
PROBLEMS: tuple[Problem, ...] = ("unreadable", "empty", "twice", "no_type", "no_vote", "error")


class Options(Frozen):
    """How a trace is made. The weights are a design choice of this project; no study has measured them.

    ``base`` weighs the dominant, auxiliary, tertiary and inferior function. It is divided by its sum, so a sum
    of 1.1 does no harm. A function whose probability of being distorted is d keeps 1 - ``penalty`` x d of its weight.
    ``seed`` decides the permuted stack and the random type. ``texts`` asks for the two open texts too.
    """

    intervention: Intervention = "none"
    base: tuple[float, float, float, float] = (0.4, 0.3, 0.2, 0.1)
    penalty: float = Field(default=0.5, ge=0, le=1)
    texts: bool = True
    samples: int = Field(default=20, ge=1, le=200)
    seed: int = 0

    @model_validator(mode="after")
    def _weights_can_be_used(self) -> Self:
        if min(self.base) < 0 or sum(self.base) <= 0 or not np.isfinite(self.base).all():
            raise ValueError("weights must be at least 0, and one of them above 0")
        return self


class Unit(Frozen):
    """One trace to be made: a model, a person, a question, a language, and the options."""

    model: Model
    persona: Persona
    question: Question
    language: Language
    options: Options = Options()

    @property
    def id(self) -> str:
        """Stable id: the same unit gives the same id."""
        question = self.question.key if self.question.survey else canonical_json(self.question.model_dump(mode="json"))
        how = self.options.model_dump(mode="json")
        wording = [self.question.wording] if self.question.wording > FIRST_EDITION else []
        return digest([VERSION, self.model.id, self.persona.key, question, self.language, how, *wording], 20)


class Step(Frozen):
    """One decision or text of a trace. ``mass`` is what was read on each of ``options`` before renormalising.

    ``problem`` says why the step gave nothing usable; ``text`` then contains what came instead, if anything.
    """

    stage: Stage
    step: str
    decision: str | None = None
    options: tuple[str, ...] = ()
    mass: tuple[float, ...] = ()
    text: str | None = None
    problem: Problem | None = None
    prompt: str = ""
    cache_key: str | None = None
    cached: bool = False
    created: datetime
    latency_s: float = 0.0

    @property
    def probabilities(self) -> tuple[float, ...]:
        """``mass`` renormalised; empty where nothing was read."""
        total = sum(self.mass)
        return tuple(m / total for m in self.mass) if total > 0 else ()

    @property
    def certainty(self) -> float | None:
        """Probability of the decision among the options, 0..1."""
        return max(self.probabilities) if self.probabilities else None

    def probability(self, option: str) -> float:
        """Probability of one option, an even share where nothing was read."""
        if not self.probabilities:
            return 1 / len(self.options)
        return self.probabilities[self.options.index(option)]


class Trace(Frozen):
    """All steps of one unit, in the order in which they were taken."""

    unit: Unit
    steps: tuple[Step, ...]

    def find(self, stage: Stage, step: str) -> Step | None:
        """The step of that name, or ``None``."""
        return next((s for s in self.steps if (s.stage, s.step) == (stage, step)), None)

    def stage(self, stage: Stage) -> tuple[Step, ...]:
        """The steps of a stage."""
        return tuple(s for s in self.steps if s.stage == stage)

    @property
    def problems(self) -> tuple[Step, ...]:
        """Steps that gave nothing usable."""
        return tuple(s for s in self.steps if s.problem)

    @property
    def type(self) -> str | None:
        """The type that stage 2 chose."""
        found = self.find("personality", "stack")
        return found.decision if found else None

    @property
    def stack(self) -> Stack | None:
        """The four functions in the order in which they were weighed."""
        found = self.find("personality", "stack")
        if found is None or not found.text:
            return None
        first, second, third, fourth = found.text.split(",")
        return first, second, third, fourth

    @property
    def weights(self) -> dict[str, float]:
        """Weight of each function that voted; they sum to 1."""
        found = self.find("synthesis", "weights")
        return dict(zip(found.options, found.mass, strict=True)) if found else {}

    def _shares(self, stage: Stage, step: str) -> tuple[float, ...] | None:
        found = self.find(stage, step)
        return found.probabilities or None if found else None

    @property
    def vote(self) -> tuple[float, ...] | None:
        """The answer: shares over the question's options in scale order, summing to 1."""
        return self._shares("synthesis", "vote")

    @property
    def conclusion(self) -> tuple[float, ...] | None:
        """The model's own conclusion when it is shown its trace."""
        return self._shares("synthesis", "conclusion")

    @property
    def direct(self) -> tuple[float, ...] | None:
        """The answer of the same model and person without any stages."""
        return self._shares("direct", "direct")

    @property
    def agrees(self) -> bool | None:
        """Whether the model's own conclusion has the vote's most likely option; ``None`` where either is missing."""
        if self.vote is None or self.conclusion is None:
            return None
        return int(np.argmax(self.vote)) == int(np.argmax(self.conclusion))

    def distribution(self, stage: Stage, step: str) -> OptionDistribution | None:
        """The step as an option distribution over the question's options, or ``None``."""
        found = self.find(stage, step)
        if found is None or not found.probabilities or len(found.mass) != len(self.unit.question.codes):
            return None
        method = self.unit.model.capabilities.method
        return OptionDistribution(codes=self.unit.question.codes, mass=found.mass, method=method)
