"""Renders the prompt of a cell: the messages that a provider is given.

The person comes first, then the stem, then the options. What varies least stands first, so that the prompts of an audit
share long beginnings.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from core.errors import InputError, said
from core.once import once
from core.surveys.countries import country_name
from core.types import (
    FIRST_EDITION,
    LABELS,
    NEWEST_EDITION,
    Cell,
    LabelStyle,
    Language,
    Message,
    Persona,
    Prompt,
    Question,
    Variant,
    number_labels,
)

OPTIONS_VERSION = "options-1"
"""The template of a cell that names no other."""

TEMPLATES = {FIRST_EDITION: "", NEWEST_EDITION: "options-2"}
"""The value of :attr:`Cell.template` in each edition of the question bank; empty means :data:`OPTIONS_VERSION`."""

FREE_VERSION = "free-1"
_FOLDER = Path(__file__).resolve().parent / "templates"


@once
def _template(version: str) -> dict[str, Any]:
    with (_FOLDER / f"{version}.toml").open("rb") as file:
        return tomllib.load(file)


def words_of(version: str, language: Language) -> dict[str, Any]:
    """The words of one version of a template in one language."""
    found: dict[str, Any] = _template(version)[language]
    return found


def describe_persona(persona: Persona, language: Language, detail: str = "", version: str = OPTIONS_VERSION) -> str:
    """The lines that tell the model whom to answer as, with ``detail`` as the last one.

    Empty for the empty persona without ``detail``.
    """
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
    """Positions in ``question.options`` in the order in which the options are printed.

    Raises :class:`InputError` for an order that is no permutation of the positions.
    """
    order = variant.order or tuple(range(len(question.options)))
    if sorted(order) != list(range(len(question.options))):
        raise InputError(said("option_order", order=order, n=len(question.options)))
    return order


def labels_for(question: Question, variant: Variant) -> tuple[str, ...]:
    """The letters or numbers that label the options, in printed order."""
    k = len(question.options)
    return number_labels(k) if variant.labels == "numbers" else LABELS[:k]


def printed_options(question: Question, variant: Variant) -> tuple[str, ...]:
    """The texts by which a written answer may name an option, in printed order.

    A step of a numbered scale is named by its label alone, so that a text with another number at its beginning does not
    count.
    """
    texts = [question.options[place].text.get(variant.language) for place in printed_order(question, variant)]
    if variant.labels == "letters":
        return tuple(texts)
    labels = labels_for(question, variant)
    if question.ladder is None:
        return tuple(f"{label} {text}" for label, text in zip(labels, texts, strict=True))
    low, high = _ends(question, variant)
    ends = {labels[0]: f"{labels[0]} {low}", labels[-1]: f"{labels[-1]} {high}"}
    return tuple(ends.get(label, label) for label in labels)


def template_of(prompt_version: str) -> str:
    """The template of a stored prompt.

    >>> template_of("options-2/numbers/wording-2")
    'options-2'
    """
    return prompt_version.split("/", 1)[0]


def wording_of(prompt_version: str) -> int:
    """The edition of the question bank that the wording of a stored prompt is from; see :attr:`Question.wording`."""
    parts = prompt_version.split("/")[1:]
    return next((int(p.removeprefix("wording-")) for p in parts if p.startswith("wording-")), FIRST_EDITION)


def label_style_of(prompt_version: str) -> LabelStyle:
    """Whether letters or numbers labelled the options of a stored prompt."""
    return "numbers" if "numbers" in prompt_version.split("/")[1:] else "letters"


def version_of(template: str, question: Question, variant: Variant) -> str:
    """The version that is stored with a prompt: its template, then what else differs from the first edition.

    That is ``/numbers`` where numbers label the options, and ``/wording-2`` where the item has the wording of edition
    2.
    """
    numbers = ["numbers"] if variant.labels == "numbers" else []
    wording = [f"wording-{question.wording}"] if question.wording > FIRST_EDITION else []
    return "/".join([template, *numbers, *wording])


def _ends(question: Question, variant: Variant) -> tuple[str, str]:
    """What the first and the last printed number of a ladder mean."""
    assert question.ladder is not None  # noqa: S101 - callers look first
    ends = (question.ladder.low.get(variant.language), question.ladder.high.get(variant.language))
    order = printed_order(question, variant)
    return ends if order[0] < order[-1] else (ends[1], ends[0])


def render_question(
    question: Question,
    persona: Persona,
    variant: Variant,
    detail: str = "",
    version: str = OPTIONS_VERSION,
    written: bool = False,
) -> Prompt:
    """One user turn: the person, the stem, the options with their labels, and the request for one letter or number.

    ``written`` asks for a reason too. Raises :class:`InputError` where the template has no words for numbered options.
    """
    words = words_of(version, variant.language)
    if variant.labels == "numbers":
        blocks = _numbered(question, variant, words)
    else:
        ask = words.get("ask_written", words["ask"]) if written else words["ask"]
        stem = words["question"].format(stem=question.stem.get(variant.language))
        blocks = (stem, _listed(question, variant, words), ask)
    content = "\n\n".join(
        block for block in (describe_persona(persona, variant.language, detail, version), *blocks) if block
    )
    return Prompt(messages=(Message(role="user", content=content),), version=version_of(version, question, variant))


def _listed(question: Question, variant: Variant, words: dict[str, Any]) -> str:
    """The options, one a line, each after its label."""
    pairs = zip(labels_for(question, variant), printed_order(question, variant), strict=True)
    texts = ((label, question.options[place].text.get(variant.language)) for label, place in pairs)
    return "\n".join(words["option"].format(label=label, text=text) for label, text in texts)


def _numbered(question: Question, variant: Variant, words: dict[str, Any]) -> tuple[str, ...]:
    """Stem, scale and request of a question that is answered with a number."""
    if "ask_number" not in words:
        raise InputError(said("template_no_numbers"))
    if question.ladder is None:
        stem = words["question"].format(stem=question.stem.get(variant.language))
        return stem, _listed(question, variant, words), words["ask_number"]
    labels, (low, high) = labels_for(question, variant), _ends(question, variant)
    stem = words["question"].format(stem=question.ladder.stem.get(variant.language))
    scale = words["scale"].format(first=labels[0], last=labels[-1], low=low, high=high)
    return stem, scale, words["ask_number"]


def render_free(text: str, persona: Persona, language: Language, detail: str = "") -> Prompt:
    """One user turn with a free prompt, after the description of the person."""
    blocks = (describe_persona(persona, language, detail), text)
    content = "\n\n".join(block for block in blocks if block)
    return Prompt(messages=(Message(role="user", content=content),), version=FREE_VERSION)


def render(cell: Cell) -> Prompt:
    """The prompt of ``cell``, with its history before it."""
    if cell.question is not None:
        version = cell.template or OPTIONS_VERSION
        prompt = render_question(
            cell.question, cell.persona, cell.variant, cell.detail, version, written=cell.kind == "text"
        )
    else:
        prompt = render_free(cell.text or "", cell.persona, cell.variant.language, cell.detail)
    return prompt.model_copy(update={"messages": (*cell.history, *prompt.messages)})
