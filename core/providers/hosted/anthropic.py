"""Claude, through the anthropic SDK: no temperature, no log-probabilities, so options are counted from samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from core.cancel import CancelToken
from core.errors import BadAnswer, said
from core.providers.hosted.base import Hosted
from core.providers.hosted.calls import call_of, readable, room
from core.providers.hosted.completions import written
from core.providers.hosted.faults import as_our_errors
from core.providers.hosted.parameters import Sender, call_without_refused
from core.types import Message, OptionRequest, TextAnswer, TextRequest

_FINISH = {"max_tokens": "length", "model_context_window_exceeded": "length", "refusal": "refusal"}
_DECLINE = "decline"


class AnthropicProvider(Hosted):
    """Models behind Anthropic's Messages API."""

    name = "anthropic"

    def _sdk(self) -> tuple[type[Any], type[Any]]:
        from anthropic import Anthropic, DefaultHttpxClient

        return Anthropic, DefaultHttpxClient

    def _write(
        self,
        sender: Sender,
        request: TextRequest,
        options: OptionRequest | None,
        grow: Callable[[str], None] | None,
        cancel: CancelToken,
    ) -> TextAnswer:
        needed: dict[str, Any] = {
            "model": sender.model.remote_id,
            "messages": [message.model_dump() for message in _turns(request.messages)],
            "max_tokens": room(request),
        }
        if system := "\n\n".join(message.content for message in request.messages if message.role == "system"):
            needed["system"] = system
        if grow is not None:
            streamed = _stream(sender, request, needed, grow, cancel)
            if streamed is not None:
                return streamed
        wanted = {"output_config": {"format": _label_schema(options)}} if options else {}
        answer = call_without_refused(sender, sender.client.messages.create, needed, wanted).answer
        content = getattr(answer, "content", None)
        if not isinstance(content, list):
            raise BadAnswer(said("not_this_json", model=sender.model.name))
        blocks = [block for block in content if getattr(block, "type", "") == "text"]
        text = "".join(written(getattr(block, "text", None), sender.model) for block in blocks)
        reason = getattr(answer, "stop_reason", None)
        if not text and reason is None:
            raise BadAnswer(said("no_message", model=sender.model.name))
        finish = _FINISH.get(str(reason), "stop")
        if grow is not None:
            grow(text)
        if options and finish != "refusal":
            text, finish = _label(text, finish)
        return _answer(request, text, finish, answer)


def _turns(messages: tuple[Message, ...]) -> list[Message]:
    return [message for message in messages if message.role != "system"]


def _label_schema(options: OptionRequest) -> dict[str, Any]:
    """A label or a way out: a model that is only offered labels could not refuse."""
    return {
        "type": "json_schema",
        "schema": {
            "type": "object",
            "properties": {"answer": {"type": "string", "enum": [*options.labels, _DECLINE]}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    }


def _label(text: str, finish: str) -> tuple[str, str]:
    """The answer inside a schema's JSON; any other text as it is, to be read like every text."""
    try:
        found = json.loads(text)
    except ValueError:
        return text, finish
    answer = found.get("answer") if isinstance(found, dict) else None
    if not isinstance(answer, str):
        return text, finish
    return answer, "refusal" if answer == _DECLINE else finish


def _answer(request: TextRequest, text: str, finish: str, answer: Any) -> TextAnswer:
    usage = getattr(answer, "usage", None)
    call = call_of(readable(request.messages), usage, ("input_tokens", "output_tokens"), served=answer)
    return TextAnswer.model_validate({"text": text, "finish": finish, "call": call})


def _stream(
    sender: Sender, request: TextRequest, needed: dict[str, Any], grow: Callable[[str], None], cancel: CancelToken
) -> TextAnswer | None:
    """The text of a stream; ``None`` where the endpoint answered with one JSON object, as if none had been wanted.

    Raises :class:`BadAnswer` for a stream of nothing or of the wrong shape, and for one that is closed before it told
    why it ends.
    """
    model = sender.model
    text, begun, ended, stopped = "", False, False, False
    events = call_without_refused(sender, sender.client.messages.create, {**needed, "stream": True}, {}).answer
    usage: dict[str, Any] = {}
    served, finish = None, "stop"
    try:
        with as_our_errors(model, sender.key):
            for event in events:
                kind = getattr(event, "type", "")
                if kind == "message_start":
                    message = getattr(event, "message", None)
                    begun, served = True, getattr(message, "model", None)
                    usage["input_tokens"] = getattr(getattr(message, "usage", None), "input_tokens", None)
                elif kind == "content_block_delta":
                    if (delta := getattr(event, "delta", None)) is None:
                        raise BadAnswer(said("no_message", model=model.name))
                    if getattr(delta, "type", "") == "text_delta":
                        text += written(getattr(delta, "text", None), model)
                        grow(text)
                elif kind == "message_delta":
                    usage["output_tokens"] = getattr(getattr(event, "usage", None), "output_tokens", None)
                    reason = getattr(getattr(event, "delta", None), "stop_reason", None)
                    finish, ended = _FINISH.get(str(reason), "stop"), ended or reason is not None
                elif kind == "message_stop":
                    ended = True
                if cancel.is_set():
                    stopped = True
                    break
    finally:
        events.close()
    if not (begun or text or stopped):
        if "json" in events.response.headers.get("content-type", ""):
            return None
        raise BadAnswer(said("stream_empty", model=model.name))
    if not (ended or stopped):
        raise BadAnswer(said("stream_broken", model=model.name))
    told = type("Told", (), {"usage": type("Usage", (), usage)(), "model": served})()
    return _answer(request, text, "cancelled" if stopped else finish, told)
