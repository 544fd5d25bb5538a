"""The base of the specs of all audits."""

from __future__ import annotations

from typing import Any, get_args, get_origin

from pydantic import Field, ValidationInfo, field_validator

from core.types import Frozen, Persona


class Spec(Frozen):
    """What an audit is asked to do.

    A model, question, person or language that is named twice counts once, so that a plan has as many cells as it
    gets answers. A person may be written as the text of their key, with trailing parts left out: ``"CHN|18-29"``.

    >>> class Example(Spec):
    ...     questions: tuple[str, ...]
    >>> Example(models=("mock", "mock"), questions=("Q3", "Q4", "Q3")).questions
    ('Q3', 'Q4')
    """

    models: tuple[str, ...] = Field(min_length=1)

    @field_validator("*", mode="after")
    @classmethod
    def _name_each_once(cls, value: Any, info: ValidationInfo) -> Any:
        kind = cls.model_fields[info.field_name or ""].annotation
        listed = get_origin(kind) is tuple and Ellipsis in get_args(kind)
        return tuple(dict.fromkeys(value)) if listed else value

    @field_validator("personas", mode="before", check_fields=False)
    @classmethod
    def _read_keys(cls, value: Any) -> Any:
        return [_person(one) for one in value] if isinstance(value, list | tuple) else value


def _person(given: Any) -> Any:
    return persona_of_key(given) if isinstance(given, str) else given


def persona_of_key(text: str) -> Persona:
    """The person whose key is ``text``, with trailing parts left out. Raises ``ValueError``.

    >>> persona_of_key("CHN|18-29").age
    '18-29'
    """
    parts = [part.strip() for part in text.split("|")]
    return Persona.from_key("|".join([*parts, *[""] * (4 - len(parts))]))
