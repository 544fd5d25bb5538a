"""Divides questions and countries into parts, and lists whose answers to which question are trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.audits.alignment.audit import Spec as Asking
from core.audits.alignment.audit import forms
from core.audits.representation.plan import GROUPS, persona_of
from core.errors import InputError, said
from core.prompts.render import TEMPLATES, labels_for, printed_order, render_question
from core.surveys import NotAsked, Survey
from core.surveys.batteries import battery_of
from core.tuning.spec import Part, Tuning
from core.types import Language, Message, Persona, Question, Variant


class Target(NamedTuple):
    """How a group of people answered a question: shares in scale order (sum 1), and its effective sample size."""

    question: Question
    persona: Persona
    shares: tuple[float, ...]
    n_eff: float


class Example(NamedTuple):
    """One prompt to learn: its messages and labels, the people's share of each label, and its weight."""

    messages: tuple[Message, ...]
    labels: tuple[str, ...]
    shares: tuple[float, ...]
    weight: float


class Parts(NamedTuple):
    """What is trained on, and the parts on which the tuning is watched; questions and countries by their use."""

    train: tuple[Target, ...]
    watched: Mapping[Part, tuple[Target, ...]]
    questions: Mapping[str, tuple[str, ...]]
    countries: Mapping[str, tuple[str, ...]]


def divide(spec: Tuning, survey: Survey) -> Parts:
    """The parts of ``spec``. Raises :class:`InputError` for an unknown battery, country or group, or an empty part."""
    bank = {name: q.at(spec.edition) for name, q in survey.questions().items() if q.kind in spec.kinds}
    by_battery: dict[str, list[str]] = {}
    for name, question in bank.items():
        by_battery.setdefault(battery_of(question), []).append(name)
    uses = {"train": spec.train_batteries, "validation": spec.validation_batteries, "test": spec.test_batteries}
    if unknown := [name for part in uses.values() for name in part if name not in by_battery]:
        raise InputError(said("tuning_battery", name=unknown[0], known=", ".join(sorted(by_battery))))
    questions = {use: tuple(q for name in part for q in by_battery[name]) for use, part in uses.items()}
    countries = _countries(spec, survey)

    def targets(names: Sequence[str], places: Sequence[str]) -> tuple[Target, ...]:
        found = (_target(survey, bank[name], _persona(place, spec.group)) for name in names for place in places)
        return tuple(target for target in found if target is not None)

    train = targets(questions["train"], countries["train"])
    if spec.shuffle:
        train = _shuffled(train, spec.seed)
    watched: dict[Part, tuple[Target, ...]] = {
        "countries": targets(questions["train"], countries["validation"]),
        "questions": targets(questions["validation"], countries["train"]),
        "seen": train,
    }
    for part, content in (("train", train), *((name, watched[name]) for name in spec.stop_on)):
        if not content:
            raise InputError(said("tuning_empty", part=part))
    return Parts(train, {part: found for part, found in watched.items() if found}, questions, countries)


def _countries(spec: Tuning, survey: Survey) -> dict[str, tuple[str, ...]]:
    known = survey.countries()
    held = {*spec.validation_countries, *spec.test_countries}
    for code in (*spec.countries, *held):
        if code not in known:
            raise InputError(said("tuning_country", name=code))
    rest = spec.countries or tuple(code for code in known if code not in held)
    return {"train": rest, "validation": spec.validation_countries, "test": spec.test_countries}


def _persona(country: str, group: str) -> Persona:
    if not group:
        return Persona(country=country)
    for dimension, groups in GROUPS.items():
        if group in groups:
            return persona_of(country, dimension, group)
    known = ", ".join(name for groups in GROUPS.values() for name in groups)
    raise InputError(said("tuning_group", name=group, known=known))


def _target(survey: Survey, question: Question, persona: Persona) -> Target | None:
    found = survey.reference(question.id, persona)
    if isinstance(found, NotAsked) or found.matched != "exact":
        return None
    return Target(question, persona, found.shares, found.n_eff)


def _shuffled(targets: Sequence[Target], seed: int) -> tuple[Target, ...]:
    """Each target with the answers of another country to the same question: a cycle through the countries, in an order
    that is drawn anew for each question.
    """
    rng = np.random.default_rng([seed, 1])
    by_question: dict[str, list[Target]] = {}
    for target in targets:
        by_question.setdefault(target.question.id, []).append(target)
    made = []
    for group in by_question.values():
        order = rng.permutation(len(group))
        for place, taken in zip(order, np.roll(order, 1), strict=True):
            made.append(group[place]._replace(shares=group[taken].shares, n_eff=group[taken].n_eff))
    return tuple(made)


def example(target: Target, variant: Variant, spec: Tuning, mean_n: float) -> Example:
    """``target`` printed as ``variant`` says; the weight is its sample size over the mean ``mean_n``."""
    asked_as = Persona() if spec.told == "nobody" else target.persona
    prompt = render_question(target.question, asked_as, variant, version=TEMPLATES[spec.edition] or "options-1")
    order = printed_order(target.question, variant)
    return Example(
        prompt.messages,
        labels_for(target.question, variant),
        tuple(target.shares[place] for place in order),
        target.n_eff / mean_n,
    )


def variants(question: Question, spec: Tuning, language: Language) -> tuple[Variant, ...]:
    """All printed forms of ``question`` in ``language``, as the Alignment audit asks it."""
    return forms(question, Asking(models=(spec.model,), edition=spec.edition), language)


class Drawer:
    """Draws examples. Those of a step depend on the seed and the number of the step alone, so a resumed tuning sees
    what an uninterrupted one would have seen.
    """

    def __init__(self, targets: Sequence[Target], spec: Tuning, salt: int) -> None:
        self._spec, self._salt = spec, salt
        self._by_question: dict[str, list[Target]] = {}
        for target in targets:
            self._by_question.setdefault(target.question.id, []).append(target)
        self._mean_n = float(np.mean([target.n_eff for target in targets]))

    def draw(self, count: int, step: int) -> list[Example]:
        """The prompts of :meth:`pick`."""
        return [example(target, variant, self._spec, self._mean_n) for target, variant in self.pick(count, step)]

    def pick(self, count: int, step: int) -> list[tuple[Target, Variant]]:
        """``count`` targets for ``step``, each as printed: as many different questions as there are, then again."""
        rng = np.random.default_rng([self._spec.seed, self._salt, step])
        names = list(self._by_question)
        made: list[tuple[Target, Variant]] = []
        while len(made) < count:
            for place in rng.permutation(len(names))[: count - len(made)]:
                group = self._by_question[names[place]]
                target = group[rng.integers(len(group))]
                language = self._spec.languages[rng.integers(len(self._spec.languages))]
                choices = variants(target.question, self._spec, language)
                made.append((target, choices[rng.integers(len(choices))]))
        return made
