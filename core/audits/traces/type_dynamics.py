"""The sixteen types, their function stacks, and the type that two measured decisions indicate."""

from __future__ import annotations

import tomllib
from typing import Any

import numpy as np

from core.errors import DataError, said
from core.once import once
from core.settings import DATA

Stack = tuple[str, str, str, str]
PLACES = ("dominant", "auxiliary", "tertiary", "inferior")


@once
def functions() -> tuple[str, ...]:
    """The eight cognitive functions, in the order in which they are measured."""
    return tuple(_document()["functions"])


@once
def stacks() -> dict[str, Stack]:
    """Type -> dominant, auxiliary, tertiary, inferior. Raises :class:`DataError` where the table is not valid."""
    found = {name: check_stack(tuple(stack)) for name, stack in _document()["stacks"].items()}
    if len(found) != 16 or len(set(found.values())) != 16:
        raise DataError(said("dynamics_stacks"))
    return found


def _document() -> dict[str, Any]:
    with (DATA / "type_dynamics.toml").open("rb") as file:
        return tomllib.load(file)


def check_stack(stack: tuple[str, ...]) -> Stack:
    """``stack`` if it names four different known functions. Raises :class:`DataError`."""
    if len(stack) != 4 or len(set(stack)) != 4:
        raise DataError(said("dynamics_four", names=", ".join(stack) or "empty"))
    if unknown := set(stack) - set(functions()):
        raise DataError(said("dynamics_unknown", names=", ".join(sorted(unknown))))
    return stack[0], stack[1], stack[2], stack[3]


def type_probabilities(dominant: dict[str, float], auxiliary: dict[str, float]) -> dict[str, float]:
    """P(type) over all sixteen, proportional to P(dominant function) x P(auxiliary function); sums to 1.

    Only pairs that a type has count: a function named twice, or a pair that no type has, is dropped. All are zero where
    no type has any probability.
    """
    joint = np.array([dominant.get(s[0], 0.0) * auxiliary.get(s[1], 0.0) for s in stacks().values()])
    total = float(joint.sum())
    shares = joint / total if total > 0 else joint
    return dict(zip(stacks(), (float(share) for share in shares), strict=True))
