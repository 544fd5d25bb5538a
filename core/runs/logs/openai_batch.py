"""Results of OpenAI's Batch API, with the file of requests that was sent: the results alone hold no question."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from core.runs.logs.chat import Asked, asked, first_token, text_of, turns
from core.runs.logs.entries import Entry, Left
from core.types import Message


def is_result(doc: Mapping[str, Any]) -> bool:
    """Whether ``doc`` is one line of the results."""
    return "custom_id" in doc and ("response" in doc or "error" in doc)


def is_request(doc: Mapping[str, Any]) -> bool:
    """Whether ``doc`` is one line of the requests."""
    return "custom_id" in doc and isinstance(doc.get("body"), dict)


class Results:
    """Reads results one after the other. ``requests`` are the bodies that were sent, by custom id."""

    def __init__(self, requests: Mapping[str, Mapping[str, Any]], model: str = "") -> None:
        self._requests, self._model = requests, model

    def read(self, doc: Mapping[str, Any], where: str) -> Iterator[Entry | Left]:
        """The answers of one line, several where ``n`` was more than one, or why it gives none."""
        request = self._requests.get(str(doc.get("custom_id")))
        if request is None:
            yield Left(reason="no_request", where=where)
            return
        response = doc.get("response")
        response = response if isinstance(response, dict) else {}
        body = response.get("body")
        if doc.get("error") or response.get("status_code") != 200 or not isinstance(body, dict):
            yield Left(reason="failed", where=where)
            return
        found = _asked(request)
        if found is None:
            yield Left(reason="no_options", where=where)
            return
        model = body.get("model") or request.get("model") or self._model
        if not isinstance(model, str) or not model.strip():
            yield Left(reason="no_model", where=where)
            return
        answers = list(_answers(body))
        if not answers:
            yield Left(reason="no_answer", where=where)
        usage = body.get("usage")
        usage = usage if isinstance(usage, dict) else {}
        for text, refused, logprobs in answers:
            if not text and not refused:
                yield Left(reason="no_answer", where=where)
                continue
            mass = first_token(logprobs, found.labels)
            yield Entry(
                where=where,
                stem=found.stem,
                options=found.options,
                labels=found.labels,
                model=model.strip(),
                prompt=found.prompt,
                before=found.before,
                text=None if mass else text,
                refused=refused,
                mass=mass,
                read_as="top_k",
                created=_time(body.get("created") or body.get("created_at")),
                tokens_in=_count(usage, ("prompt_tokens", "input_tokens")) if len(answers) == 1 else None,
                tokens_out=_count(usage, ("completion_tokens", "output_tokens")) if len(answers) == 1 else None,
                served_fingerprint=_name(body.get("system_fingerprint")),
            )


def _asked(request: Mapping[str, Any]) -> Asked | None:
    """The question of a request of chat completions, of the responses API or of plain completions."""
    messages = turns(request.get("messages"))
    given = request.get("input", request.get("prompt"))
    if not messages:
        messages = (Message(role="user", content=given),) if isinstance(given, str) else turns(given)
        if isinstance(before := request.get("instructions"), str) and before:
            messages = (Message(role="system", content=before), *messages)
    return asked(messages)


def _answers(body: Mapping[str, Any]) -> Iterator[tuple[str, bool, Any]]:
    """Text, whether it is a refusal, and log-probabilities of each answer."""
    choices = body.get("choices")
    for choice in choices if isinstance(choices, list) else []:
        if not isinstance(choice, dict):
            continue
        message = choice.get("message")
        message = message if isinstance(message, dict) else {"content": choice.get("text")}
        refusal = message.get("refusal")
        refused = bool(refusal) or choice.get("finish_reason") == "content_filter"
        yield text_of(message.get("content")) or text_of(refusal), refused, choice.get("logprobs")
    output = body.get("output")
    written = (
        [item for item in output if isinstance(item, dict) and item.get("type") == "message"]
        if isinstance(output, list)
        else []
    )
    if written:
        parts = [part for item in written for part in item.get("content") or [] if isinstance(part, dict)]
        refusals = "".join(text_of(part.get("refusal")) for part in parts)
        yield text_of(parts) or refusals, bool(refusals), None


def _time(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 2**32:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _count(usage: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    found = next((usage[name] for name in names if type(usage.get(name)) is int), None)
    return found if found is not None and 0 <= found < 2**53 else None


def _name(value: Any) -> str | None:
    return value[:200] if isinstance(value, str) and value else None
