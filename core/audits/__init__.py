"""Ways to audit a model. A new one here is one folder and one line; a package adds one as an entry point."""

from __future__ import annotations

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


AUDITS: Registry[Audit] = Registry(
    "audit",
    {
        "first_token": _first_token,
        "dilemmas": _dilemmas,
        "diversity": _diversity,
        "representation": _representation,
    },
    "parallax.audits",
    Audit,
)
"""Name -> function that gives the audit."""
