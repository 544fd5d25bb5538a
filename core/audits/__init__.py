"""The audits. A new audit is a folder in this package and a line here; another package adds one by an entry point."""

from __future__ import annotations

from typing import Any

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


AUDITS: Registry[Audit] = Registry(
    "audit",
    {
        "alignment": _alignment,
        "representation": _representation,
        "stability": _stability,
        "citizens": _citizens,
        "traces": _traces,
    },
    "parallax.audits",
    Audit,
    former=FORMER_KINDS,
)
"""Functions that make the audits, by name. The names that audits had before schema version 2 are accepted too."""


def __getattr__(name: str) -> Any:
    """The maker of specs for the audit ``name``: ``Alignment``, ``Traces`` and so on, those of plug-ins too.

    >>> import core as px
    >>> px.audits.Alignment(models=["mock"], topics=["trust"], personas=["CHN"]).questions[0]
    'Q57'
    """
    if name[:1].isupper():
        from core.audits.maker import SpecMaker, class_name

        for audit in AUDITS:
            if class_name(audit) == name:
                return SpecMaker(AUDITS[audit]())
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    from core.audits.maker import class_name

    return sorted({*globals(), *(class_name(audit) for audit in AUDITS)})
