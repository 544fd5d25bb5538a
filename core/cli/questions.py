"""``questions``: lists the question bank by topic, country and number of options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.output import AsJson, show_json, show_table
from core.errors import InputError

if TYPE_CHECKING:
    from core.types import Question


def questions(
    topic: Annotated[str | None, typer.Option(help="Only this topic.")] = None,
    country: Annotated[str | None, typer.Option(help="Only with human answers from this country, such as CHN.")] = None,
    max_options: Annotated[int | None, typer.Option(help="Only with at most so many options.")] = None,
    language: Annotated[str, typer.Option(help="Print the stem in en or zh.")] = "en",
    as_json: AsJson = False,
) -> None:
    """List the questions one can ask."""
    from core.runs.bank import load_bank
    from core.types import LANGUAGES

    if language not in LANGUAGES:
        raise InputError(f"There is no language “{language}”.", f"Known: {', '.join(LANGUAGES)}.")
    found = [
        question
        for question in load_bank().questions.values()
        if (topic is None or question.topic == topic)
        and (max_options is None or len(question.options) <= max_options)
        and (country is None or _asked_in(question, country))
    ]
    if as_json:
        show_json([question.model_dump(mode="json") for question in found])
        return
    show_table(
        ["id", "topic", "options", "scale", "question"],
        [[q.id, q.topic, len(q.options), q.scale, q.stem.get("zh" if language == "zh" else "en")] for q in found],
    )


def _asked_in(question: Question, country: str) -> bool:
    from core.surveys import NotAsked, every_survey
    from core.types import Persona

    return not isinstance(every_survey().reference(question.id, Persona(country=country)), NotAsked)
