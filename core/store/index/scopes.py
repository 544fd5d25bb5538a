"""Which runs readings are taken from: all, the shipped ones, one's own, or one; with or without what is no audit."""

# Only fixed names are put into SQL texts; what comes from outside is always a parameter.
# ruff: noqa: S608

from __future__ import annotations

from typing import Literal

from core.store.files.kinds import IMPORTED_LOG, OPEN_KINDS

ALL: Literal["*"] = "*"
SHIPPED: Literal["+"] = "+"
OWN: Literal["="] = "="
"""Scopes that are no run: a run id begins with a letter or a digit."""
Runs = Literal["*", "+", "="]
_NO_SINGLE, _NO_MOCK = "s", "m"

_RUNS: dict[str, str] = {
    ALL: "true",
    SHIPPED: "run_id IN (SELECT run_id FROM all_runs WHERE shipped)",
    OWN: "run_id IN (SELECT run_id FROM all_runs WHERE NOT shipped)",
}
_OPEN = ", ".join(f"'{kind}'" for kind in (*OPEN_KINDS, IMPORTED_LOG))
_LEFT_OUT: dict[str, str] = {
    _NO_SINGLE: f"run_id NOT IN (SELECT run_id FROM all_runs WHERE kind IN ({_OPEN}))",
    _NO_MOCK: "provider <> 'mock'",
}


def scope_of(runs: Runs = ALL, *, single: bool = True, mock: bool = True) -> str:
    """The scope of ``runs``; without ``single`` leave out what was asked one by one, without ``mock`` what was made up.

    >>> scope_of("+", mock=False)
    '+m'
    """
    return runs + ("" if single else _NO_SINGLE) + ("" if mock else _NO_MOCK)


def is_run(scope: str) -> bool:
    """Whether ``scope`` is the id of a run."""
    return scope[:1] not in _RUNS


def condition(scope: str) -> tuple[str, list[str]]:
    """An SQL condition on rows of answers, and its parameters. Raises ``ValueError`` on what is no scope."""
    if is_run(scope):
        return "run_id = ?", [scope]
    if unknown := set(scope[1:]) - set(_LEFT_OUT):
        raise ValueError(f"no scope: {scope!r}, {sorted(unknown)}")
    return " AND ".join([_RUNS[scope[0]], *(_LEFT_OUT[flag] for flag in scope[1:])]), []
