"""The contract of an audit: a spec that draws its form, a plan of cells, and scores made from rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from core.types import Cell, Frozen, Model, Question, Response


class Bank(Frozen):
    """What a plan may draw on: questions and models by id."""

    questions: Mapping[str, Question]
    models: Mapping[str, Model]


class Audit(Protocol):
    """One way to audit a model."""

    @property
    def name(self) -> str:
        """The name in the registry, and the kind of its runs."""

    @property
    def spec(self) -> type[Frozen]:
        """What one fills in; its fields draw the form."""

    def plan(self, spec: Any, bank: Bank) -> list[Cell]:
        """All cells of ``spec``, in the order in which they should be asked. Raises ``InputError``."""

    def score(self, rows: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """Data frames by name, made from the stored rows alone."""
