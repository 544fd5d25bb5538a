"""Stability audit: does a model choose the same action when it is asked again in another way?

A dilemma is asked as a question of two options, code 1 for action a and 2 for action b, always in both printed orders.
The tag of a cell names its variation other than order, paraphrase and language: ``consequence:good``, ``escalation:3``
(steps one to three shown), ``escalation_alone:3`` (only the third). The plain wording has an empty tag.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import pandas as pd
from pydantic import Field

from core.audits import base
from core.audits.base import Bank, Stage, fixed
from core.audits.stability.scores import score
from core.errors import InputError, said
from core.settings import settings
from core.surveys.dilemmas import OWN_DOMAIN, Dilemma, Wording, load_dilemmas
from core.types import (
    Cell,
    Language,
    LocalText,
    Model,
    Option,
    Question,
    Response,
    Variant,
    canonical_json,
)

Axis = Literal["repeat", "order", "paraphrase", "language", "consequence", "escalation"]
AXES: tuple[Axis, ...] = ("repeat", "order", "paraphrase", "language", "consequence", "escalation")
CORPUS = "edc"
ASK = LocalText(en="What do you do?", zh="你会怎么做？")
_ORDERS = ((0, 1), (1, 0))
_LABEL = LocalText(en="Dilemma", zh="两难选择")


class Spec(base.Spec):
    """What to ask. No dilemmas and no domains means all of the corpus.

    Order and repeat need no prompts of their own. Both orders are always printed, so that the place of an action is
    never mistaken for another effect. Repeats are draws from what was read (``samples`` answers per prompt where the
    model gives no probabilities). ``language`` needs both languages. ``text_check`` also asks for a written answer.
    ``afresh`` asks again even where earlier runs have the answer, so that the same spec later is a new wave, no copy.
    """

    models: tuple[str, ...] = Field(min_length=1)
    dilemmas: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    languages: tuple[Language, ...] = Field(default=("en", "zh"), min_length=1)
    axes: tuple[Axis, ...] = AXES
    paraphrases: int = Field(default=3, ge=1, le=3)
    samples: int = Field(default=20, ge=2, le=200)
    text_check: bool = False
    afresh: bool = True
    seed: int = 0


def chosen(spec: Spec, known: Mapping[str, Dilemma]) -> list[Dilemma]:
    """The dilemmas of ``spec``. Raises :class:`InputError` for an unknown id or domain."""
    missing = [name for name in spec.dilemmas if name not in known]
    unknown = set(spec.domains) - {dilemma.domain for dilemma in known.values()}
    if missing or unknown:
        name = (missing or sorted(unknown))[0]
        raise InputError(said("no_dilemma", name=name))
    wanted = spec.dilemmas or tuple(known)
    return [known[name] for name in wanted if not spec.domains or known[name].domain in spec.domains]


def question_of(dilemma: Dilemma, wording: Wording, added: Sequence[LocalText] = ()) -> Question:
    """``wording`` with ``added`` sentences after the situation, as a question of two options.

    ``note`` carries ambiguity and values as JSON, so that a dilemma of the user's own can be scored from its rows.
    """
    parts = (wording.situation, *added, ASK)
    facts = {
        "domain": dilemma.domain,
        "ambiguity": dilemma.ambiguity,
        "worse": dilemma.worse,
        "value_a": dilemma.value_a,
        "value_b": dilemma.value_b,
    }
    return Question(
        id=dilemma.id,
        survey=None if dilemma.domain == OWN_DOMAIN else CORPUS,
        topic=dilemma.domain,
        short=dilemma.title,
        stem=LocalText(en=" ".join(p.en for p in parts), zh="".join(p.zh for p in parts)),
        options=(Option(code=1, text=wording.a), Option(code=2, text=wording.b)),
        scale="nominal",
        polarity=0,
        note=canonical_json(facts),
    )


def variants_of(dilemma: Dilemma, spec: Spec) -> Iterator[tuple[str, int, Question]]:
    """Tag, paraphrase number (0 is the original wording) and question of each variant that ``spec`` asks for."""
    first = dilemma.wordings[0]
    yield "", 0, question_of(dilemma, first)
    if "paraphrase" in spec.axes:
        for number, wording in enumerate(dilemma.paraphrase[: spec.paraphrases], start=1):
            yield "", number, question_of(dilemma, wording)
    if "consequence" in spec.axes:
        for name, text in (("good", dilemma.good), ("bad", dilemma.bad)):
            if text is not None:
                yield f"consequence:{name}", 0, question_of(dilemma, first, [text])
    if "escalation" in spec.axes:
        steps = [step.text for step in dilemma.escalation]
        for k in range(1, len(steps) + 1):
            yield f"escalation:{k}", 0, question_of(dilemma, first, steps[:k])
        # The first step alone is the same as the first step of the sequence.
        for k in range(2, len(steps) + 1):
            yield f"escalation_alone:{k}", 0, question_of(dilemma, first, steps[k - 1 : k])


def cells_for(spec: Spec, models: Sequence[Model], dilemmas: Sequence[Dilemma]) -> list[Cell]:
    """Cells by model, language, dilemma, variant and printed order; samples of a sampled model are split over orders.

    Texts, where asked for, come last within a language, one per dilemma.
    """
    cells: list[Cell] = []
    for model in models:
        sampled = model.capabilities.method == "sampled"
        for language in spec.languages:
            cells += [
                Cell(
                    kind="options",
                    model=model,
                    question=question,
                    variant=Variant(language=language, order=order, paraphrase=paraphrase),
                    tag=tag,
                    samples=max(2, round(spec.samples / len(_ORDERS))) if sampled else 1,
                    seed=spec.seed,
                )
                for dilemma in dilemmas
                for tag, paraphrase, question in variants_of(dilemma, spec)
                for order in _ORDERS
            ]
            if spec.text_check:
                cells += [
                    Cell(
                        kind="text",
                        model=model,
                        question=question_of(dilemma, dilemma.wordings[0]),
                        variant=Variant(language=language, order=_ORDERS[0]),
                        seed=spec.seed,
                    )
                    for dilemma in dilemmas
                ]
    return cells


def plan(spec: Spec, bank: Bank) -> list[Cell]:
    """Cells of ``spec``, see :func:`cells_for`. Raises :class:`InputError` for an unknown model, dilemma or domain."""
    for name in spec.models:
        if name not in bank.models:
            raise InputError(said("no_model", name=name))
    known = load_dilemmas(settings().dilemmas)
    return cells_for(spec, [bank.models[name] for name in spec.models], chosen(spec, known))


_Spec = Spec


class Stability:
    """This audit as it is registered; see :class:`core.audits.base.Audit`."""

    name = "stability"
    Spec = _Spec

    def stages(self, spec: _Spec, bank: Bank) -> Iterator[Stage]:
        """See :func:`plan`."""
        yield fixed(plan(spec, bank))

    def scores(self, answers: Sequence[Response], bank: Bank) -> dict[str, pd.DataFrame]:
        """See :func:`core.audits.stability.scores.score`."""
        return score(pd.DataFrame([row.model_dump() for row in answers]), load_dilemmas(settings().dilemmas))
