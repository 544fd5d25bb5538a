"""Cells of an audit, their ids, and the rows that are stored for their answers."""

from __future__ import annotations

import hashlib
from datetime import datetime
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Literal, Self

from pydantic import Field, model_validator

from core.types.answers import Message
from core.types.models import Model
from core.types.plain import Frozen, canonical_json
from core.types.questions import FIRST_EDITION, Persona, Question, Variant, question_key

Outcome = Literal["option", "refusal", "invalid", "text", "error"]


class Cell(Frozen):
    """One question x persona x variant x model x sample. ``kind`` says whether an option or a text is asked for.

    ``text`` is what the user typed, in a cell without a question. ``tag`` is the audit's own name for what is special
    about the cell; it is stored and never shown to the model. ``detail`` adds lines to the description of the person,
    in the prompt language. ``history`` has earlier turns that stand before the prompt. ``template`` names another
    wording of the prompt.

    ``memory`` has the ids of cells that are asked before this one, in order of preference. At most ``recall`` of them
    are replayed as ``history`` once they are answered. The id of the cell depends on ``memory`` then, not on
    ``history``.
    """

    kind: Literal["options", "text"]
    model: Model
    question: Question | None = None
    text: str | None = None
    persona: Persona = Persona()
    variant: Variant = Variant()
    tag: str = ""
    detail: str = ""
    history: tuple[Message, ...] = ()
    template: str = ""
    memory: tuple[str, ...] = ()
    recall: int = Field(default=0, ge=0)
    sample: int = 0
    samples: int = 1
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    max_tokens: int = 24

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Self:
        if (self.question is None) == (self.text is None):
            raise ValueError("a cell asks either a question or a free text")
        if self.kind == "options" and self.question is None:
            raise ValueError("options need a question")
        return self


class Response(Frozen):
    """One stored row: the answer to one cell and sample.

    ``order`` and ``mass`` are in the order of ``codes``, which is the printed order. ``outcome`` is ``option`` where an
    option was measured or read from a text. Refusals, invalid texts and errors have no option and enter no distance.
    ``copied_from`` names the run that measured the answer, at ``created``, where this run copied it. ``served_model``
    and ``served_fingerprint`` are what the endpoint called the model that answered.
    """

    run_id: str
    cell_id: str
    cache_key: str
    created: datetime
    kind: Literal["options", "text"]
    provider: str
    model_id: str
    model_revision: str | None
    survey: str | None
    question_id: str
    question_json: str | None
    country: str | None
    age: str | None
    sex: str | None
    education: str | None
    language: str
    paraphrase: int
    prompt_version: str
    tag: str = ""
    sample: int
    codes: tuple[int, ...]
    mass: tuple[float, ...]
    valid_mass: float | None
    method: str
    n: int | None
    text: str | None
    parsed_code: int | None
    outcome: Outcome
    error_kind: str | None
    error_text: str | None
    top_tokens: str
    rendered_prompt: str
    latency_s: float
    tokens_in: int | None
    tokens_out: int | None
    cost_usd: float | None
    copied_from: str | None = None
    served_model: str | None = None
    served_fingerprint: str | None = None

    @property
    def question_key(self) -> str:
        """The key of the question that was asked; see :attr:`core.types.Question.key`."""
        return question_key(self.survey, self.question_id)

    @property
    def persona(self) -> Persona:
        """The persona that the columns country, age, sex and education give."""
        names = ("country", "age", "sex", "education")
        return Persona.model_validate({name: getattr(self, name) for name in names})


def cell_id(cell: Cell) -> str:
    """The id of a cell: cells with the same question, persona, variant, model and sample have the same id.

    It is the first 20 hex digits of the SHA-256 of :func:`canonical_cell`.
    """
    return hashlib.sha256(canonical_cell(cell).encode()).hexdigest()[:20]


def canonical_cell(cell: Cell) -> str:
    """What the id of ``cell`` is made of, as canonical JSON.

    Plans have millions of cells, so the text is put together from its parts, keys in order, and no dictionary is made.
    """
    question = cell.question
    what = question.key if question and question.survey else cell.text or canonical_json(_plain(cell))
    # The history of a cell with memory is known only when it is asked; its id is needed before that.
    turns = "[]" if cell.memory or not cell.history else canonical_json([turn.model_dump() for turn in cell.history])
    template = memory = wording = ""
    if cell.template or cell.memory:
        template = f'"template":{encode_basestring(cell.template)},'
        memory = f'"memory":{canonical_json([*cell.memory, cell.recall]) if cell.memory else f"[{cell.recall}]"},'
    if question and question.wording > FIRST_EDITION:  # the text changed, the name did not
        wording = f',"wording":{question.wording}'
    sampling = f"{_number(cell.temperature)},{_number(cell.seed)},{_number(cell.sample)}"
    if cell.top_p is not None:  # so that ids from before there was a top_p stay as they are
        sampling += f",{_number(cell.top_p)}"
    return (
        f'{{"context":[{encode_basestring(cell.tag)},{encode_basestring(cell.detail)},{turns}],'
        f'"kind":{encode_basestring(cell.kind)},{memory}"model":{encode_basestring(cell.model.id)},'
        f'"persona":{encode_basestring(cell.persona.key)},"sampling":[{sampling}],{template}'
        f'"variant":{_variant(cell.variant)},"what":{encode_basestring(what)}{wording}}}'
    )


def _number(value: float | None) -> str:
    return "null" if value is None else str(value) if type(value) is int else canonical_json(value)


@lru_cache(maxsize=4096)
def _variant(variant: Variant) -> str:
    return canonical_json(variant.model_dump(mode="json"))


def _plain(cell: Cell) -> object:
    return cell.question.model_dump(mode="json") if cell.question else None
