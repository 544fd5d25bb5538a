"""Ways to audit a model. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable

from core.audits.base import Audit
from core.registry import Registry


def _first_token() -> Audit:
    from core.audits.alignment.audit import FirstToken

    return FirstToken()


def _dilemmas() -> Audit:
    from core.audits.stability.audit import Dilemmas

    return Dilemmas()


def _diversity() -> Audit:
    from core.audits.citizens.audit import Diversity

    return Diversity()


def _representation() -> Audit:
    from core.audits.representation.audit import Representation

    return Representation()


AUDITS: Registry[Callable[[], Audit]] = Registry(
    "audit",
    {
        "first_token": _first_token,
        "dilemmas": _dilemmas,
        "diversity": _diversity,
        "representation": _representation,
    },
)
"""Name -> function that gives the audit."""
