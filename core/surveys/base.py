"""The contract of a survey: questions, and how real people answered them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Literal, Protocol

from core.types import Frozen, GroupDimension, Persona, Question, Reference

if TYPE_CHECKING:
    import pandas as pd


class NotAsked(Frozen):
    """Why there are no human answers: the persona has no country, or nobody there was asked this question."""

    question_id: str
    country: str | None
    reason: Literal["no_country", "not_asked"]


class Survey(Protocol):
    """One survey. Every method is safe to call from several threads.

    Shares are aligned with ``Question.codes`` (scale order) and sum to 1; a code that nobody in a country chose, or
    that was not offered there, counts as 0. A question id that is not in :meth:`questions` raises
    :class:`~core.errors.InputError`.
    """

    @property
    def id(self) -> str:
        """Stable short name, the ``survey`` of its questions and references."""

    @property
    def title(self) -> str:
        """Full name."""

    @property
    def licence(self) -> str:
        """Terms of the data, apart from the licence of the code."""

    @property
    def source(self) -> str:
        """Citation."""

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of fieldwork."""

    def countries(self) -> tuple[str, ...]:
        """ISO 3166-1 alpha-3 codes, sorted."""

    def questions(self) -> dict[str, Question]:
        """All questions by id."""

    def reference(self, question_id: str, persona: Persona) -> Reference | NotAsked:
        """Answers of the people nearest to ``persona``; see :func:`group_of` for how a persona names a group.

        ``matched`` is ``country`` where only the country as a whole is known although more was asked for.
        """

    def mean_of_others(self, question_id: str, country: str | None) -> tuple[float, ...] | None:
        """Unweighted mean of the shares of all *other* countries that asked this: a baseline that needs no model.

        Without a country it is the mean of all. ``None`` where no other country asked.
        """

    def groups(self, question_id: str, country: str, dimension: GroupDimension) -> pd.DataFrame:
        """All groups of one dimension: group, code, share (0..1), n, n_eff, weight_status, year; empty if unknown."""


def group_of(persona: Persona) -> tuple[GroupDimension, str] | None:
    """The dimension and group that ``persona`` names within its country.

    A country alone is ``("all", "all")``. One of age, sex and education is that group. Age with sex is a joint group
    such as ``18-29|female``. ``None`` for other combinations, which no table has.
    """
    match (persona.age, persona.sex, persona.education):
        case (None, None, None):
            return "all", "all"
        case (str(age), None, None):
            return "age", age
        case (None, str(sex), None):
            return "sex", sex
        case (None, None, str(education)):
            return "education", education
        case (str(age), str(sex), None):
            return "age_x_sex", f"{age}|{sex}"
    return None


def state_of(survey: Survey) -> Hashable:
    """A value that changes when the answers of ``survey`` change while the process runs; ``None`` where none can.

    What is computed from a survey and cached is valid for one state. A survey that can change has it as ``state``.
    """
    state: Hashable = getattr(survey, "state", None)
    return state
