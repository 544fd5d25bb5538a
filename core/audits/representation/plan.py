"""The personas of a Representation audit: none, the country, and each of its groups."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.audits import base
from core.audits.alignment import audit as first_token
from core.audits.base import Bank
from core.audits.choice import NEWEST, Edition
from core.types import (
    AGES,
    DEFAULT_KINDS,
    EDUCATIONS,
    SEXES,
    Cell,
    GroupDimension,
    Language,
    Persona,
    QuestionKind,
)

Told = Literal["none", "country", "group"]
TOLD: tuple[Told, ...] = ("none", "country", "group")
"""What the model was told of the person: nothing, the country, the country and the group."""

GROUPS: dict[GroupDimension, tuple[str, ...]] = {
    "age": AGES,
    "sex": SEXES,
    "education": EDUCATIONS,
    "age_x_sex": tuple(f"{age}|{sex}" for age in AGES for sex in SEXES),
}


class Spec(base.Spec):
    """What to ask: each question with no persona, as the country, and as each group of ``dimensions``.

    Without ``questions``, all of ``kinds`` are asked, see :class:`core.audits.alignment.audit.Spec`.
    """

    countries: tuple[str, ...] = Field(min_length=1)
    questions: tuple[str, ...] = ()
    kinds: tuple[QuestionKind, ...] = DEFAULT_KINDS
    dimensions: tuple[GroupDimension, ...] = ("age", "sex", "education")
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    orders: Literal["cyclic", "scale"] = "cyclic"
    samples: int = Field(default=20, ge=1, le=200)
    seed: int = 0
    edition: Edition = NEWEST


def persona_of(country: str, dimension: GroupDimension, group: str) -> Persona:
    """The person who represents a group of a country, such as ``("CHN", "age_x_sex", "18-29|female")``."""
    names = {"all": (), "age_x_sex": ("age", "sex")}.get(dimension, (dimension,))
    return Persona.model_validate({"country": country, **dict(zip(names, group.split("|"), strict=False))})


def asked_as(country: str, dimension: GroupDimension, group: str, told: Told) -> str:
    """Key of the persona that the model answers as when it is compared with a group."""
    if told == "none":
        return Persona().key
    return (Persona(country=country) if told == "country" else persona_of(country, dimension, group)).key


def as_first_token(spec: Spec) -> first_token.Spec:
    """The spec of the first-token audit that asks what ``spec`` asks."""
    personas = [Persona(country=country) for country in spec.countries]
    personas += [persona_of(c, d, g) for c in spec.countries for d in spec.dimensions for g in GROUPS.get(d, ())]
    return first_token.Spec(
        models=spec.models,
        questions=spec.questions,
        kinds=spec.kinds,
        personas=tuple(personas),
        languages=spec.languages,
        orders=spec.orders,
        text_check=False,
        samples=spec.samples,
        seed=spec.seed,
        edition=spec.edition,
    )


def plan(spec: Spec, bank: Bank) -> list[Cell]:
    """First-token cells of ``spec``, the empty persona first. Raises :class:`InputError` on unknown names."""
    return first_token.plan(as_first_token(spec), bank)
