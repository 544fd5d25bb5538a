"""First-token audit: what distribution over the options does a model give, as whom, in which language?

A question is asked in all cyclic rotations of its options, so that each option is in each place once. A ladder (six
ordered steps or more) would lose its order by rotation. So it is asked upwards and downwards, by number and by letter
(edition 2 of the question bank). The readings are averaged per option (content space). The twin without a persona is
always measured too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import Field

from core.audits import base
from core.audits.base import Bank, Stage, streamed
from core.audits.choice import NEWEST, Edition, chosen_questions
from core.errors import InputError, said
from core.prompts.render import OPTIONS_VERSION, TEMPLATES, label_style_of, template_of, wording_of
from core.types import (
    DEFAULT_KINDS,
    FIRST_EDITION,
    Cell,
    Frozen,
    LabelStyle,
    Language,
    Model,
    OptionDistribution,
    Outcome,
    Persona,
    Question,
    QuestionKind,
    Response,
    Variant,
    as_scale_order,
    both_directions,
    cyclic_orders,
)


class Spec(base.Spec):
    """What to ask. ``orders`` is ``cyclic`` (all rotations) or ``scale`` (one printed order, position bias unknown).

    Without ``questions``, all of ``kinds`` are asked; named ones are asked whatever their kind. ``edition`` is that of
    the question bank: 2 asks ladders by number and letter, upwards and downwards; 1 asks them as before edition 2.
    """

    models: tuple[str, ...] = Field(min_length=1)
    questions: tuple[str, ...] = ()
    kinds: tuple[QuestionKind, ...] = DEFAULT_KINDS
    personas: tuple[Persona, ...] = ()
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    orders: Literal["cyclic", "scale"] = "cyclic"
    text_check: bool = True
    samples: int = Field(default=20, ge=1, le=200)
    seed: int = 0
    edition: Edition = NEWEST


class OrderReading(Frozen):
    """One printed form of a question: option codes in that order, the mass read on each, and the labels used."""

    codes: tuple[int, ...]
    mass: tuple[float, ...]
    created: datetime
    cell_id: str
    labels: LabelStyle = "letters"


class Reading(Frozen):
    """The answer of one model to one question as one persona in one language, averaged over the printed orders.

    ``position_bias`` is P(first place) - 1/K over the orders, renormalised; ``None`` unless all K rotations are there,
    so always for a ladder of the second edition. ``template`` and ``wording`` say how it was asked: readings of two
    templates, or of two wordings of an item, are never averaged.
    ``text_agrees`` compares the text's option with the first-token mode; ``None`` where no option was parsed.
    """

    model_id: str
    model_revision: str | None
    provider: str
    question_id: str
    persona: Persona
    language: Language
    distribution: OptionDistribution
    position_bias: float | None
    orders: tuple[OrderReading, ...]
    template: str = OPTIONS_VERSION
    wording: int = FIRST_EDITION
    text: str | None = None
    text_outcome: Outcome | None = None
    parsed_code: int | None = None
    top_tokens: str = "[]"
    rendered_prompt: str = ""
    latency_s: float = 0.0
    created: datetime

    @property
    def mode(self) -> int:
        """Code of the most likely option."""
        return self.distribution.codes[int(np.argmax(self.distribution.mass))]

    @property
    def text_agrees(self) -> bool | None:
        """Whether the written answer names the most likely option."""
        return None if self.parsed_code is None else self.parsed_code == self.mode


def forms(question: Question, spec: Spec, language: Language = "en") -> tuple[Variant, ...]:
    """The ways in which ``question`` is printed for one reading. The first is also used for the written answer."""
    k = len(question.options)
    if spec.edition > FIRST_EDITION and question.is_ladder:
        orders = both_directions(k)[: 2 if spec.orders == "cyclic" else 1]
        styles: tuple[LabelStyle, ...] = ("numbers", "letters") if spec.orders == "cyclic" else ("numbers",)
        return tuple(Variant(language=language, order=order, labels=style) for style in styles for order in orders)
    orders = cyclic_orders(k) if spec.orders == "cyclic" else (tuple(range(k)),)
    return tuple(Variant(language=language, order=order) for order in orders)


def people_of(spec: Spec) -> tuple[Persona, ...]:
    """Who is asked as: the empty persona first, then each of the spec once."""
    return (Persona(), *(p for p in dict.fromkeys(spec.personas) if not p.is_empty))


def each_cell(spec: Spec, models: Sequence[Model], questions: Sequence[Question]) -> Iterator[Cell]:
    """Cells for the given models and questions, as worded in the spec's edition, made one by one.

    By model and language, the options of all questions come first, then the texts. The empty persona comes first. The n
    samples of a sampled model are split over the orders, at least one each.
    """
    template = TEMPLATES[spec.edition]
    # Checking a cell takes longer than all else, so it is done once for all personas.
    worded = [question.at(spec.edition) for question in questions]
    personas = people_of(spec)
    for model in models:
        sampled = model.capabilities.method == "sampled"
        made = partial(Cell, model=model, template=template, seed=spec.seed)
        for language in spec.languages:
            ways = {question.key: forms(question, spec, language) for question in worded}
            for question in worded:
                variants = ways[question.key]
                samples = max(1, round(spec.samples / len(variants))) if sampled else 1
                options = [made(kind="options", question=question, variant=one, samples=samples) for one in variants]
                for persona, cell in product(personas, options):
                    yield cell.model_copy(update={"persona": persona})
            if spec.text_check:
                for question in worded:
                    text = made(kind="text", question=question, variant=ways[question.key][0])
                    yield from (text.model_copy(update={"persona": persona}) for persona in personas)


def cells_for(spec: Spec, models: Sequence[Model], questions: Sequence[Question]) -> list[Cell]:
    """All of :func:`each_cell`."""
    return list(each_cell(spec, models, questions))


def plan_stream(spec: Spec, bank: Bank) -> Iterator[Cell]:
    """Cells of ``spec``, see :func:`each_cell`. Raises :class:`InputError` for a model or question not in ``bank``."""
    for name in spec.models:
        if name not in bank.models:
            raise InputError(said("no_model", name=name))
    questions = chosen_questions(bank, spec.questions, spec.kinds, spec.edition)
    return each_cell(spec, [bank.models[m] for m in spec.models], questions)


def plan(spec: Spec, bank: Bank) -> list[Cell]:
    """All of :func:`plan_stream`."""
    return list(plan_stream(spec, bank))


def _combine(rows: Sequence[Response], question: Question) -> Reading | None:
    options = [row for row in rows if row.kind == "options" and row.outcome == "option"]
    if not options:
        return None
    unique = list({(row.prompt_version, row.codes): row for row in options}.values())
    mass = np.array([as_scale_order(question.codes, row.codes, row.mass) for row in unique])
    first_place = np.array([row.mass[0] for row in unique])
    total = float(mass.sum())
    complete = len(unique) == len(question.options) and len({row.codes[0] for row in unique}) == len(unique)
    texts = [row for row in rows if row.kind == "text" and row.outcome != "error"]
    text = texts[-1] if texts else None
    head = unique[0]
    template, wording = template_of(head.prompt_version), wording_of(head.prompt_version)
    counts = [row.n for row in unique if row.n is not None]
    return Reading(
        model_id=head.model_id,
        model_revision=head.model_revision,
        provider=head.provider,
        question_id=head.question_key,
        persona=head.persona,
        language="zh" if head.language == "zh" else "en",
        distribution=OptionDistribution(
            codes=question.codes,
            mass=tuple(float(m) for m in mass.mean(axis=0)),
            method=head.method,
            n=sum(counts) if counts else None,
        ),
        position_bias=float(first_place.sum() / total - 1 / len(question.options)) if complete and total else None,
        orders=tuple(
            OrderReading(
                codes=r.codes,
                mass=r.mass,
                created=r.created,
                cell_id=r.cell_id,
                labels=label_style_of(r.prompt_version),
            )
            for r in unique
        ),
        template=template,
        wording=wording,
        text=text.text if text else None,
        text_outcome=text.outcome if text else None,
        parsed_code=text.parsed_code if text else None,
        top_tokens=head.top_tokens,
        rendered_prompt=head.rendered_prompt,
        latency_s=sum(row.latency_s for row in rows),
        created=max(row.created for row in options),
    )


def readings(rows: Iterable[Response], questions: dict[str, Question] | Bank) -> list[Reading]:
    """One :class:`Reading` per model, question, persona, language, template and wording, in order of first appearance.

    Groups in which nothing could be measured (all errors) are left out; their errors stay in the rows.
    """
    known = questions.questions if isinstance(questions, Bank) else questions
    groups: dict[tuple[str, str, str, str, str, int], list[Response]] = defaultdict(list)
    for row in rows:
        if row.question_key in known:
            how = template_of(row.prompt_version), wording_of(row.prompt_version)
            groups[row.model_id, row.question_key, row.persona.key, row.language, *how].append(row)
    combined = (_combine(group, known[key[1]]) for key, group in groups.items())
    return [reading for reading in combined if reading is not None]


def score(rows: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
    """The answers, and how near they are to people.

    ``readings``: one row per reading and option, with probability, mass and position bias. ``questions``: one row per
    model, language, country and question, the distances of :func:`core.audits.alignment.scores.question_scores`; the
    countries are those that any model was asked as. ``matrix``: their summary by model, language and country, see
    :func:`core.audits.alignment.scores.skills`. Both are empty where no country was named.
    """
    # Scores import readings, and so do the audits that use the readings of this module.
    from core.audits.alignment.against import against_people

    made = readings(rows, bank)
    frames = [
        {
            "model_id": r.model_id,
            "question_id": r.question_id,
            "persona": r.persona.key,
            "language": r.language,
            "template": r.template,
            "wording": r.wording,
            "code": code,
            "mass": mass,
            "probability": probability,
            "valid_mass": r.distribution.valid_mass,
            "method": r.distribution.method,
            "n": r.distribution.n,
            "position_bias": r.position_bias,
            "text_agrees": r.text_agrees,
        }
        for r in made
        for code, mass, probability in zip(
            r.distribution.codes, r.distribution.mass, r.distribution.probabilities, strict=True
        )
    ]
    return {"readings": pd.DataFrame(frames)} | against_people(made)


_Spec = Spec


class Alignment:
    """This audit as it is registered; see :class:`core.audits.base.Audit`."""

    name = "alignment"
    Spec = _Spec

    def stages(self, spec: _Spec, bank: Bank) -> Iterator[Stage]:
        """See :func:`plan_stream`. Each persona is asked the same: the cells of nobody tell how many there are."""
        nobody = plan(spec.model_copy(update={"personas": ()}), bank)
        # A checked spec names each thing once, and questions and personas are made different in any case.
        once = all(len(set(names)) == len(names) for names in (spec.models, spec.languages))
        yield streamed(lambda: plan_stream(spec, bank), nobody, len(people_of(spec)), distinct=once)

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`core.audits.alignment.frames.frames`."""
        from core.audits.alignment.frames import frames

        return frames(answers, bank)
