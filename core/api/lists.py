"""Lists of models and questions as data frames."""

from __future__ import annotations

import pandas as pd

from core.catalogue import load_catalogue
from core.errors import InputError, said
from core.surveys import NotAsked, every_survey
from core.surveys.questions import topics
from core.types import Persona


def models() -> pd.DataFrame:
    """One row a model of the catalogue, indexed by id: name, developer, origin, parameters (billions), method, licence.

    ``method`` is how its options are read: ``full``, ``top_k``, or ``sampled`` where an endpoint tells no probability.

    >>> import core as px
    >>> px.models().loc["smollm2-135m-instruct", "method"]
    'full'
    """
    rows = [
        {
            "id": model.id,
            "name": model.name,
            "developer": model.developer,
            "origin": model.origin.label,
            "parameters": model.parameters,
            "method": model.capabilities.method,
            "provider": model.provider,
            "licence": model.licence,
        }
        for model in load_catalogue().models.values()
    ]
    return pd.DataFrame(rows).set_index("id")


def questions(topic: str | None = None, country: str | None = None) -> pd.DataFrame:
    """One row a question of any survey, indexed by id: survey, topic, short, question (English), options, scale.

    ``topic`` keeps the questions of one topic, ``country`` those that people of this country answered.
    Raises :class:`InputError` for an unknown topic.

    >>> import core as px
    >>> px.questions(topic="trust").loc["Q57", "short"]
    'Most people can be trusted'
    """
    survey = every_survey()
    bank = survey.questions()
    if topic is not None and topic not in topics(bank):
        raise InputError(said("no_topic", name=topic, known=", ".join(topics(bank))))
    rows = [
        {
            "id": question.id,
            "survey": question.survey,
            "topic": question.topic,
            "short": question.short.en,
            "question": question.stem.en,
            "options": len(question.options),
            "scale": question.scale,
        }
        for question in bank.values()
        if (topic is None or question.topic == topic)
        and (country is None or not isinstance(survey.reference(question.id, Persona(country=country)), NotAsked))
    ]
    return pd.DataFrame(rows, columns=["id", "survey", "topic", "short", "question", "options", "scale"]).set_index(
        "id"
    )
