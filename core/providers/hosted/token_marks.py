"""Tokens that a server tells as nothing, and marks of the beginning that it puts before a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BEGINNINGS = frozenset({"<s>", "<bos>", "<|begin_of_text|>", "<|startoftext|>", "[BOS]", "<BOS_TOKEN>"})
"""How the vocabularies of common families spell the beginning of a sequence."""


def nameless(choice: Any) -> int | None:
    """How many likely words of a choice are told as empty texts, or as the sign for a broken character, without bytes.

    Vocabularies of bytes cut rarer characters, Chinese ones above all, into parts that are no text by themselves; a
    server that tells neither their bytes nor a text hides what they are. ``None`` where no likely words are told.
    """
    content = getattr(getattr(choice, "logprobs", None), "content", None)
    if not isinstance(content, list) or not content:
        return None
    told = _field(content[0], "top_logprobs")
    if not isinstance(told, list):
        return None
    return sum(not str(_field(one, "token") or "").strip("\ufffd") and not _field(one, "bytes") for one in told)


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
