"""All surveys as one: the id of the question decides which survey answers.

The id of a question is its key here (:func:`core.types.question_key`): bare (``Q3``) for the shipped survey, with the
survey's name in front (``gss:Q3``) for every other. So two surveys can both have a ``Q3``, ids do not change when a
survey is added, and data stored under a bare id keep their meaning.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from core.errors import InputError, said
from core.surveys.base import NotAsked, Survey, state_of
from core.types import GroupDimension, Persona, Question, Reference, question_key

if TYPE_CHECKING:
    import pandas as pd


class EverySurvey:
    """A :class:`core.surveys.base.Survey` over several; see the module for the ids of its questions."""

    id = "every"

    def __init__(self, surveys: Sequence[Survey]) -> None:
        self._surveys = tuple(surveys)
        self._home: dict[str, tuple[Survey, str]] = {}
        self._qualified: dict[str, Question] = {}
        for survey in self._surveys:
            for name, question in survey.questions().items():
                key = question_key(survey.id, name)
                second = question.second_to and key.removesuffix(name) + question.second_to
                self._home[key] = survey, name
                self._qualified[key] = (
                    question if key == name else question.model_copy(update={"id": key, "second_to": second})
                )

    @property
    def state(self) -> Hashable:
        """See :func:`core.surveys.base.state_of`."""
        return tuple(state_of(survey) for survey in self._surveys)

    @property
    def parts(self) -> tuple[Survey, ...]:
        """The surveys, one by one."""
        return self._surveys

    @property
    def title(self) -> str:
        """Titles of all, separated by semicolons."""
        return "; ".join(survey.title for survey in self._surveys)

    @property
    def licence(self) -> str:
        """Terms of all."""
        return "; ".join(survey.licence for survey in self._surveys)

    @property
    def source(self) -> str:
        """Citations of all."""
        return "; ".join(survey.source for survey in self._surveys)

    @property
    def years(self) -> tuple[int, int]:
        """First and last year of fieldwork of any."""
        return min(survey.years[0] for survey in self._surveys), max(survey.years[1] for survey in self._surveys)

    def countries(self) -> tuple[str, ...]:
        """Country codes of all, sorted."""
        return tuple(sorted({country for survey in self._surveys for country in survey.countries()}))

    def questions(self) -> dict[str, Question]:
        """All questions by qualified id, which is their ``id`` too."""
        return dict(self._qualified)

    def find(self, question_id: str) -> Question:
        """The question with this id, or with this bare id where only one survey has it.

        Raises :class:`InputError` where there is none, or where several have it; it then names the qualified ids.
        """
        if question_id in self._qualified:
            return self._qualified[question_id]
        alike = [key for key, (_, name) in self._home.items() if name == question_id]
        if len(alike) == 1:
            return self._qualified[alike[0]]
        if alike:
            raise InputError(said("question_of_several", name=question_id, ids=", ".join(alike)))
        raise InputError(said("no_question", name=question_id))

    def reference(self, question_id: str, persona: Persona) -> Reference | NotAsked:
        """Answers of the people nearest to ``persona`` in the question's own survey."""
        survey, name = self._at(question_id)
        found = survey.reference(name, persona)
        return found if name == question_id else found.model_copy(update={"question_id": question_id})

    def mean_of_others(self, question_id: str, country: str | None) -> tuple[float, ...] | None:
        """Mean of the other countries of the question's own survey."""
        survey, name = self._at(question_id)
        return survey.mean_of_others(name, country)

    def groups(self, question_id: str, country: str, dimension: GroupDimension) -> pd.DataFrame:
        """All groups of one dimension in the question's own survey."""
        survey, name = self._at(question_id)
        return survey.groups(name, country, dimension)

    def _at(self, question_id: str) -> tuple[Survey, str]:
        try:
            return self._home[question_id]
        except KeyError:
            raise InputError(said("survey_question", survey=self.title, question=question_id)) from None
