"""Leaves out parameters that an endpoint refuses by name, for this model from then on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from core.providers.hosted.capabilities import as_settings, drop, refused_parameter, seen
from core.providers.hosted.faults import Refusal, as_our_errors
from core.types import Model

_PLAIN_FEW = 5  # many endpoints give at most five likely tokens
_FEW = "top_logprobs>"
"""Noted, with a number behind it, for an endpoint that gives at most so many likely tokens."""


class Answered(NamedTuple):
    """The SDK's answer to a request, and the ``settings`` that were found at run time and sent with it.

    The settings are a JSON object such as ``{"cache_prompt":false}``, or ``""`` where there were none. What the user
    says in ``request_body`` is not among them.
    """

    answer: Any
    settings: str


class Sender(NamedTuple):
    """What a request needs: the SDK's client, the model, and its key, which is removed from errors."""

    client: Any
    model: Model
    key: str | None


def call_without_refused(
    sender: Sender, send: Callable[..., Any], needed: dict[str, Any], wanted: dict[str, Any]
) -> Answered:
    """Send a request without those parameters of ``wanted`` that the endpoint refuses by name.

    What was left out is noted for this model. Raises :class:`ProviderError`.
    """
    model, wanted = sender.model, dict(wanted)
    dropped = set(seen(model).dropped)
    users = json.loads(model.request_body) if model.request_body else {}
    found: dict[str, Any] = json.loads(seen(model).settings or "{}") | wanted.pop("extra_body", {})
    body = {**found, **users}  # what the user says counts last
    if "max_tokens" in dropped and "max_tokens" in wanted:
        wanted = {**wanted, "max_completion_tokens": wanted["max_tokens"]}
    wanted = {name: value for name, value in {**wanted, **body}.items() if name not in dropped}
    caps = [int(name.removeprefix(_FEW)) for name in dropped if name.startswith(_FEW)]
    if caps and (count := _count_of_words(wanted)):
        wanted[count] = min(wanted[count], *caps)
    refused: list[str] = []
    while True:
        own = {name: value for name, value in wanted.items() if name not in body}
        extra = {name: value for name, value in wanted.items() if name in body}
        try:
            with as_our_errors(model, sender.key):
                answer = send(**needed, **own, **({"extra_body": extra} if extra else {}))
        except Refusal as error:
            name = refused_parameter(error.words, wanted) if error.status in (400, 422) else None
            if name is None or error.declined:
                raise
            refused.append(_leave_out(wanted, name, error.words))
            continue
        for name in refused:
            drop(model, name)
        told = {name: value for name, value in found.items() if name in wanted and name not in users}
        return Answered(answer, as_settings(told))


def _count_of_words(wanted: dict[str, Any]) -> str | None:
    """The parameter for the number of likely tokens, which chat completions and completions call differently."""
    return next((name for name in ("top_logprobs", "logprobs") if type(wanted.get(name)) is int), None)


def most_told(words: str, asked: int) -> int | None:
    """The largest number of likely tokens that an error about ``asked`` of them names as allowed.

    >>> most_told("top_logprobs must be between 1 and 11, but got 20", 20)
    11
    """
    named = [int(number) for number in re.findall(r"(?<![\w.-])\d{1,3}(?![\w-]|\.\d)", words)]
    below = [number for number in named if 1 < number < asked]
    return max(below, default=None)


def _leave_out(wanted: dict[str, Any], name: str, words: str) -> str:
    if name in ("logprobs", "top_logprobs"):
        count = _count_of_words(wanted)
        if count and wanted[count] > _PLAIN_FEW:
            wanted[count] = most_told(words, wanted[count]) or _PLAIN_FEW
            return f"{_FEW}{wanted[count]}"
        wanted.pop("logprobs", None)
        wanted.pop("top_logprobs", None)
        return name
    value = wanted.pop(name)
    if name == "max_tokens":  # OpenAI's newer name for the same thing
        wanted["max_completion_tokens"] = value
    return name
