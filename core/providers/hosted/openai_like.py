"""The provider of all endpoints with OpenAI's chat completions, or its older completions for base models."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from core.cancel import CancelToken
from core.errors import BadAnswer, RefusedByProvider, said
from core.parsing.thoughts import without_thoughts
from core.providers.chat import plain_text
from core.providers.hosted.base import Hosted
from core.providers.hosted.calls import declined, room
from core.providers.hosted.capabilities import Seen, drop, effective, saw, saw_logprobs, seen
from core.providers.hosted.completions import (
    FINISH,
    first_choice,
    first_token,
    text_answer,
    text_of,
    told_call,
    written,
)
from core.providers.hosted.faults import TokenIds, as_our_errors
from core.providers.hosted.first_word import what_took
from core.providers.hosted.kept_checks import keep_settings, kept_check, recall_settings
from core.providers.hosted.parameters import Answered, Sender, call_without_refused
from core.providers.hosted.top_k import Scored, label_mass
from core.providers.hosted.transport import has_ended
from core.types import Message, Model, OptionAnswer, OptionDistribution, OptionRequest, TextAnswer, TextRequest

_MOST = 20
_THINKING_OFF: tuple[dict[str, Any], ...] = (
    # vLLM, SGLang and llama.cpp pass these to the chat template. Families of models use different names.
    {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}},
    {"reasoning_effort": "none"},  # Ollama and hosted endpoints
)
_LLAMA_CPP = re.compile(r"b\d+-([0-9a-f]+|unknown)\Z")
"""A build and its commit, as llama.cpp's server tells them; one built elsewhere, as in xllamacpp, is ``b0-unknown``."""


class _Look(NamedTuple):
    """What one request gave: the whole answer, its likely first tokens, and the probability on each label.

    ``settings`` are those that were found at run time and sent with it. ``off`` is true where thinking was switched
    off, as an earlier request had shown to be possible.
    """

    answer: Any
    settings: str
    tokens: list[Scored] | None
    mass: tuple[float, ...]
    off: bool

    def reading(self, request: OptionRequest, model: Model) -> OptionAnswer:
        return OptionAnswer(
            distribution=OptionDistribution(codes=request.codes, mass=self.mass, method="top_k"),
            call=told_call(request.messages, model, self.answer, self.tokens or (), self.settings),
        )


class OpenAILikeProvider(Hosted):
    """Models behind ``Model.endpoint``, hosted or served by the user, through the openai SDK."""

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
            keep_settings(model)
            return self._read(sender, request)
        took = what_took(found.tokens, sum(found.mass))
        if took == "thought" and not found.off:
            for off in _THINKING_OFF:
                again = self._look_without(sender, request, off)
                if again is not None and what_took(again.tokens or (), sum(again.mass)) != "thought":
                    saw(model, thinking_off=json.dumps(off), thinks=True, logprobs=True)
                    keep_settings(model)
                    return again.reading(request, model)
        if took == "thought":
            saw(model, logprobs=False, thinks=True, thinking_off="")
            keep_settings(model)
            return None
        if took == "token_ids":
            raise TokenIds(said("reading_token_ids", model=model.name))
        saw_logprobs(model, True)
        return found.reading(request, model)

    def ask_once(self, model: Model, messages: tuple[Message, ...], wanted: dict[str, Any]) -> Any:
        """The endpoint's whole answer to ``wanted``, with its likely first tokens where it gives any.

        Raises :class:`ProviderError`.
        """
        sender = self.sender(model)
        with self._paces.of(model.endpoint or "").turn():
            return _send(sender, messages, {**_likely_words(model), **wanted}).answer

    def _look(self, sender: Sender, request: OptionRequest, besides: dict[str, Any]) -> _Look | OptionAnswer:
        """One request for the likely first tokens; the answer itself where the model declined."""
        model = sender.model
        known = recall_settings(model)
        if known == Seen() and (kept := kept_check(model)) is not None and kept.scaled is False:
            known = saw(model, temperature=0.0)
        wanted: dict[str, Any] = {"max_tokens": 1, **_likely_words(model)}
        if effective(model).temperature:
            # Some servers scale the probabilities they tell by it, unless it was measured that this one does not.
            wanted["temperature"] = 1.0 if known.temperature is None else known.temperature
        if besides:
            wanted["extra_body"] = besides
        answer, settings = _send(sender, request.messages, wanted)
        choice = first_choice(answer, model)
        tokens = first_token(choice, model.chat)
        if tokens is None and text_of(choice, model)[1] == "refusal":
            return declined(request)  # of the model's log-probabilities it says nothing
        mass = label_mass(tokens, request.labels) if tokens is not None else ()
        return _Look(answer, settings, tokens, mass, bool(known.thinking_off))

    def _look_without(self, sender: Sender, request: OptionRequest, off: dict[str, Any]) -> _Look | None:
        """The same with thinking off; ``None`` where the endpoint does not accept that."""
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
        """The parameters of a text request that the endpoint accepts."""
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
            if "stream" not in seen(model).dropped:
                streamed = _stream(sender, request, wanted, grow, cancel)
                if streamed is not None:
                    return streamed
                drop(model, "stream")
            answer = self._text(sender, request, wanted, None, cancel)
            grow(answer.text)
            return answer
        answer, settings = _send(sender, request.messages, wanted)
        choice = first_choice(answer, model)
        tokens = first_token(choice, model.chat) if "logprobs" in wanted else None
        if "logprobs" in wanted and seen(model).logprobs is None:
            saw_logprobs(model, tokens is not None)
        text, finish = text_of(choice, model)
        return text_answer(text, finish, told_call(request.messages, model, answer, tokens or (), settings))


