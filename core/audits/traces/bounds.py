"""Upper bounds for the cells that the rounds of some traces take, known before anything is answered."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from core.audits.stages import Load
from core.audits.traces.cells import samples_of
from core.audits.traces.replay import ROUNDS, Round
from core.audits.traces.types import Unit
from core.prompts.traces import FLAGS, FUNCTIONS, LEVELS, features_of

TEXTS: tuple[Round, ...] = ("profile", "explanation")
"""Rounds that ask for a text; all others ask for options."""


def most_of(units: Sequence[Unit], round_: Round) -> tuple[Load, ...]:
    """The load of a round for ``units`` of one model with an empty cache; cells that a person shares count once."""
    decisions: dict[Hashable, tuple[Unit, int, int]] = {}
    for unit in units:
        person = unit.language, unit.persona.key
        decisions |= {(person, key): found for key, found in _decisions(unit, round_).items()}
    if not decisions:
        return ()
    if round_ in TEXTS:
        return (Load(units[0].model, "text", len(decisions), len(decisions)),)
    cells = sum(number * options for _, number, options in decisions.values())
    prompts = sum(number * options * samples_of(unit, options) for unit, number, options in decisions.values())
    return (Load(units[0].model, "options", cells, prompts),)


def _decisions(unit: Unit, round_: Round) -> dict[Hashable, tuple[Unit, int, int]]:
    """The number of decisions and of their options that a unit needs, by the key under which units share them."""
    k, question = len(unit.question.options), unit.question.key
    stressed = unit.options.intervention != "no_stress"
    # A permuted stack or equal weights ask the functions nothing new; another type may ask all four again.
    other = unit.options.intervention == "random_type"
    match round_:
        case "direct":
            return {question: (unit, 1, k)}
        case "stress":
            return {"": (unit, len(features_of(unit.persona)), len(LEVELS))} if stressed else {}
        case "profile":
            return {"": (unit, 1, 1)} if stressed and unit.options.texts else {}
        case "personality":
            return {stressed: (unit, 2, len(FUNCTIONS))}
        case "situation":
            return {(question, stressed, other): (unit, 4, len(FLAGS))}
        case "cognition":
            return {(question, stressed, other): (unit, 4, k)}
        case "conclusion":
            return {unit.id: (unit, 1, k)}
        case _:
            return {unit.id: (unit, 1, 1)} if unit.options.texts else {}


def prompts_of(units: Sequence[Unit]) -> tuple[int, int]:
    """How many option prompts and texts ``units`` take at most with an empty cache; shared ones count once."""
    people: dict[tuple[str, str, str], list[Unit]] = {}
    for unit in units:
        people.setdefault((unit.model.id, unit.language, unit.persona.key), []).append(unit)
    found = [load for same in people.values() for round_ in ROUNDS for load in most_of(same, round_)]
    options, texts = (sum(load.prompts for load in found if load.kind == kind) for kind in ("options", "text"))
    return options, texts
