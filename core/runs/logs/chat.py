"""What chat logs have in common: messages, the question in the last of them, probabilities of the first token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core.errors import BadAnswer
from core.providers.hosted.top_k import label_mass
from core.runs.logs.entries import listed_options
from core.types import Message

_LEAST = 0.5
"""Least probability on the labels with which the first token is taken for the answer."""


class Asked(NamedTuple):
    """A question as it stood in the last turn of a chat."""

    stem: str
    options: tuple[str, ...]
    labels: tuple[str, ...]
    before: tuple[Message, ...]
    prompt: str


def text_of(content: Any) -> str:
    """The text of a message, whole or in parts; parts that are no text count as nothing."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "".join(part["text"] for part in parts if isinstance(part, dict) and isinstance(part.get("text"), str))


def turns(messages: Any) -> tuple[Message, ...]:
    """The messages of a request; those of roles beyond system, user and assistant are taken for the system's."""
    made = []
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict) and (text := text_of(message.get("content"))):
            role = message.get("role")
            made.append(Message(role=role if role in ("user", "assistant") else "system", content=text))
    return tuple(made)


def asked(messages: Sequence[Message]) -> Asked | None:
    """The question in the last turn; ``None`` where that turn is not the user's or lists no options."""
    if not messages or messages[-1].role != "user":
        return None
    listed = listed_options(messages[-1].content)
    if listed is None:
        return None
    prompt = "\n\n".join(message.content for message in messages)
    return Asked(listed.stem, listed.options, listed.labels, tuple(messages[:-1]), prompt)


def first_token(logprobs: Any, labels: Sequence[str]) -> tuple[float, ...] | None:
    """Probability on each label as the first token tells it; ``None`` where it tells too little to be the answer."""
    content = logprobs.get("content") if isinstance(logprobs, Mapping) else None
    first = content[0] if isinstance(content, list) and content and isinstance(content[0], Mapping) else {}
    told = first.get("top_logprobs")
    if not labels or not isinstance(told, list) or not all(isinstance(one, Mapping) for one in told):
        return None
    try:
        mass = label_mass([(one.get("token"), one.get("logprob")) for one in told], labels)
    except BadAnswer:
        return None  # no probabilities: the written answer is read instead
    return mass if sum(mass) >= _LEAST else None
