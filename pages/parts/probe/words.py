"""The answers to one question in words and rows, for the cards, the strip and the brief."""

import re

import pandas as pd

from core.audits.against_people import Comparison, compare
from core.audits.alignment.audit import Reading
from core.findings.wording import nearer_words, option_words
from core.surveys.base import NotAsked
from core.types import Cell, Persona, Question, Reference
from pages.parts.shared import resources
from pages.parts.shared.names import model_name, model_side
from pages.parts.shared.texts import percent, t, texts, ui_language

TWIN_COUNTRIES = ("CHN", "USA")
"""The people with whom the answer without persona is compared where no persona was chosen."""


def groups_of(question: Question, cells: list[Cell]) -> list[Persona]:
    """The people with a card: the personas of the cells, else two countries with which the answer is compared."""
    personas = list(dict.fromkeys(cell.persona for cell in cells if not cell.persona.is_empty))
    groups = personas or [Persona(country=iso3) for iso3 in TWIN_COUNTRIES if question.survey]
    return groups or [Persona()]


def reference_of(question: Question, persona: Persona) -> Reference | NotAsked | None:
    """How people of ``persona`` answered, or why that is not known; ``None`` where no survey asks it."""
    if question.survey is None or persona.country is None:
        return None
    return resources.survey().reference(question.id, persona)


def compared_with(question: Question, reference: Reference | NotAsked | None, reading: Reading) -> Comparison | None:
    """The answer compared with people, or ``None`` where they were not asked."""
    if not isinstance(reference, Reference):
        return None
    others = resources.survey().mean_of_others(question.id, reference.country)
    return compare(reading.distribution, reference, question, others)


def strip_row(who: str, name: str, reading: Reading, found: Comparison) -> dict[str, object]:
    """One row of the distance strip."""
    return {
        "series": f"{who}\n{name}",
        "look": model_side(reading.model_id),
        "distance": found.distance,
        "uniform": found.uniform,
        "others": found.others,
        "floor_low": found.floor_low,
        "floor_high": found.floor_high,
    }


def file_name(question: Question, persona: Persona | None) -> str:
    """The name of a saved chart: the question, and the person of the card; ``distances`` where it is of all persons.

    >>> file_name(question, Persona(country="CHN", age="18-29"))
    'Q164-CHN-18-29'
    """
    who = ["distances"] if persona is None else [part for part in persona.key.split("|") if part] or ["nobody"]
    return re.sub(r"[^\w.-]+", "-", "-".join([question.id, *who])).strip("-.")


def card_finding(question: Question, persona: Persona, reference: Reference | None, mine: list[Reading]) -> str:
    """The title of a card: what people say most, and what the first model says most."""
    language = ui_language()
    words = {option.code: option.text.get(language) for option in question.options}
    told = [r for r in mine if not r.persona.is_empty] or mine
    reading = told[0]
    options = [option.text.get(language) for option in question.options]
    says = option_words(texts(), model_name(reading.model_id), options, list(reading.distribution.probabilities))
    if reference is None:
        return says
    top = max(range(len(reference.shares)), key=lambda i: reference.shares[i])
    people = t("answers.people_say", option=words[reference.codes[top]], share=percent(reference.shares[top]))
    return f"{people} {says}"


def distance_finding(strips: pd.DataFrame) -> str:
    """How many answers are better than an even guess by more than the noise of the people themselves."""
    beyond = int((strips["uniform"] - strips["distance"] > strips["floor_high"]).sum())
    return nearer_words(texts(), beyond, len(strips))
