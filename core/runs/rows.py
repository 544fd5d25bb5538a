"""Prepares cells to be asked, and makes the rows of their answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from core.errors import ParallaxError, ProviderError
from core.parsing.answers import Parsed, parse_answer
from core.prompts.render import labels_for, printed_options, printed_order, render
from core.providers.cost import estimate_cost
from core.providers.served import with_settings, without_settings
from core.store.files.cache_key import cache_key
from core.text import whole
from core.types import (
    Cell,
    Frozen,
    Message,
    OptionAnswer,
    OptionRequest,
    Prompt,
    Response,
    TextAnswer,
    TextRequest,
    canonical_json,
    cell_id,
    digest,
)

log = logging.getLogger(__name__)

# Columns that come from the answer. All others come from the cell.
_ANSWER = (
    "created",
    "codes",
    "mass",
    "valid_mass",
    "method",
    "n",
    "text",
    "parsed_code",
    "outcome",
    "top_tokens",
    "rendered_prompt",
    "latency_s",
    "tokens_in",
    "tokens_out",
    "cost_usd",
    "served_model",
    "served_fingerprint",
)


class Work(Frozen):
    """A prepared cell: its prompt, its request and its cache key."""

    cell: Cell
    prompt: Prompt
    request: OptionRequest | TextRequest
    key: str
    revision: str | None


def prepare(cell: Cell, revision: str | None) -> Work:
    """``cell`` prepared for the version ``revision`` of its model.

    Raises what rendering raises, such as :class:`~core.errors.InputError` for a country that no list has, and whatever
    the code of a plug-in raises. :func:`unprepared` makes the row of such a cell.
    """
    prompt = render(cell)
    request = _request(cell, prompt)
    method = cell.model.capabilities.method if cell.kind == "options" else None
    key = cache_key(request, revision=revision, prompt_version=prompt.version, method=method, sample=cell.sample)
    return Work(cell=cell, prompt=prompt, request=request, key=key, revision=revision)


def cache_key_of(cell: Cell, revision: str | None) -> str:
    """The key under which an earlier answer to ``cell`` is found."""
    return prepare(cell, revision).key


def cache_key_or_none(cell: Cell, revision: str | None) -> str | None:
    """:func:`cache_key_of`, or ``None`` where the cell cannot be prepared.

    The error is not lost: the cell gets an error row when it is asked.
    """
    try:
        return cache_key_of(cell, revision)
    except Exception:
        log.debug("a cell cannot be made ready", exc_info=True)
        return None


def answered(work: Work, answer: OptionAnswer | TextAnswer | ProviderError) -> Response | None:
    """The row of a provider's answer; ``None`` for a text that was stopped before it was complete."""
    if isinstance(answer, ProviderError):
        return failed(work, answer)
    work = _as_asked(work, answer.call.settings)
    call = {
        "top_tokens": json.dumps([[whole(t.text), round(t.probability, 6)] for t in answer.call.top_tokens]),
        "rendered_prompt": answer.call.rendered_prompt,
        "latency_s": answer.call.latency_s,
        "tokens_in": answer.call.tokens_in,
        "tokens_out": answer.call.tokens_out,
        "served_model": answer.call.served_model,
        "served_fingerprint": answer.call.served_fingerprint,
        "cost_usd": estimate_cost(work.cell.model, answer.call.tokens_in, answer.call.tokens_out),
    }
    if isinstance(answer, OptionAnswer):
        read = answer.distribution
        outcome = "option" if read.valid_mass > 0 else "refusal" if answer.refused else "invalid"
        found = {"mass": read.mass, "valid_mass": read.valid_mass, "method": read.method, "n": read.n}
        return _row(work, outcome=outcome, **found, **call)
    if answer.finish == "cancelled":
        return None
    parsed = _parse(work.cell, answer)
    code = None
    if parsed.place is not None and work.cell.question is not None:
        order = printed_order(work.cell.question, work.cell.variant)
        code = work.cell.question.codes[order[parsed.place]]
    return _row(work, outcome=parsed.outcome, text=answer.text, parsed_code=code, **call)


def _as_asked(work: Work, settings: str) -> Work:
    """``work`` with the revision and the cache key that count the ``settings`` with which it was really asked.

    A provider may find only with the answer that its endpoint needs settings, such as thinking switched off.
    """
    if work.revision is None:
        return work
    revision = with_settings(without_settings(work.revision) or "", settings)
    return work if revision == work.revision else prepare(work.cell, revision)


def asked_as(rows: Sequence[Response], revision: str | None) -> str | None:
    """The revision of the last new answer among ``rows``, which counts the settings that it was asked with.

    It is ``revision`` where there is no answer.
    """
    answers = [row for row in rows if row.outcome != "error"]
    return answers[-1].model_revision if answers else revision


