"""Reads the answers of OpenAI's chat completions and of its older completions."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from core.errors import BadAnswer, said
from core.providers.chat import plain_text
from core.providers.hosted.calls import call_of, readable
from core.providers.hosted.first_word import spelled
from core.providers.hosted.top_k import Scored, top_tokens
from core.types import Call, Message, Model, TextAnswer

FINISH = {"length": "length", "max_tokens": "length", "content_filter": "refusal", "sensitive": "refusal"}


class _Scored(BaseModel):
    model_config = ConfigDict(strict=True, from_attributes=True)

    token: str
    logprob: float
    bytes: list[int] | None = None


class _Told(_Scored):
    top_logprobs: list[_Scored] | None = None


def first_choice(answer: Any, model: Model) -> Any:
    """The first choice of a well-formed answer. Raises :class:`BadAnswer`."""
    choices = getattr(answer, "choices", None)
    if not isinstance(choices, list):
        raise BadAnswer(said("not_json_of_api", model=model.name))
    if not choices:
        raise BadAnswer(said("no_choice", model=model.name))
    if model.chat and getattr(choices[0], "message", None) is None:
        raise BadAnswer(said("no_message", model=model.name))
    return choices[0]


def first_token(choice: Any, chat: bool) -> list[Scored] | None:
    """The likely first tokens with their log-probabilities; ``None`` where the endpoint gave none.

    The chosen token is added where it is not among the likeliest. Raises :class:`BadAnswer` for a wrong shape.
    """
    told = getattr(choice, "logprobs", None)
    if told is None:
        return None
    try:
        # Some servers (llama.cpp) give the log-probabilities of completions in the shape of chat completions.
        content = told.content if chat else getattr(told, "content", None)
        if not chat and not content:
            first = told.top_logprobs
            return [(spelled(token), logprob) for token, logprob in first[0].items()] if first else None
        if not content:
            return None
        # For a shape that the SDK does not know, it gives plain dictionaries.
        entry = _Told.model_validate(content[0])
        tokens = [(spelled(one.token, one.bytes), one.logprob) for one in entry.top_logprobs or ()]
        if entry.token not in [one.token for one in entry.top_logprobs or ()]:
            tokens.append((spelled(entry.token, entry.bytes), entry.logprob))
    except (AttributeError, IndexError, TypeError, ValidationError) as error:
        raise BadAnswer(said("logprobs_shape")) from error
    return tokens


def text_of(choice: Any, model: Model) -> tuple[str, str]:
    """The text of a choice and why it ended. Raises :class:`BadAnswer` where it is no text."""
    finish = FINISH.get(str(getattr(choice, "finish_reason", "")), "stop")
    if not model.chat:
        return written(choice.text, model), finish
    if refusal := written(getattr(choice.message, "refusal", None), model):
        return refusal, "refusal"
    content = choice.message.content
    if isinstance(content, list):  # a list of parts; the parts with a text are the answer
        parts = [part if isinstance(part, dict) else vars(part) for part in content]
        content = "".join(written(part.get("text"), model) for part in parts if part.get("type") in ("text", None))
    return written(content, model), finish


def text_answer(text: str, finish: str, call: Call) -> TextAnswer:
    """The answer with ``text``, which ends because of ``finish``."""
    return TextAnswer.model_validate({"text": text, "finish": finish, "call": call})


def told_call(
    messages: tuple[Message, ...], model: Model, answer: Any, tokens: list[Scored] | tuple[()], settings: str
) -> Call:
    """What ``answer`` says of the call with ``messages``; ``tokens`` are the likely first tokens.

    ``settings`` is what was sent besides, see :class:`core.types.Call`.
    """
    prompt = readable(messages) if model.chat else plain_text(messages)
    names = ("prompt_tokens", "completion_tokens")
    call = call_of(prompt, getattr(answer, "usage", None), names, top_tokens(tokens), answer)
    return call.model_copy(update={"settings": settings})


def written(text: Any, model: Model) -> str:
    """The text of an answer; empty where there is none. Raises :class:`BadAnswer` where it is no text."""
    if text is None or isinstance(text, str):
        return text or ""
    raise BadAnswer(said("no_message", model=model.name))
