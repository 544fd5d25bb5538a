"""The answers of real people to a question."""

from __future__ import annotations

import pandas as pd

from core.audits.specs import persona_of_key
from core.errors import InputError, said
from core.surveys import NotAsked, every_survey
from core.types import Frozen, Persona, Question, Reference


class People(Frozen):
    """Answers of one group of people: ``reference`` has shares, n, year and survey, ``question`` is the question.

    ``others`` has the unweighted mean share of the other countries, a baseline; ``None`` where no other was asked.
    """

    question: Question
    persona: Persona
    reference: Reference
    others: tuple[float, ...] | None = None

    def frame(self) -> pd.DataFrame:
        """One row an option in scale order: code, option (English), share (0..1), others (0..1, NaN if unknown).

        >>> import core as px
        >>> px.people("Q57", "CHN").frame()["share"].sum().round(6).item()
        1.0
        """
        others = self.others or (float("nan"),) * len(self.reference.codes)
        options = [option.text.en for option in self.question.options]
        rows = zip(self.reference.codes, options, self.reference.shares, others, strict=True)
        return pd.DataFrame(list(rows), columns=["code", "option", "share", "others"])

    def __repr__(self) -> str:
        r = self.reference
        who = r.country if r.dimension == "all" else f"{r.country}|{r.group}"
        return f"People of {who} on {r.question_id}: {r.survey}, {r.year}, n = {r.n}, weights: {r.weight_status}"

    __str__ = __repr__


def people(question: str, who: str | Persona) -> People:
    """How people of ``who`` answered ``question``, an id of :func:`core.questions`.

    ``who`` is a country such as ``CHN``, or a group of one: ``CHN|18-29``, ``CHN||female``, ``CHN|||higher``. Where the
    survey has no such group, the whole country stands in and ``reference.matched`` is ``country``. Raises
    :class:`InputError` for an unknown question, and where nobody there was asked.

    >>> import core as px
    >>> px.people("Q164", "CHN")
    People of CHN on Q164: wvs7, 2018, n = 3025, weights: none
    """
    survey = every_survey()
    asked = survey.find(question)
    persona = _persona(who) if isinstance(who, str) else who
    found = survey.reference(asked.id, persona)
    if isinstance(found, NotAsked):
        if found.reason == "no_country":
            raise InputError(said("people_no_country"))
        raise InputError(said("people_not_asked", country=persona.country, question=asked.id))
    return People(
        question=asked, persona=persona, reference=found, others=survey.mean_of_others(asked.id, found.country)
    )


def _persona(text: str) -> Persona:
    try:
        return persona_of_key(text)
    except ValueError as error:
        raise InputError(said("no_persona", text=text)) from error
