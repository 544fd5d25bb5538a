"""The contract of an audit: a spec that draws its form, stages of cells to ask, and scores made from the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from core.audits.specs import Spec
from core.audits.stages import Answers, Load, NotAnswered, Stage, fixed
from core.types import Frozen, Model, Question, Response

__all__ = ["Answers", "Audit", "Bank", "Load", "NotAnswered", "Spec", "Stage", "fixed"]


class Bank(Frozen):
    """What an audit may draw on: questions by their key (see :attr:`core.types.Question.key`), and models by id."""

    questions: Mapping[str, Question]
    models: Mapping[str, Model]


class Audit(Protocol):
    """One way to audit a model.

    The machine asks the stages one after the other and hands each the answers so far; estimate, cap, stop, resume and
    ``run.json`` follow from the stages, so an audit knows nothing of them.
    """

    @property
    def name(self) -> str:
        """The name in the registry, on the command line, and the kind of its runs."""

    @property
    def Spec(self) -> type[Spec]:  # noqa: N802 - it is a class
        """What one fills in; its fields draw the form."""

    def stages(self, spec: Any, bank: Bank) -> Iterator[Stage]:
        """What ``spec`` asks, in the order in which it is asked. Raises ``InputError`` on unknown names.

        An audit whose cells are all known ahead has one stage: ``yield fixed(cells)``.
        """

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """Named frames made from stored rows alone; the audit's page draws frames of these names and columns."""
