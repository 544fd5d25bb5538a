"""The four stages, one function each. Each reads its steps through a :class:`Replay` of the answers so far.

Steps that cannot be used are always handled alike. A closed decision that cannot be read counts as an even one where a
later stage needs it. A blank text is left out of later prompts. A function whose own answer cannot be read does not
vote. Each such step has its ``problem``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from core.audits.traces.replay import Replay
from core.audits.traces.type_dynamics import Stack, check_stack, functions, stacks, type_probabilities
from core.audits.traces.types import Problem, Stage, Step, Unit
from core.prompts import traces as prompts
from core.stats.vote import vote_weights, weighted_vote
from core.types import digest


def _made(stage: Stage, step: str, **found: object) -> Step:
    """A step that code takes, without a model."""
    return Step.model_validate({"stage": stage, "step": step, "created": datetime.now(UTC), **found})


def direct_answer(replay: Replay, unit: Unit) -> Step:
    """The answer of the person without any stages, with which the trace is compared."""
    codes = [str(code) for code in unit.question.codes]
    return replay.options(unit, "direct", "direct", [("direct", unit.question, "")], [codes])[0]


def stress(replay: Replay, unit: Unit) -> tuple[list[Step], str]:
    """Stage 1: a stress level for each attribute and a short profile; also the lines that later stages are given."""
    names = prompts.features_of(unit.persona)
    asked = [(name, prompts.stress_question(unit.persona, name), "") for name in names]
    steps = replay.options(unit, "stress", "stress", asked, [prompts.LEVELS] * len(asked))
    levels = {step.step: step.decision for step in steps if step.decision}
    told = prompts.context(unit.persona, levels, "", unit.language)
    if unit.options.texts and not any(step.problem == "error" for step in steps):
        steps.append(replay.text(unit, "profile", "stress", "profile", prompts.profile_text(unit.language), told))
        profile = "" if steps[-1].problem else steps[-1].text or ""
        told = prompts.context(unit.persona, levels, profile, unit.language)
    return steps, told


def personality(replay: Replay, unit: Unit, told: str) -> tuple[list[Step], Stack | None]:
    """Stage 2: dominant and auxiliary function, then the stack of the most probable type.

    A random type is drawn from the other fifteen. A permuted stack is a fixed shuffle of the four in which none keeps
    its place. Both depend on the seed, the person and the language, never on the question.
    """
    asked = [(step, prompts.function_question(step), told) for step in ("dominant", "auxiliary")]
    steps = replay.options(unit, "personality", "personality", asked, [functions()] * 2)
    if all(step.problem for step in steps):
        return [*steps, _made("personality", "stack", problem="no_type")], None
    shares = [{name: step.probability(name) for name in functions()} for step in steps]
    types = type_probabilities(*shares)
    if sum(types.values()) <= 0:
        return [*steps, _made("personality", "stack", problem="no_type")], None
    chosen = max(types, key=lambda name: types[name])
    rng = np.random.default_rng(int(digest([unit.options.seed, unit.persona.key, unit.language], 12), 16))
    if unit.options.intervention == "random_type":
        chosen = str(rng.choice([name for name in types if name != chosen]))
    stack = stacks()[chosen]
    if unit.options.intervention == "permuted":
        turn = int(rng.integers(1, 4))
        stack = check_stack(stack[turn:] + stack[:turn])
    twice: Problem | None = "twice" if steps[0].decision and steps[0].decision == steps[1].decision else None
    made = _made(
        "personality",
        "stack",
        decision=chosen,
        options=tuple(types),
        mass=tuple(types.values()),
        text=",".join(stack),
        problem=twice,
    )
    return [*steps, made], stack


def situation(replay: Replay, unit: Unit, told: str, stack: Stack) -> list[Step]:
    """Stage 3a: for each function, whether it is supported or distorted at this question."""
    asked = [(name, prompts.situation_question(unit.question, name), told) for name in stack]
    return replay.options(unit, "situation", "situation", asked, [prompts.FLAGS] * 4)


def cognition(replay: Replay, unit: Unit, told: str, flags: Sequence[Step]) -> list[Step]:
    """Stage 3b: each function answers the question."""
    codes = [str(code) for code in unit.question.codes]
    asked = [
        (
            flag.step,
            unit.question,
            prompts.as_function(told, flag.step, flag.decision == "distorted", unit.language),
        )
        for flag in flags
    ]
    return replay.options(unit, "cognition", "cognition", asked, [codes] * len(asked))


def vote(unit: Unit, flags: Sequence[Step], answers: Sequence[Step]) -> list[Step]:
    """Stage 4, in code: weights that sum to 1, and the weighted mean of the functions' answers."""
    base = (1.0,) * 4 if unit.options.intervention == "equal_weights" else unit.options.base
    penalty = 0.0 if unit.options.intervention == "equal_weights" else unit.options.penalty
    votes = [
        (weight, flag.probability("distorted"), answer)
        for weight, flag, answer in zip(base, flags, answers, strict=True)
        if answer.probabilities and weight > 0
    ]
    codes = tuple(str(code) for code in unit.question.codes)
    shares = [b * (1 - penalty * d) for b, d, _ in votes]
    if sum(shares) <= 0:
        return [_made("synthesis", "vote", options=codes, problem="no_vote")]
    weights = vote_weights([b for b, _, _ in votes], [d for _, d, _ in votes], penalty)
    mixed = weighted_vote(weights, [answer.probabilities for _, _, answer in votes])
    mass = tuple(float(share) for share in mixed)
    return [
        _made(
            "synthesis",
            "weights",
            options=tuple(answer.step for _, _, answer in votes),
            mass=tuple(float(weight) for weight in weights),
        ),
        _made("synthesis", "vote", decision=codes[int(np.argmax(mixed))], options=codes, mass=mass),
    ]


def synthesis(replay: Replay, unit: Unit, told: str, answers: Sequence[Step], voted: Sequence[Step]) -> list[Step]:
    """Stage 4, asked: the model's own conclusion from the trace, and its reason for the answer of the vote."""
    weights, result = voted
    words = {str(option.code): option.text.get(unit.language) for option in unit.question.options}
    by_name = {answer.step: answer for answer in answers}
    shown = [
        (name, weight, words[by_name[name].decision or ""])
        for name, weight in zip(weights.options, weights.mass, strict=True)
    ]
    detail = prompts.as_trace(told, shown, unit.language)
    steps = replay.options(unit, "conclusion", "synthesis", [("conclusion", unit.question, detail)], [tuple(words)])
    if unit.options.texts and steps[0].problem != "error":
        ask = prompts.explain_text(unit.question, words[result.decision or ""], unit.language)
        steps.append(replay.text(unit, "explanation", "synthesis", "explanation", ask, detail))
    return steps
