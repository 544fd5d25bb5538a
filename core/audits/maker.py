"""Makes specs of audits from plain words: ``Alignment(models=[...], topics=["politics"], personas=["CHN"])``."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from core.audits.base import Audit, Spec
from core.errors import InputError, said
from core.surveys import every_survey
from core.surveys.questions import topics


def class_name(audit: str) -> str:
    """The Python name of the spec of an audit: ``left_out`` gives ``LeftOut``."""
    return "".join(part.capitalize() for part in audit.replace("-", "_").split("_"))


class SpecMaker:
    """Makes specs of one audit. Called with the fields of its ``Spec``, and with ``topics`` where it has questions."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        fields = ", ".join(audit.Spec.model_fields)
        self.__name__ = class_name(audit.name)
        self.__doc__ = f"{audit.Spec.__doc__ or ''}\n\nFields: {fields}."

    def __call__(self, **fields: Any) -> Spec:
        """The spec. ``topics`` stands for all questions of these topics, in the order of the bank.

        Questions may be named by a bare id where only one survey has it. Raises :class:`InputError` that names the
        value that cannot be used.
        """
        if "questions" in self._audit.Spec.model_fields:
            survey = every_survey()
            bank, wanted = survey.questions(), tuple(fields.pop("topics", ()))
            if unknown := [topic for topic in wanted if topic not in topics(bank)]:
                raise InputError(said("no_topic", name=unknown[0], known=", ".join(topics(bank))))
            of_topics = [name for name, question in bank.items() if question.topic in wanted]
            named = [survey.find(name).id for name in fields.pop("questions", ())]
            if named or of_topics:
                fields["questions"] = [*named, *of_topics]
        return spec_of(self._audit, fields)

    def __repr__(self) -> str:
        return f"{self.__name__}({', '.join(self._audit.Spec.model_fields)})"


def spec_of(audit: Audit, values: Any) -> Spec:
    """The spec of ``audit`` from plain data. Raises :class:`InputError` that names the first field that is wrong."""
    try:
        return audit.Spec.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the spec"
        raise InputError(said("spec_unusable", where=where, reason=first["msg"])) from error
