"""Plans what simulated citizens are asked: every arm has the same people, with no source of diversity, one, or all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import Field

from core.audits import base
from core.audits.base import Bank
from core.audits.choice import NEWEST, Edition, chosen_questions
from core.audits.citizens.draw import Tag
from core.audits.citizens.people import Citizen, citizens, generator, printed, region_of
from core.errors import InputError, said
from core.prompts.citizens import FRAMINGS, region_line
from core.types import (
    DEFAULT_KINDS,
    FIRST_EDITION,
    Cell,
    Language,
    Model,
    Question,
    QuestionKind,
    Variant,
    both_directions,
    cell_id,
)

Source = Literal["prompt", "configuration", "memory"]
SOURCES: tuple[Source, ...] = ("prompt", "configuration", "memory")
NONE, ALL, WRITTEN = "none", "all", "written"
TOKENS = 60
"""Tokens for a letter and one sentence."""

MOST = 500
"""The largest number of respondents that one seed may draw per country."""


class Spec(base.Spec):
    """Who is asked what. ``respondents`` is the number of simulated citizens per country.

    With ``ablation`` the same citizens are asked without any source of diversity, with each of ``sources`` alone, and
    with all of them; without it, only with all of them. ``memory`` is the most earlier answers that one recalls.
    ``written`` is the number of citizens per country from whom a model that is read directly is also asked for a
    written answer with a reason. The insensitivity checks need it; other models always write. ``seeds`` repeats
    everything with other people, drawn with ``seed``, ``seed`` + 1 and so on. This separates what one draw of people
    happens to show from what all draws share.

    Without ``questions``, all of ``kinds`` are asked. ``edition`` is that of the question bank: in 2 the options of a
    ladder are printed upwards or downwards, in 1 they are shuffled like all others.
    """

    countries: tuple[str, ...] = Field(min_length=1)
    questions: tuple[str, ...] = ()
    kinds: tuple[QuestionKind, ...] = DEFAULT_KINDS
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    respondents: int = Field(default=24, ge=2, le=MOST)
    sources: tuple[Source, ...] = SOURCES
    ablation: bool = True
    memory: int = Field(default=3, ge=1, le=10)
    written: int = Field(default=0, ge=0, le=100)
    seed: int = 0
    seeds: int = Field(default=1, ge=1, le=10)
    edition: Edition = NEWEST

    def draws(self) -> list[Spec]:
        """One spec per seed."""
        return [self.model_copy(update={"seed": self.seed + place, "seeds": 1}) for place in range(self.seeds)]


def arm_name(sources: Sequence[Source]) -> str:
    """``none``, one source, sources joined by ``+``, or ``all``."""
    chosen = [source for source in SOURCES if source in sources]
    return ALL if len(chosen) == len(SOURCES) else "+".join(chosen) or NONE


def arms(spec: Spec) -> dict[str, tuple[Source, ...]]:
    """Arms by name, in the order in which they are shown."""
    chosen = tuple(source for source in SOURCES if source in spec.sources)
    listed: list[tuple[Source, ...]] = [(), *((source,) for source in chosen)] if spec.ablation else []
    return {arm_name(sources): sources for sources in [*listed, chosen]}


def configurable(model: Model) -> bool:
    """Whether the sampling of ``model`` can be varied: its probabilities are read, or it accepts a setting."""
    return reads(model) or model.capabilities.temperature or model.capabilities.top_p


def reads(model: Model) -> bool:
    """Whether an answer is drawn from the probabilities of ``model``; other models answer in text."""
    return model.capabilities.method == "full"


def plan(spec: Spec, bank: Bank) -> list[Cell]:
    """Cells by model, language and wave; a wave needs answers of the waves before it.

    Raises :class:`InputError` for an unknown model or question and for a country without a joint.
    """
    for name in spec.models:
        if name not in bank.models:
            raise InputError(said("no_model", name=name))
    questions = chosen_questions(bank, spec.questions, spec.kinds, spec.edition)
    cells: list[Cell] = []
    for model in (bank.models[name] for name in dict.fromkeys(spec.models)):
        for language in dict.fromkeys(spec.languages):
            asked = [
                cell
                for draw in spec.draws()
                for country in dict.fromkeys(spec.countries)
                for citizen in citizens(country, draw.respondents, draw.seed, draw.memory)
                for cell in _cells(draw, model, language, citizen, questions)
            ]
            # People of one kind are next to each other within a wave: their prompts begin alike and are read together.
            cells += sorted(asked, key=lambda c: (len(c.memory), c.kind, c.template, c.persona.key, c.detail))
    return cells


def _cells(
    spec: Spec, model: Model, language: Language, citizen: Citizen, questions: Sequence[Question]
) -> Iterator[Cell]:
    for name, sources in arms(spec).items():
        if sources == ("configuration",) and not configurable(model):
            continue
        earlier: list[str] = []
        for question in _sequence(spec, citizen, questions) if "memory" in sources else questions:
            cell = _cell(spec, model, language, citizen, question, name, sources)
            if "memory" in sources:
                rng = generator("memory", spec.seed, citizen.persona.country, citizen.number, question.id)
                preferred = tuple(earlier[int(place)] for place in rng.permutation(len(earlier)))
                cell = cell.model_copy(update={"memory": preferred, "recall": citizen.recalls if preferred else 0})
                earlier.append(cell_id(cell))
            yield cell
    if reads(model) and citizen.number <= spec.written:
        for question in questions:
            cell = _cell(spec, model, language, citizen, question, WRITTEN, ("prompt",))
            yield cell.model_copy(update={"kind": "text", "max_tokens": TOKENS})


def _order(spec: Spec, citizen: Citizen, question: Question) -> tuple[int, ...]:
    """The order in which a respondent sees the options: shuffled; for a ladder of edition 2, upwards or downwards."""
    k = len(question.options)
    order = printed(citizen, spec.seed, question.id, k)
    if spec.edition > FIRST_EDITION and question.is_ladder:
        return both_directions(k)[order[0] > order[-1]]
    return order


def _sequence(spec: Spec, citizen: Citizen, questions: Sequence[Question]) -> list[Question]:
    """The random order in which one respondent is asked the questions, so that none is always the first."""
    rng = generator("sequence", spec.seed, citizen.persona.country, citizen.number)
    return [questions[int(place)] for place in rng.permutation(len(questions))]


def _cell(
    spec: Spec,
    model: Model,
    language: Language,
    citizen: Citizen,
    question: Question,
    arm: str,
    sources: Sequence[Source],
) -> Cell:
    worded, configured = "prompt" in sources, "configuration" in sources and configurable(model)
    framing = citizen.framing if worded else 0
    region = region_of(str(citizen.persona.country), citizen.region) if worded else None
    tag = Tag(
        arm=arm,
        number=citizen.number,
        region=region.id if region else "",
        temperature=citizen.temperature if configured and (reads(model) or model.capabilities.temperature) else 1.0,
        top_p=citizen.top_p if configured and (reads(model) or model.capabilities.top_p) else 1.0,
        seed=spec.seed,
    )
    asked: dict[str, object] = {}
    if not reads(model):
        # One independent sample per respondent: without its own number, people of one kind would share one answer.
        asked = {
            "max_tokens": TOKENS,
            "sample": spec.seed * MOST + citizen.number,
            "temperature": tag.temperature if model.capabilities.temperature else None,
            "top_p": tag.top_p if configured and model.capabilities.top_p else None,
            "seed": spec.seed * 1_000 + citizen.number if model.capabilities.seed else None,
        }
    return Cell.model_validate(
        {
            "kind": "options" if reads(model) else "text",
            "model": model,
            "question": question,
            "persona": citizen.persona,
            "variant": Variant(
                language=language,
                order=_order(spec, citizen, question),
                paraphrase=framing,
            ),
            "tag": tag.text,
            "detail": region_line(region.name.get(language), framing, language) if region else "",
            "template": FRAMINGS[framing],
        }
        | asked
    )