def failed(work: Work, error: ParallaxError) -> Response:
    """The row of a cell whose request failed."""
    return _row(work, **_told(error))


def unprepared(cell: Cell, revision: str | None, error: ParallaxError) -> Response:
    """The row of a cell that could not be prepared. It has no prompt, and its cache key finds no answer."""
    question = cell.question
    blank = Work(
        cell=cell,
        prompt=Prompt(messages=(), version=""),
        request=TextRequest(model=cell.model, messages=()),
        key=digest(["unprepared", cell_id(cell), cell.sample, revision]),
        revision=revision,
    )
    codes = question.codes if question is not None and cell.kind == "options" else ()
    return _row(blank, codes=codes, **_told(error))


def logged(cell: Cell, prompt: str, source: str, found: Mapping[str, object]) -> Response:
    """The row of an answer that another program asked for and kept in a log, see :mod:`core.runs.logs`.

    ``prompt`` is what that program sent, ``source`` names its form, ``found`` are columns of the answer. No question
    of ours finds it again: its cache key is that of no request. A written answer is read like one of ours.
    """
    question = cell.question
    told = Work(
        cell=cell,
        prompt=Prompt(messages=(Message(role="user", content=prompt),), version=source),
        request=TextRequest(model=cell.model, messages=()),
        key=digest(["logged", source, cell_id(cell), cell.sample, prompt]),
        revision=None,
    )
    return _row(told, **({"codes": question.codes if question and cell.kind == "options" else ()} | dict(found)))


def _told(error: ParallaxError) -> dict[str, object]:
    text = f"{error.message} {error.hint}".strip()
    return {"outcome": "error", "error_kind": error.kind, "error_text": text}


def copied(work: Work, known: Response) -> Response:
    """The row of an answer that another run measured: content and time are those of ``known``, the cell is this one."""
    answer = {name: getattr(known, name) for name in _ANSWER}
    return _row(work, copied_from=known.copied_from or known.run_id, **answer)


def _row(work: Work, **found: object) -> Response:
    cell, request = work.cell, work.request
    question = cell.question
    row: dict[str, object] = {
        "run_id": "",
        "cell_id": cell_id(cell),
        "cache_key": work.key,
        "created": datetime.now(UTC),
        "kind": cell.kind,
        "provider": cell.model.provider,
        "model_id": cell.model.id,
        "model_revision": work.revision,
        "survey": question.survey if question else None,
        "question_id": question.id if question else "free",
        "question_json": None
        if question and question.survey
        else canonical_json(question.model_dump(mode="json") if question else cell.text),
        "country": cell.persona.country,
        "age": cell.persona.age,
        "sex": cell.persona.sex,
        "education": cell.persona.education,
        "language": cell.variant.language,
        "paraphrase": cell.variant.paraphrase,
        "prompt_version": work.prompt.version,
        "tag": cell.tag,
        "sample": cell.sample,
        "codes": request.codes if isinstance(request, OptionRequest) else (),
        "mass": (),
        "valid_mass": None,
        "method": "text" if cell.kind == "text" else cell.model.capabilities.method,
        "n": None,
        "text": None,
        "parsed_code": None,
        "error_kind": None,
        "error_text": None,
        "top_tokens": "[]",
        "rendered_prompt": "\n\n".join(m.content for m in work.prompt.messages),
        "latency_s": 0.0,
        "tokens_in": None,
        "tokens_out": None,
        "cost_usd": None,
    }
    # An endpoint may send lone surrogates, which cannot be written to a file.
    return Response.model_validate({k: whole(v) if isinstance(v, str) else v for k, v in (row | found).items()})


def _request(cell: Cell, prompt: Prompt) -> OptionRequest | TextRequest:
    if cell.kind == "text":
        return TextRequest(
            model=cell.model,
            messages=prompt.messages,
            max_tokens=cell.max_tokens,
            temperature=cell.temperature,
            top_p=cell.top_p if cell.temperature != 0 else None,
            seed=cell.seed if cell.temperature else None,
        )
    assert cell.question is not None  # noqa: S101 - Cell's own validator holds it
    order = printed_order(cell.question, cell.variant)
    return OptionRequest(
        model=cell.model,
        messages=prompt.messages,
        labels=labels_for(cell.question, cell.variant),
        codes=tuple(cell.question.codes[place] for place in order),
        samples=cell.samples,
        temperature=cell.temperature,
        seed=cell.seed,
    )


def _parse(cell: Cell, answer: TextAnswer) -> Parsed:
    if answer.finish == "refusal":
        return Parsed(outcome="refusal")
    if cell.question is None:
        return Parsed(outcome="text")
    options = printed_options(cell.question, cell.variant)
    return parse_answer(answer.text, labels_for(cell.question, cell.variant), options)
