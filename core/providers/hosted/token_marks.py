"""How a server spells the likely words, which it tells as nothing, and the marks of the beginning before a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.providers.hosted.first_word import spelled

_BEGINNINGS = frozenset({"<s>", "<bos>", "<|begin_of_text|>", "<|startoftext|>", "[BOS]", "<BOS_TOKEN>"})
"""How the vocabularies of common families spell the beginning of a sequence."""


def nameless(choice: Any) -> int | None:
    """How many likely words of a choice are told as empty texts, or as the sign for a broken character, without bytes.

    Vocabularies of bytes cut rarer characters, Chinese ones above all, into parts that are no text by themselves; a
    server that tells neither their bytes nor a text hides what they are. ``None`` where no likely words are told.
    """
    told = _told(choice)
    if told is None:
        return None
    return sum(not str(_field(one, "token") or "").strip("\ufffd") and not _field(one, "bytes") for one in told)


def marked(choice: Any) -> bool | None:
    """Whether likely words of a choice are spelled with the marks of a vocabulary; ``None`` where none are told."""
    told = _told(choice)
    if told is None:
        return None
    return any(spelled(str(_field(one, "token") or ""), _field(one, "bytes")) != _field(one, "token") for one in told)


def told_words(choice: Any) -> list[str] | None:
    """The list of likely words of a choice, as they are told; ``None`` where none are told."""
    told = _told(choice)
    return None if told is None else [str(_field(one, "token") or "") for one in told]


def _told(choice: Any) -> list[Any] | None:
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    told = _field(content[0], "top_logprobs") if isinstance(content, list) and content else None
    return told if isinstance(told, list) else None


def beginnings(answer: Any) -> int | None:
    """How many marks of the beginning stand before a prompt, from the tokens of it that a server tells.

    Completions tell them when asked to echo the prompt, vLLM's chat when asked for ``prompt_logprobs``. ``None`` where
    they are not told. The first token of a prompt has no probability, so a list that begins with none hides the first
    mark: what follows it is counted one higher where it is a mark too.
    """
    told = getattr(answer, "prompt_logprobs", None)
    if isinstance(told, list) and len(told) > 1:
        first = next(iter(told[1].values()), None) if isinstance(told[1], Mapping) else None
        return None if first is None else (2 if _is_beginning(_field(first, "decoded_token")) else 1)
    choices = getattr(answer, "choices", None)
    logprobs = getattr(choices[0], "logprobs", None) if isinstance(choices, list) and choices else None
    tokens = getattr(logprobs, "tokens", None)
    if not isinstance(tokens, list) or len(tokens) < 3:
        return None
    return next((place for place, token in enumerate(tokens) if not _is_beginning(token)), len(tokens))


def _is_beginning(token: Any) -> bool:
    return isinstance(token, str) and token.strip() in _BEGINNINGS


def _field(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)
