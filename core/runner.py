"""plan -> cells -> cache or provider -> rows.

The runner asks what is not known yet, in batches a provider can take, keeps every answer before it goes on, and
turns failures into rows, so that one model that cannot be asked never stops the others.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol

from core.errors import DataError, InputError, ProviderError
from core.prompts.parse import Parsed, parse_answer
from core.prompts.render import labels_for, printed_order, render
from core.providers.base import CancelToken, Provider, check_cancel
from core.store.cache import cache_key
from core.types import (
    Cell,
    Frozen,
    OptionAnswer,
    OptionRequest,
    Prompt,
    Response,
    TextAnswer,
    TextRequest,
    canonical_json,
    digest,
)

OnResults = Callable[[list["Result"]], None]
OnText = Callable[[Cell, str], None]


class Result(Frozen):
    """A cell with its row; ``cached`` tells that the row was measured earlier, at ``response.created``."""

    cell: Cell
    response: Response
    cached: bool


class Keeper(Protocol):
    """Where rows are kept and found again."""

    def lookup(self, keys: Sequence[str]) -> dict[str, Response]:
        """Rows already measured, by cache key; errors are never among them."""

    def append(self, rows: Sequence[Response]) -> list[Response]:
        """Keep ``rows`` and return them as kept, with the id of their run.

        Raises :class:`DataError` where they cannot be written.
        """


class _Work(Frozen):
    """A cell made ready: its prompt, its request and its cache key."""

    cell: Cell
    prompt: Prompt
    request: OptionRequest | TextRequest
    key: str
    revision: str | None


def cell_id(cell: Cell) -> str:
    """Stable id of a cell: the same question, persona, variant, model and sample give the same id."""
    what = cell.question.id if cell.question and cell.question.survey else cell.text or canonical_json(_plain(cell))
    return digest(
        {
            "kind": cell.kind,
            "model": cell.model.id,
            "what": what,
            "persona": cell.persona.key,
            "variant": cell.variant.model_dump(mode="json"),
            "context": [cell.tag, cell.detail, [turn.model_dump() for turn in cell.history]],
            "sampling": [cell.temperature, cell.seed, cell.sample],
        },
        20,
    )


def _plain(cell: Cell) -> object:
    return cell.question.model_dump(mode="json") if cell.question else None


def _request(cell: Cell, prompt: Prompt) -> OptionRequest | TextRequest:
    if cell.kind == "text":
        return TextRequest(
            model=cell.model,
            messages=prompt.messages,
            max_tokens=cell.max_tokens,
            temperature=cell.temperature,
            seed=cell.seed if cell.temperature else None,
        )
    assert cell.question is not None  # noqa: S101 - Cell's own validator holds it
    order = printed_order(cell.question, cell.variant)
    return OptionRequest(
        model=cell.model,
        messages=prompt.messages,
        labels=labels_for(cell.question),
        codes=tuple(cell.question.codes[place] for place in order),
        samples=cell.samples,
        temperature=cell.temperature,
        seed=cell.seed,
    )


class Runner:
    """Runs cells against providers and keeps what comes back."""

    def __init__(self, keeper: Keeper, provider_of: Callable[[str], Provider]) -> None:
        self._keeper = keeper
        self._provider_of = provider_of
        self.storage_error: DataError | None = None
        """Why answers could not be written to disk, if they could not; they are handed out all the same."""

    def run(
        self,
        cells: Sequence[Cell],
        *,
        fresh: bool = False,
        cancel: CancelToken | None = None,
        on_results: OnResults | None = None,
        on_text: OnText | None = None,
    ) -> list[Result]:
        """Ask ``cells`` and return their results in order of completion.

        ``fresh`` asks again even what is known. A model that cannot be asked at all gives error rows for each of
        its cells. Raises :class:`Cancelled` when stopped; what was measured before is kept.
        """
        results: list[Result] = []
        for _, same_model in groupby(cells, key=lambda cell: cell.model.id):
            for chunk in self._ask_model(list(same_model), fresh, cancel, on_text):
                results.extend(chunk)
                if on_results:
                    on_results(chunk)
        return results

    def _ask_model(
        self, cells: list[Cell], fresh: bool, cancel: CancelToken | None, on_text: OnText | None
    ) -> Iterator[list[Result]]:
        model = cells[0].model
        provider = self._provider_of(model.provider)
        try:
            revision = provider.revision(model)
        except ProviderError as error:
            yield self._keep_failures([_prepare(cell, None) for cell in cells], error)
            return
        chunks = list(_chunks(cells, provider.batch_size(model)))
        for position, chunk in enumerate(chunks):
            check_cancel(cancel)
            work = [_prepare(cell, revision) for cell in chunk]
            known = {} if fresh else self._keeper.lookup([item.key for item in work])
            hits = [Result(cell=i.cell, response=known[i.key], cached=True) for i in work if i.key in known]
            asked = [item for item in work if item.key not in known]
            try:
                made = self._ask(provider, asked, cancel, on_text) if asked else []
            except ProviderError as error:
                rest = [_prepare(cell, revision) for later in chunks[position + 1 :] for cell in later]
                yield hits + self._keep_failures(asked + rest, error)
                return
            yield hits + made

    def _ask(
        self, provider: Provider, work: list[_Work], cancel: CancelToken | None, on_text: OnText | None
    ) -> list[Result]:
        def grow(position: int, text: str) -> None:
            if on_text:
                on_text(work[position].cell, text)

        answers: Sequence[OptionAnswer | TextAnswer | ProviderError]
        if isinstance(work[0].request, OptionRequest):
            requests = [item.request for item in work if isinstance(item.request, OptionRequest)]
            answers = provider.option_distribution(requests, cancel)
        else:
            texts = [item.request for item in work if isinstance(item.request, TextRequest)]
            answers = provider.generate(texts, grow, cancel)
        made = [(item, self._row(item, answer)) for item, answer in zip(work, answers, strict=True)]
        return self._keep([(item, row) for item, row in made if row is not None])

    def _keep_failures(self, work: list[_Work], error: ProviderError) -> list[Result]:
        return self._keep([(item, self._failed(item, error)) for item in work])

    def _keep(self, made: list[tuple[_Work, Response]]) -> list[Result]:
        rows = [row for _, row in made]
        try:
            rows = self._keeper.append(rows)
        except DataError as error:
            self.storage_error = error
        return [Result(cell=item.cell, response=row, cached=False) for (item, _), row in zip(made, rows, strict=True)]

    def _row(self, work: _Work, answer: OptionAnswer | TextAnswer | ProviderError) -> Response | None:
        if isinstance(answer, ProviderError):
            return self._failed(work, answer)
        call = {
            "top_tokens": json.dumps([[t.text, round(t.probability, 6)] for t in answer.call.top_tokens]),
            "rendered_prompt": answer.call.rendered_prompt,
            "latency_s": answer.call.latency_s,
            "tokens_in": answer.call.tokens_in,
            "tokens_out": answer.call.tokens_out,
        }
        if isinstance(answer, OptionAnswer):
            read = answer.distribution
            outcome = "option" if read.valid_mass > 0 else "invalid"
            return self._base(
                work, outcome=outcome, mass=read.mass, valid_mass=read.valid_mass, method=read.method, n=read.n, **call
            )
        if answer.finish == "cancelled":
            return None
        parsed = _parse(work.cell, answer)
        code = None
        if parsed.place is not None and work.cell.question is not None:
            order = printed_order(work.cell.question, work.cell.variant)
            code = work.cell.question.codes[order[parsed.place]]
        return self._base(work, outcome=parsed.outcome, text=answer.text, parsed_code=code, **call)

    def _failed(self, work: _Work, error: ProviderError) -> Response:
        text = f"{error.message} {error.hint}".strip()
        return self._base(work, outcome="error", error_kind=error.kind, error_text=text)

    def _base(self, work: _Work, **found: object) -> Response:
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
            "question_json": None if question and question.survey else canonical_json(_plain(cell) or cell.text),
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
        return Response.model_validate(row | found)


def _prepare(cell: Cell, revision: str | None) -> _Work:
    prompt = render(cell)
    request = _request(cell, prompt)
    method = cell.model.capabilities.method if cell.kind == "options" else None
    key = cache_key(request, revision=revision, prompt_version=prompt.version, method=method, sample=cell.sample)
    return _Work(cell=cell, prompt=prompt, request=request, key=key, revision=revision)


def _parse(cell: Cell, answer: TextAnswer) -> Parsed:
    if answer.finish == "refusal":
        return Parsed(outcome="refusal")
    if cell.question is None:
        return Parsed(outcome="text")
    order = printed_order(cell.question, cell.variant)
    options = [cell.question.options[place].text.get(cell.variant.language) for place in order]
    return parse_answer(answer.text, labels_for(cell.question), options)


def _chunks(cells: Iterable[Cell], size: int) -> Iterator[list[Cell]]:
    """Batches of one kind; readings of one question, persona and language stay together where they fit."""
    batch: list[Cell] = []
    groups = groupby(cells, key=lambda c: (c.kind, c.question and c.question.id, c.persona.key, c.variant.language))
    for _, grouped in groups:
        group = list(grouped)
        if batch and (batch[0].kind != group[0].kind or len(batch) + len(group) > size):
            yield batch
            batch = []
        batch += group
        while len(batch) > size:
            yield batch[:size]
            batch = batch[size:]
    if batch:
        yield batch


def check_prompt_length(text: str, limit: int) -> str:
    """``text`` stripped. Raises :class:`InputError` where it is empty or longer than ``limit`` characters."""
    stripped = text.replace("\x00", "").strip()
    if not stripped:
        raise InputError("There is no text to ask.", "Type a question or a prompt first.")
    if len(stripped) > limit:
        raise InputError(
            f"This text has {len(stripped):,} characters; {limit:,} is the most.", "Shorten it and ask again."
        )
    return stripped
