"""Every endpoint that speaks OpenAI's chat completions, or its older completions for base models."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from core.cancel import CancelToken
from core.errors import BadAnswer, RefusedByProvider, said
from core.parsing.thoughts import without_thoughts
from core.providers.chat import plain_text
from core.providers.hosted.base import Hosted
from core.providers.hosted.calls import call_of, declined, readable, room
from core.providers.hosted.capabilities import effective, saw, saw_logprobs, seen
from core.providers.hosted.faults import TokenIds, as_our_errors
from core.providers.hosted.first_word import spelled, what_took
from core.providers.hosted.parameters import Sender, call_without_refused
from core.providers.hosted.top_k import Scored, label_mass, top_tokens
from core.types import Call, Message, Model, OptionAnswer, OptionDistribution, OptionRequest, TextAnswer, TextRequest

_MOST = 20
_THINKING_OFF: tuple[dict[str, Any], ...] = (
    # vLLM, SGLang and llama.cpp hand these to the chat template; families differ in the name they look for.
    {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}},
    {"reasoning_effort": "none"},  # Ollama and hosted endpoints
)
_LLAMA_CPP = re.compile(r"b\d{3,}-[0-9a-f]+\Z")
_FINISH = {"length": "length", "max_tokens": "length", "content_filter": "refusal", "sensitive": "refusal"}


class _Scored(BaseModel):
    model_config = ConfigDict(strict=True, from_attributes=True)

    token: str
    logprob: float
    bytes: list[int] | None = None


class _Told(_Scored):
    top_logprobs: list[_Scored] | None = None


class _Look(NamedTuple):
    """What one asking told: the whole answer, its likely first words, and what of them lies on each label.

    ``off`` where thinking was switched off, as it had been found to be possible.
    """

    answer: Any
    tokens: list[Scored] | None
    mass: tuple[float, ...]
    off: bool

    def reading(self, request: OptionRequest, model: Model) -> OptionAnswer:
        return OptionAnswer(
            distribution=OptionDistribution(codes=request.codes, mass=self.mass, method="top_k"),
            call=_call(request.messages, model, self.answer, self.tokens or ()),
        )


class OpenAILikeProvider(Hosted):
    """Hosted and self-served models behind ``Model.endpoint``, through the openai SDK."""

    name = "openai_like"

    def _sdk(self) -> tuple[type[Any], type[Any]]:
        from openai import DefaultHttpxClient, OpenAI

        return OpenAI, DefaultHttpxClient

    def _read(self, sender: Sender, request: OptionRequest) -> OptionAnswer | None:
        model = sender.model
        found = self._look(sender, request, {})
        if isinstance(found, OptionAnswer):
            return found  # declined
        if found.tokens is None:
            saw_logprobs(model, False)
            return None
        if _is_llama_cpp(found.answer) and not seen(model).besides:
            # Once its prompt lies in the cache, llama.cpp's server tells other probabilities: it is asked cold.
            saw(model, besides=json.dumps({"cache_prompt": False}))
            return self._read(sender, request)
        took = what_took(found.tokens, sum(found.mass))
        if took == "thought" and not found.off:
            for off in _THINKING_OFF:
                again = self._look_without(sender, request, off)
                if again is not None and what_took(again.tokens or (), sum(again.mass)) != "thought":
                    saw(model, thinking_off=json.dumps(off), thinks=True, logprobs=True)
                    return again.reading(request, model)
        if took == "thought":
            saw(model, logprobs=False, thinks=True, thinking_off="")
            return None
        if took == "token_ids":
            raise TokenIds(said("reading_token_ids", model=model.name))
        saw_logprobs(model, True)
        return found.reading(request, model)

    def _look(self, sender: Sender, request: OptionRequest, besides: dict[str, Any]) -> _Look | OptionAnswer:
        """One asking for the likely first words; the answer itself where the model declined."""
        model = sender.model
        known = seen(model)
        wanted: dict[str, Any] = {"max_tokens": 1, **_likely_words(model)}
        if effective(model).temperature:
            # Some servers scale the probabilities they tell by it, unless it was measured that this one does not.
            wanted["temperature"] = 1.0 if known.temperature is None else known.temperature
        if besides:
            wanted["extra_body"] = besides
        answer = _send(sender, request.messages, wanted)
        choice = _first_choice(answer, model)
        tokens = _first_token(choice, model.chat)
        if tokens is None and _text_of(choice, model.chat)[1] == "refusal":
            return declined(request)  # of the model's log-probabilities it says nothing
        mass = label_mass(tokens, request.labels) if tokens is not None else ()
        return _Look(answer, tokens, mass, bool(known.thinking_off))

    def _look_without(self, sender: Sender, request: OptionRequest, off: dict[str, Any]) -> _Look | None:
        """The same with thinking off; ``None`` where the endpoint does not take that."""
        try:
            found = self._look(sender, request, off)
        except RefusedByProvider:
            return None
        return found if isinstance(found, _Look) and found.tokens is not None else None

    def _write(
        self,
        sender: Sender,
        request: TextRequest,
        options: OptionRequest | None,
        grow: Callable[[str], None] | None,
        cancel: CancelToken,
    ) -> TextAnswer:
        model = sender.model
        wanted = self._how(request, options)
        text = self._text(sender, request, wanted, grow, cancel)
        most = room(request.model_copy(update={"model": _thinker(model)}))
        if _is_cut_off(text) and wanted["max_tokens"] < most:
            # It thinks first, which nobody had said: the room was for the answer alone.
            saw(model, thinks=True)
            text = self._text(sender, request, {**wanted, "max_tokens": most}, grow, cancel)
        if _is_cut_off(text):
            raise BadAnswer(said("only_thought", model=model.name))
        return text

    def _how(self, request: TextRequest, options: OptionRequest | None) -> dict[str, Any]:
        """What a text is asked with, as far as the endpoint takes it."""
        model = request.model
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
        return wanted

    def _text(
        self,
        sender: Sender,
        request: TextRequest,
        wanted: dict[str, Any],
        grow: Callable[[str], None] | None,
        cancel: CancelToken,
    ) -> TextAnswer:
        model = sender.model
        if grow is not None:
            return _stream(sender, request, wanted, grow, cancel)
        answer = _send(sender, request.messages, wanted)
        choice = _first_choice(answer, model)
        tokens = _first_token(choice, model.chat) if "logprobs" in wanted else None
        if "logprobs" in wanted and seen(model).logprobs is None:
            saw_logprobs(model, tokens is not None)
        text, finish = _text_of(choice, model.chat)
        return _answer(text, finish, _call(request.messages, model, answer, tokens or ()))


def _is_cut_off(text: TextAnswer) -> bool:
    """Whether the room ended before the answer began."""
    return text.finish == "length" and not without_thoughts(text.text).strip()


def _thinker(model: Model) -> Model:
    return model.model_copy(update={"capabilities": model.capabilities.model_copy(update={"reasoning": True})})


def _is_llama_cpp(answer: Any) -> bool:
    return bool(_LLAMA_CPP.match(str(getattr(answer, "system_fingerprint", "") or "")))


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
            return [(spelled(token), logprob) for token, logprob in first[0].items()] if first else None
        if not content:
            return None
        # Where a shape was not foreseen, the SDK leaves plain dictionaries.
        entry = _Told.model_validate(content[0])
        tokens = [(spelled(one.token, one.bytes), one.logprob) for one in entry.top_logprobs or ()]
        if entry.token not in [one.token for one in entry.top_logprobs or ()]:
            tokens.append((spelled(entry.token, entry.bytes), entry.logprob))
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
