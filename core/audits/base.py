"""The contract of an audit: a spec, the stages of cells that it asks, and the scores of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import pandas as pd

from core.audits.specs import Spec
from core.audits.stages import Answers, Load, NotAnswered, Stage, fixed, streamed
from core.types import Frozen, Model, Question, Response

__all__ = ["Answers", "Audit", "Bank", "Load", "NotAnswered", "Spec", "Stage", "fixed", "streamed"]


class Bank(Frozen):
    """The input of audits: the questions by key (see :attr:`core.types.Question.key`) and the models by id."""

    questions: Mapping[str, Question]
    models: Mapping[str, Model]


class Audit(Protocol):
    """One way to audit a model.

    The stages are asked one after the other, and each gets the answers so far. Estimate, cap, stop, resume and
    ``run.json`` are made from the stages, so an audit needs no code for them.
    """

    @property
    def name(self) -> str:
        """The name of the audit in the registry and on the command line, which is also the kind of its runs."""

    @property
    def Spec(self) -> type[Spec]:  # noqa: N802 - it is a class
        """The class of its specs. The form of the Runs page is made from its fields."""

    def stages(self, spec: Any, bank: Bank) -> Iterator[Stage]:
        """The stages for ``spec``, in the order in which they are asked. Raises ``InputError`` on unknown names.

        An audit whose cells are all known beforehand has one stage: ``yield fixed(cells)``, or :func:`streamed` where
        there may be millions of them.
        """

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """Frames by name, computed from stored rows alone. The page of the audit draws these frames."""