def _is_cut_off(text: TextAnswer) -> bool:
    """Whether there is no answer because the limit of tokens was reached, or because there is only a thought."""
    return (text.finish == "length" or bool(text.text.strip())) and not without_thoughts(text.text).strip()


def _thinker(model: Model) -> Model:
    return model.model_copy(update={"capabilities": model.capabilities.model_copy(update={"reasoning": True})})


def _is_llama_cpp(answer: Any) -> bool:
    return bool(_LLAMA_CPP.match(str(getattr(answer, "system_fingerprint", "") or "")))


def _likely_words(model: Model) -> dict[str, Any]:
    most = min(effective(model).top_k or _MOST, _MOST)
    return {"logprobs": True, "top_logprobs": most} if model.chat else {"logprobs": most}


def _send(sender: Sender, messages: tuple[Message, ...], wanted: dict[str, Any], stream: bool = False) -> Answered:
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


def _stream(
    sender: Sender, request: TextRequest, wanted: dict[str, Any], grow: Callable[[str], None], cancel: CancelToken
) -> TextAnswer | None:
    """The text of a stream; ``None`` where the endpoint answered with one JSON object instead of a stream.

    Raises :class:`BadAnswer` for an empty stream, and for one that ends without a reason or a mark of its end.
    """
    model = sender.model
    pieces, settings = _send(sender, request.messages, wanted, stream=True)
    text, finish, last, tokens, refused, ended, came = "", "stop", None, None, "", False, False
    with as_our_errors(model, sender.key):
        for piece in _closing(pieces):
            last = piece if last is None or getattr(piece, "usage", None) is not None else last
            for choice in (getattr(piece, "choices", None) or ())[:1]:
                came = True
                if tokens is None and "logprobs" in wanted:
                    tokens = first_token(choice, model.chat)
                delta = getattr(choice, "delta", None)
                refused += written(getattr(delta, "refusal", None), model)
                grown = written(
                    getattr(delta if model.chat else choice, "content" if model.chat else "text", None), model
                )
                if grown:
                    text += grown
                    grow(text)
                if getattr(choice, "finish_reason", None):
                    finish, ended = FINISH.get(str(choice.finish_reason), "stop"), True
            if cancel.is_set():
                finish, ended = "cancelled", True
                break
    if not came and finish != "cancelled":
        if "json" in pieces.response.headers.get("content-type", ""):
            return None
        raise BadAnswer(said("stream_empty", model=model.name))
    if not (ended or has_ended(pieces.response)):
        raise BadAnswer(said("stream_broken", model=model.name))
    if refused:
        text, finish = text or refused, "refusal"
    return text_answer(text, finish, told_call(request.messages, model, last, tokens or (), settings))


def _closing(pieces: Any) -> Iterator[Any]:
    """The pieces of a stream, which is closed in whatever way the loop over them ends."""
    try:
        yield from pieces
    finally:
        pieces.close()
