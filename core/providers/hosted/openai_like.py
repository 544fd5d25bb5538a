"""Every endpoint that speaks OpenAI's chat completions, or its older completions for base models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.cancel import CancelToken
from core.errors import BadAnswer, said
from core.providers.chat import plain_text
from core.providers.hosted.base import Hosted, call_of, declined, readable, room
from core.providers.hosted.capabilities import effective, saw_logprobs, seen
from core.providers.hosted.faults import as_our_errors
from core.providers.hosted.parameters import Sender, call_without_refused
from core.providers.hosted.top_k import Scored, label_mass, top_tokens
from core.types import Call, Message, Model, OptionAnswer, OptionDistribution, OptionRequest, TextAnswer, TextRequest

_MOST = 20
_FINISH = {"length": "length", "max_tokens": "length", "content_filter": "refusal", "sensitive": "refusal"}


class _Scored(BaseModel):
    model_config = ConfigDict(strict=True, from_attributes=True)

    token: str
    logprob: float


class _Told(_Scored):
    top_logprobs: list[_Scored] | None = None


class OpenAILikeProvider(Hosted):
    """Hosted and self-served models behind ``Model.endpoint``, through the openai SDK."""

    name = "openai_like"

    def _sdk(self) -> tuple[type[Any], type[Any]]:
        from openai import DefaultHttpxClient, OpenAI

        return OpenAI, DefaultHttpxClient

    def _read(self, sender: Sender, request: OptionRequest) -> OptionAnswer | None:
        model = sender.model
        wanted: dict[str, Any] = {"max_tokens": 1, **_likely_words(model)}
        if effective(model).temperature:
            wanted["temperature"] = 1.0  # some servers scale the probabilities they tell by it
        answer = _send(sender, request.messages, wanted)
        choice = _first_choice(answer, model)
        tokens = _first_token(choice, model.chat)
        if tokens is None and _text_of(choice, model.chat)[1] == "refusal":
            return declined(request)  # of the model's log-probabilities it says nothing
        if tokens is None:
            saw_logprobs(model, False)
            return None
        mass = label_mass(tokens, request.labels)
        saw_logprobs(model, True)
        return OptionAnswer(
            distribution=OptionDistribution(codes=request.codes, mass=mass, method="top_k"),
            call=_call(request.messages, model, answer, tokens),
        )

    def _write(
        self,
        sender: Sender,
        request: TextRequest,
        options: OptionRequest | None,
        grow: Callable[[str], None] | None,
        cancel: CancelToken,
    ) -> TextAnswer:
        model = sender.model
        allowed = effective(model)
        wanted: dict[str, Any] = {"max_tokens": room(request)}
        if allowed.temperature:
            wanted["temperature"] = request.temperature or 0.0
        if allowed.top_p and request.top_p is not None:
            wanted["top_p"] = request.top_p
        if allowed.seed and request.seed is not None:
            wanted["seed"] = request.seed
        if options is None and allowed.logprobs == "top_k":
            wanted |= _likely_words(model)
        if grow is not None:
            return _stream(sender, request, wanted, grow, cancel)
        answer = _send(sender, request.messages, wanted)
        choice = _first_choice(answer, model)
        tokens = _first_token(choice, model.chat) if "logprobs" in wanted else None
        if "logprobs" in wanted and seen(model).logprobs is None:
            saw_logprobs(model, tokens is not None)
        text, finish = _text_of(choice, model.chat)
        return _answer(text, finish, _call(request.messages, model, answer, tokens or ()))


def _likely_words(model: Model) -> dict[str, Any]:
    most = min(effective(model).top_k or _MOST, _MOST)
    return {"logprobs": True, "top_logprobs": most} if model.chat else {"logprobs": most}


def _send(sender: Sender, messages: tuple[Message, ...], wanted: dict[str, Any], stream: bool = False) -> Any:
    model, client = sender.model, sender.client
    needed: dict[str, Any] = {"model": model.remote_id}
    if stream:
        needed["stream"] = True
        wanted = {**wanted, "stream_options": {"include_usage": True}}
    if not model.chat:
        return call_without_refused(
            sender, client.completions.create, {**needed, "prompt": plain_text(messages)}, wanted
        )
    needed["messages"] = [message.model_dump() for message in messages]
    return call_without_refused(sender, client.chat.completions.create, needed, wanted)


def _first_choice(answer: Any, model: Model) -> Any:
    """The first choice of a well-formed answer. Raises :class:`BadAnswer`."""
    choices = getattr(answer, "choices", None)
    if not isinstance(choices, list):
        raise BadAnswer(said("not_json_of_api", model=model.name))
    if not choices:
        raise BadAnswer(said("no_choice", model=model.name))
    if model.chat and getattr(choices[0], "message", None) is None:
        raise BadAnswer(said("no_message", model=model.name))
    return choices[0]


def _first_token(choice: Any, chat: bool) -> list[Scored] | None:
    """Likely first words with their log-probabilities, ``None`` where the endpoint told none.

    The chosen word is added where it is not among the likeliest. Raises :class:`BadAnswer` for a wrong shape.
    """
    told = getattr(choice, "logprobs", None)
    if told is None:
        return None
    try:
        # Some servers (llama.cpp) tell completions' log-probabilities in the shape of the chat's.
        content = told.content if chat else getattr(told, "content", None)
        if not chat and not content:
            first = told.top_logprobs
            return list(first[0].items()) if first else None
        if not content:
            return None
        # Where a shape was not foreseen, the SDK leaves plain dictionaries.
        entry = _Told.model_validate(content[0])
        tokens = [(one.token, one.logprob) for one in entry.top_logprobs or ()]
        if entry.token not in [token for token, _ in tokens]:
            tokens.append((entry.token, entry.logprob))
    except (AttributeError, IndexError, TypeError, ValidationError) as error:
        raise BadAnswer(said("logprobs_shape")) from error
    return tokens


def _text_of(choice: Any, chat: bool) -> tuple[str, str]:
    finish = _FINISH.get(str(getattr(choice, "finish_reason", "")), "stop")
    if not chat:
        return str(choice.text or ""), finish
    refusal = getattr(choice.message, "refusal", None)
    if refusal:
        return str(refusal), "refusal"
    content = choice.message.content
    return content if isinstance(content, str) else "", finish


def _answer(text: str, finish: str, call: Call) -> TextAnswer:
    return TextAnswer.model_validate({"text": text, "finish": finish, "call": call})


def _call(messages: tuple[Message, ...], model: Model, answer: Any, tokens: list[Scored] | tuple[()]) -> Call:
    prompt = readable(messages) if model.chat else plain_text(messages)
    names = ("prompt_tokens", "completion_tokens")
    return call_of(prompt, getattr(answer, "usage", None), names, top_tokens(tokens), answer)


def _stream(
    sender: Sender, request: TextRequest, wanted: dict[str, Any], grow: Callable[[str], None], cancel: CancelToken
) -> TextAnswer:
    model = sender.model
    pieces = _send(sender, request.messages, wanted, stream=True)
    text, finish, last, tokens, refused = "", "stop", None, None, ""
    with as_our_errors(model, sender.key):
        for piece in _closing(pieces):
            last = piece if last is None or getattr(piece, "usage", None) is not None else last
            for choice in (getattr(piece, "choices", None) or ())[:1]:
                if tokens is None and "logprobs" in wanted:
                    tokens = _first_token(choice, model.chat)
                delta = getattr(choice, "delta", None)
                refused += getattr(delta, "refusal", None) or ""
                grown = (getattr(delta, "content", None) if model.chat else choice.text) or ""
                if grown:
                    text += grown
                    grow(text)
                if getattr(choice, "finish_reason", None):
                    finish = _FINISH.get(str(choice.finish_reason), "stop")
            if cancel.is_set():
                finish = "cancelled"
                break
    if refused:
        text, finish = text or refused, "refusal"
    return _answer(text, finish, _call(request.messages, model, last, tokens or ()))


def _closing(pieces: Any) -> Iterator[Any]:
    """The pieces of a stream, which is closed however the loop over them ends."""
    try:
        yield from pieces
    finally:
        pieces.close()
