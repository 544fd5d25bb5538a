"""From a cell to the messages a provider is given.

What varies least comes first (person, then stem, then options), so that prompts of a sweep share long prefixes.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import InputError, said
from core.surveys.countries import country_name
from core.types import LABELS, Cell, Language, Message, Persona, Prompt, Question, Variant

OPTIONS_VERSION = "options-1"
FREE_VERSION = "free-1"
_FOLDER = Path(__file__).resolve().parent / "templates"


@cache
def _template(version: str) -> dict[str, Any]:
    with (_FOLDER / f"{version}.toml").open("rb") as file:
        return tomllib.load(file)


def words_of(version: str, language: Language) -> dict[str, Any]:
    """The words of one template in one language."""
    found: dict[str, Any] = _template(version)[language]
    return found


def describe_persona(persona: Persona, language: Language, detail: str = "", version: str = OPTIONS_VERSION) -> str:
    """The lines that tell the model whom to answer as, ``detail`` last; empty for the empty persona without detail."""
    if persona.is_empty and not detail:
        return ""
    words = words_of(version, language)
    lines = [words["persona"]]
    if persona.country:
        lines.append(words["country"].format(value=country_name(persona.country, language)))
    for name in ("sex", "age", "education"):
        if value := getattr(persona, name):
            lines.append(words[name].format(value=words["values"][value]))
    return "\n".join([*lines, detail] if detail else lines)


def printed_order(question: Question, variant: Variant) -> tuple[int, ...]:
    """Positions in ``question.options`` in the order they are printed. Raises :class:`InputError` on a bad order."""
    order = variant.order or tuple(range(len(question.options)))
    if sorted(order) != list(range(len(question.options))):
        raise InputError(said("option_order", order=order, n=len(question.options)))
    return order


def labels_for(question: Question) -> tuple[str, ...]:
    """The letters its options are printed with, first printed place first."""
    return LABELS[: len(question.options)]


def render_question(
    question: Question,
    persona: Persona,
    variant: Variant,
    detail: str = "",
    version: str = OPTIONS_VERSION,
    written: bool = False,
) -> Prompt:
    """One user turn: the person, the stem, the lettered options, and the request for one letter.

    ``written`` asks for a reason too, in a template that has words for it.
    """
    words = words_of(version, variant.language)
    options = (
        words["option"].format(label=label, text=question.options[place].text.get(variant.language))
        for label, place in zip(labels_for(question), printed_order(question, variant), strict=True)
    )
    blocks = (
        describe_persona(persona, variant.language, detail, version),
        words["question"].format(stem=question.stem.get(variant.language)),
        "\n".join(options),
        words.get("ask_written", words["ask"]) if written else words["ask"],
    )
    content = "\n\n".join(block for block in blocks if block)
    return Prompt(messages=(Message(role="user", content=content),), version=version)


def render_free(text: str, persona: Persona, language: Language, detail: str = "") -> Prompt:
    """A free prompt as one user turn, after the description of the person."""
    blocks = (describe_persona(persona, language, detail), text)
    content = "\n\n".join(block for block in blocks if block)
    return Prompt(messages=(Message(role="user", content=content),), version=FREE_VERSION)


def render(cell: Cell) -> Prompt:
    """The prompt of ``cell``, its history first."""
    if cell.question is not None:
        version = cell.template or OPTIONS_VERSION
        prompt = render_question(
            cell.question, cell.persona, cell.variant, cell.detail, version, written=cell.kind == "text"
        )
    else:
        prompt = render_free(cell.text or "", cell.persona, cell.variant.language, cell.detail)
    return prompt.model_copy(update={"messages": (*cell.history, *prompt.messages)})
