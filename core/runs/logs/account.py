"""The account of a log that became a run: what was read, what became an answer, what was left out and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from core.errors import Said, said
from core.types import Frozen

LogForm = Literal["lm_eval", "inspect", "openai_batch"]

Reason = Literal[
    "not_json",
    "no_question",
    "no_options",
    "option_count",
    "option_twice",
    "no_answer",
    "no_probability",
    "failed",
    "no_request",
    "no_model",
    "repeated",
]
"""Why one entry of a log gave no answer. Each has its words in the catalogue as ``log_left_<reason>``."""


class LeftOut(Frozen):
    """Entries that were left out for one reason; ``example`` is where the first of them stands."""

    reason: Reason
    n: int
    example: str = ""

    def words(self) -> Said:
        """The line of the account."""
        return _words(self)


class LogAccount(Frozen):
    """All of it: ``read`` entries of the log, ``answers`` of them rows of the run, by what they are.

    ``questions`` counts the different questions, ``known`` those of them that are questions of a survey here,
    ``models`` names who answered.
    """

    file: str
    form: LogForm
    read: int
    answers: int
    probabilities: int = 0
    texts: int = 0
    questions: int = 0
    known: int = 0
    models: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    def lines(self) -> Iterator[Said]:
        """The account in words, a line a fact."""
        yield said(
            "log_read", file=self.file, form=_FORMS[self.form], read=self.read, answers=self.answers, n=self.questions
        )
        if self.models:
            yield said("log_models", names=", ".join(self.models))
        if self.probabilities:
            yield said("log_probabilities", n=self.probabilities)
        if self.texts:
            yield said("log_texts", n=self.texts)
        if self.known:
            yield said("log_known", n=self.known)
        for out in self.left_out:
            yield out.words()


_FORMS: dict[LogForm, str] = {
    "lm_eval": "lm-evaluation-harness",
    "inspect": "Inspect",
    "openai_batch": "OpenAI batch",
}


def _words(out: LeftOut) -> Said:
    match out.reason:
        case "not_json":
            return said("log_left_not_json", n=out.n, example=out.example)
        case "no_question":
            return said("log_left_no_question", n=out.n, example=out.example)
        case "no_options":
            return said("log_left_no_options", n=out.n, example=out.example)
        case "option_count":
            return said("log_left_option_count", n=out.n, example=out.example)
        case "option_twice":
            return said("log_left_option_twice", n=out.n, example=out.example)
        case "no_answer":
            return said("log_left_no_answer", n=out.n, example=out.example)
        case "no_probability":
            return said("log_left_no_probability", n=out.n, example=out.example)
        case "failed":
            return said("log_left_failed", n=out.n, example=out.example)
        case "no_request":
            return said("log_left_no_request", n=out.n, example=out.example)
        case "no_model":
            return said("log_left_no_model", n=out.n, example=out.example)
        case "repeated":
            return said("log_left_repeated", n=out.n, example=out.example)
