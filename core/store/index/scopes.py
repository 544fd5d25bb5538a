"""Scopes: the runs that readings are taken from (all, the shipped ones, the user's own, or one).

A scope may leave out single asks, answers of the mock model, and what was asked of and for tuned models.
"""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from typing import Literal

from core.store.files.kinds import IMPORTED_LOG, OPEN_KINDS

ALL: Literal["*"] = "*"
SHIPPED: Literal["+"] = "+"
OWN: Literal["="] = "="
"""Scopes that are not a run. They cannot be confused: a run id begins with a letter or a digit."""
Runs = Literal["*", "+", "="]
_NO_SINGLE, _NO_MOCK, _NO_TUNED = "s", "m", "t"
_OF_TUNED = "tuned-"
TUNED = f"(starts_with(model_id, '{_OF_TUNED}') OR starts_with(run_id, '{_OF_TUNED}'))"
"""SQL condition: the answers of tuned models, and those of their bases in runs that were made to compare the two."""

_RUNS: dict[str, str] = {
    ALL: "true",
    SHIPPED: "run_id IN (SELECT run_id FROM all_runs WHERE shipped)",
    OWN: "run_id IN (SELECT run_id FROM all_runs WHERE NOT shipped)",
}
_OPEN = ", ".join(f"'{kind}'" for kind in (*OPEN_KINDS, IMPORTED_LOG))
_LEFT_OUT: dict[str, str] = {
    _NO_SINGLE: f"run_id NOT IN (SELECT run_id FROM all_runs WHERE kind IN ({_OPEN}))",
    _NO_MOCK: "provider <> 'mock'",
    _NO_TUNED: f"NOT {TUNED}",
}


def scope_of(runs: Runs = ALL, *, single: bool = True, mock: bool = True, tuned: bool = True) -> str:
    """The scope of ``runs``. Without ``single`` it leaves out single asks, without ``mock`` made-up answers, without
    ``tuned`` the runs of and for models that were tuned here.

    >>> scope_of("+", mock=False)
    '+m'
    """
    return runs + ("" if single else _NO_SINGLE) + ("" if mock else _NO_MOCK) + ("" if tuned else _NO_TUNED)


UNTUNED = scope_of(ALL, tuned=False)
"""Every run, less those of and for models that were tuned here: what is found about models and makers rests on it."""


def every_run_of(model_id: str) -> str:
    """The scope of all that a model answered, without what it was asked only as the base of tuned models.

    >>> every_run_of("smollm2-135m-instruct"), every_run_of("tuned-smollm2-all")
    ('*t', '*')
    """
    return ALL if is_of_tuned(model_id) else UNTUNED


def is_of_tuned(name: str) -> bool:
    """Whether ``name`` is the id of a tuned model, or of a run that was made for one: :data:`TUNED` of one id.

    >>> is_of_tuned("tuned-smollm2-all"), is_of_tuned("smollm2-135m-instruct")
    (True, False)
    """
    return name.startswith(_OF_TUNED)


def is_run(scope: str) -> bool:
    """Whether ``scope`` is the id of a run."""
    return scope[:1] not in _RUNS


def condition(scope: str) -> tuple[str, list[str]]:
    """An SQL condition on rows of answers, and its parameters. Raises ``ValueError`` where ``scope`` is no scope."""
    if is_run(scope):
        return "run_id = ?", [scope]
    if unknown := set(scope[1:]) - set(_LEFT_OUT):
        raise ValueError(f"no scope: {scope!r}, {sorted(unknown)}")
    return " AND ".join([_RUNS[scope[0]], *(_LEFT_OUT[flag] for flag in scope[1:])]), []
