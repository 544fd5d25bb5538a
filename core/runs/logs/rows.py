"""Entries of logs as rows: the question as one of ours, the model as one of the catalogue, or as new ones."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from core.errors import InputError
from core.parsing.answers import parse_answer
from core.runs.logs.account import LogForm
from core.runs.logs.entries import Entry, Left
from core.runs.rows import logged
from core.surveys.importing.values import plain_words
from core.surveys.own import own_question
from core.text import visible
from core.types import (
    LABELS,
    LANGUAGES,
    Capabilities,
    Cell,
    Language,
    Model,
    Origin,
    Question,
    Response,
    Variant,
    cell_id,
)

PROVIDER = "log"
"""The provider of rows whose model the catalogue does not know."""

_UNKNOWN = "?"
_LONGEST_NAME = 200
_HEAD = re.compile(r"^(?:question|q|问题|题目)\s*[:：]\s*", re.IGNORECASE)


class RowMaker:
    """Makes rows of one log. A question that the same model answers again is the next sample of it.

    A question counts as that of a survey where its words and those of all options are the survey's and no other turn
    stands before it; its options are then held for the survey's by their words, whatever their order.
    """

    def __init__(self, form: LogForm, questions: Mapping[str, Question], models: Mapping[str, Model]) -> None:
        self._form = form
        self._models = {name: model for model in models.values() for name in (model.remote_id, model.id)}
        self._known = {
            (plain_words(question.stem.get(language)), frozenset(_words(question, language))): (question, language)
            for question in questions.values()
            for language in LANGUAGES
        }
        self._asked: Counter[str] = Counter()

    def row(self, entry: Entry) -> Response | Left:
        """The row of ``entry``, without the id of a run, or why there can be none."""
        if not 2 <= len(entry.options) <= len(LABELS):
            return Left(reason="option_count", where=entry.where)
        stem = _HEAD.sub("", entry.stem.strip()).strip()
        if not visible(stem):
            return Left(reason="no_question", where=entry.where)
        found = self._survey_question(stem, entry)
        try:
            question, language, order = found or self._own(stem, entry.options)
        except InputError:
            return Left(reason="option_twice", where=entry.where)
        cell = Cell(
            kind="text" if entry.mass is None else "options",
            model=self._model(entry.model),
            question=question,
            variant=Variant(language=language, order=order),
            history=entry.before,
            tag=f"log-{self._form}",
        )
        same = cell_id(cell)
        cell = cell.model_copy(update={"sample": self._asked[same]})
        self._asked[same] += 1
        codes = tuple(question.codes[place] for place in order) if order else question.codes
        return logged(cell, entry.prompt, f"log-{self._form}", _answer(entry, codes))

    def _model(self, name: str) -> Model:
        name = visible(name)[:_LONGEST_NAME]
        known = self._models.get(name)
        if known is None:
            known = self._models[name] = Model(
                id=name,
                name=name,
                provider=PROVIDER,
                remote_id=name,
                origin=Origin(base=_UNKNOWN, tuner=_UNKNOWN),
                developer=_UNKNOWN,
                family=_UNKNOWN,
                capabilities=Capabilities(logprobs="none"),
                link="",
            )
        return known

    def _survey_question(self, stem: str, entry: Entry) -> tuple[Question, Language, tuple[int, ...]] | None:
        words = [plain_words(option) for option in entry.options]
        found = self._known.get((plain_words(stem), frozenset(words)))
        if found is None or entry.before or len(set(words)) < len(words):
            return None
        question, language = found
        places = {word: place for place, word in enumerate(_words(question, language))}
        return question, language, tuple(places[word] for word in words)

    def _own(self, stem: str, options: Sequence[str]) -> tuple[Question, Language, tuple[int, ...]]:
        language: Language = "zh" if re.search(r"[一-鿿]", stem) else "en"
        return own_question(stem, [option.strip() for option in options]), language, ()


def _words(question: Question, language: Language) -> list[str]:
    return [plain_words(option.text.get(language)) for option in question.options]


def _answer(entry: Entry, codes: tuple[int, ...]) -> dict[str, object]:
    """The columns of the answer. ``codes`` are those of the options in the order of the entry."""
    told: dict[str, object] = {
        "tokens_in": entry.tokens_in,
        "tokens_out": entry.tokens_out,
        "served_model": visible(entry.model)[:_LONGEST_NAME],
        "served_fingerprint": entry.served_fingerprint,
    }
    if entry.created is not None:
        told["created"] = entry.created
    if entry.mass is not None:
        tokens = sorted(zip(entry.labels or entry.options, entry.mass, strict=True), key=lambda pair: -pair[1])
        return told | {
            "outcome": "option",
            "codes": codes,
            "mass": entry.mass,
            "valid_mass": sum(entry.mass),
            "method": entry.read_as,
            "top_tokens": json.dumps([[visible(words)[:80], round(share, 6)] for words, share in tokens]),
        }
    text = entry.text or ""
    if entry.refused:
        return told | {"text": text, "outcome": "refusal"}
    read = parse_answer(text, entry.labels or LABELS[: len(codes)], entry.options)
    code = None if read.place is None else codes[read.place]
    return told | {"text": text, "outcome": read.outcome, "parsed_code": code}
