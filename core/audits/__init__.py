"""Ways to audit a model. A new one is one file and one line here."""

from __future__ import annotations

from core.audits.base import Audit
from core.audits.dilemmas import Dilemmas
from core.audits.diversity import Diversity
from core.audits.first_token import FirstToken
from core.audits.representation import Representation
from core.registry import Registry

AUDITS: Registry[Audit] = Registry(
    "audit",
    {
        "first_token": FirstToken(),
        "dilemmas": Dilemmas(),
        "diversity": Diversity(),
        "representation": Representation(),
    },
)
