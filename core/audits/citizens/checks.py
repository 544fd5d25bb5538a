"""Insensitivity checks: written answers that no real respondent would give. Rules decide, no judge model.

Each rule is applied where it can be. A contradiction needs an explanation. Two choices need two questions, of which
one asks for the second choice from the list of the other (``Question.second_to``; the shipped survey has none). For
answers that were drawn from probabilities only the first rule applies, by the probability outside the options.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import pandas as pd

from core.audits.citizens.draw import Tag, code_of
from core.parsing.answers import ROLE_DROPPED, another_kind, explained_place, named_labels
from core.stats import mean_interval
from core.types import LABELS, LITTLE_MASS, Language, Question, Response

Rule = Literal["instruction", "question_type", "role", "contradiction", "same_choice", "too_many"]
RULES: tuple[Rule, ...] = ("instruction", "question_type", "role", "contradiction", "same_choice", "too_many")


class Judged(NamedTuple):
    """One answer under one rule: ``broken`` is 0 or 1, or the share of probability outside the options."""

    row: Response
    tag: Tag
    rule: Rule
    broken: float


def judge(row: Response, tag: Tag, question: Question) -> list[Judged]:
    """``row`` judged under every rule that a single answer can break; empty for an error."""
    if row.outcome == "error":
        return []
    if row.kind == "options":
        return [Judged(row, tag, "instruction", 1 - min(1.0, row.valid_mass or 0.0))]
    text, read = row.text or "", row.outcome == "option"
    named = named_labels(text, LABELS[: len(question.options)])
    language: Language = "zh" if row.language == "zh" else "en"
    found: dict[Rule, bool] = {
        "instruction": not read,
        "question_type": not read and another_kind(text, [o.text.get(language) for o in question.options]),
        "role": ROLE_DROPPED.search(text) is not None,
        "too_many": not read and len(named) > 1,
    }
    if read and (other := _explained(row, question)) is not None:
        found["contradiction"] = other
    return [Judged(row, tag, rule, float(broken)) for rule, broken in found.items()]


def _explained(row: Response, question: Question) -> bool | None:
    """Whether the words after the letter name an option that contradicts it; ``None`` where they name no option.

    On a scale only an option of the other half is a contradiction: “Strongly agree” explained with “I agree” is none.
    """
    assert row.parsed_code is not None  # noqa: S101 - read from an answer that names an option
    language: Language = "zh" if row.language == "zh" else "en"
    place = explained_place(row.text or "", [o.text.get(language) for o in question.options])
    if place is None:
        return None
    chosen = question.codes.index(row.parsed_code)
    if question.scale == "nominal":
        return place != chosen
    middle = (len(question.options) - 1) / 2
    return (place - middle) * (chosen - middle) < 0


def judge_all(rows: Sequence[Response], questions: Mapping[str, Question]) -> list[Judged]:
    """All rows of simulated citizens judged under all rules."""
    out: list[Judged] = []
    by_person: dict[tuple[str, str, str | None, str, int, int], dict[str, Response]] = {}
    pairs = [(one.second_to, name) for name, one in questions.items() if one.second_to]
    for row in rows:
        tag = Tag.read(row.tag)
        if tag is None or row.question_key not in questions:
            continue
        out += judge(row, tag, questions[row.question_key])
        person = (row.model_id, row.language, row.country, tag.arm, tag.seed, tag.number)
        by_person.setdefault(person, {})[row.question_key] = row
    for (*_, arm, seed, number), answered in by_person.items():
        for first, second in pairs:
            codes = [code_of(answered[name]) for name in (first, second) if name in answered]
            if len(codes) == 2 and None not in codes:
                tag = Tag(arm=arm, number=number, seed=seed)
                out.append(Judged(answered[second], tag, "same_choice", float(codes[0] == codes[1])))
    return out


def rates(judged: Sequence[Judged], seed: int = 0) -> pd.DataFrame:
    """How often each rule was broken, 0..1, by model, language, country and arm, with a 95 % interval over questions.

    Columns: model_id, language, country, arm, kind, rule, rate, low, high, answers, questions. A rule that applied to
    no answer has no row.
    """
    frame = pd.DataFrame(
        [
            (j.row.model_id, j.row.language, j.row.country, j.tag.arm, j.row.kind, j.rule, j.row.question_key, j.broken)
            for j in judged
        ],
        columns=["model_id", "language", "country", "arm", "kind", "rule", "question_id", "broken"],
    )
    keys = ["model_id", "language", "country", "arm", "kind", "rule"]
    out = []
    for key, part in frame.groupby(keys, sort=False):
        by_question = part.groupby("question_id")["broken"].mean().to_numpy()
        found = mean_interval(by_question, within=(0, 1))
        out.append((*key, found.mean, found.low, found.high, len(part), found.n))
    return pd.DataFrame(out, columns=[*keys, "rate", "low", "high", "answers", "questions"])


def offending(judged: Sequence[Judged]) -> pd.DataFrame:
    """The answers that broke a rule.

    Columns: model_id, language, country, arm, seed, number, rule, question_id, answer, kind, cell_id. ``answer``
    is the text, or for a distribution with little mass on the options the likeliest first tokens as JSON.
    """
    rows = []
    for j in judged:
        if j.broken > LITTLE_MASS:
            answer = (j.row.text if j.row.kind == "text" else j.row.top_tokens) or ""
            head = (j.row.model_id, j.row.language, j.row.country, j.tag.arm, j.tag.seed, j.tag.number, j.rule)
            rows.append((*head, j.row.question_key, answer, j.row.kind, j.row.cell_id))
    head_columns = ["model_id", "language", "country", "arm", "seed", "number", "rule"]
    return pd.DataFrame(rows, columns=[*head_columns, "question_id", "answer", "kind", "cell_id"])
