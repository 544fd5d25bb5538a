"""Ways to audit a model. A new one is one folder and one line here."""

from __future__ import annotations

from collections.abc import Callable

from core.audits.base import Audit
from core.registry import Registry
from core.store.files.kinds import FORMER_KINDS


def _alignment() -> Audit:
    from core.audits.alignment.audit import Alignment

    return Alignment()


def _representation() -> Audit:
    from core.audits.representation.audit import Representation

    return Representation()


def _stability() -> Audit:
    from core.audits.stability.audit import Stability

    return Stability()


def _citizens() -> Audit:
    from core.audits.citizens.audit import Citizens

    return Citizens()


def _traces() -> Audit:
    from core.audits.traces.audit import Traces

    return Traces()


AUDITS: Registry[Callable[[], Audit]] = Registry(
    "audit",
    {
        "alignment": _alignment,
        "representation": _representation,
        "stability": _stability,
        "citizens": _citizens,
        "traces": _traces,
    },
    former=FORMER_KINDS,
)
"""Name -> function that gives the audit; the names that audits had before schema version 2 are still accepted."""
