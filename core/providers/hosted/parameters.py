"""Parameters that an endpoint refuses by name are left out, for this model from then on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from core.providers.hosted.capabilities import drop, refused_parameter, seen
from core.providers.hosted.faults import Refusal, as_our_errors
from core.types import Model

_PLAIN_FEW = 5  # many endpoints tell five likely words at most
FEW = "top_logprobs>5"
"""Remembered for an endpoint that tells no more than five likely words."""


class Sender(NamedTuple):
    """Everything needed to send a request: the SDK's client, the model, and its key for taking it out of errors."""

    client: Any
    model: Model
    key: str | None


def call_without_refused(
    sender: Sender, send: Callable[..., Any], needed: dict[str, Any], wanted: dict[str, Any]
) -> Any:
    """Send, leaving out of ``wanted`` what the endpoint refuses by name; what helped is remembered for this model.

    Raises :class:`ProviderError`.
    """
    model = sender.model
    dropped = set(seen(model).dropped)
    body = json.loads(model.request_body) if model.request_body else {}
    if "max_tokens" in dropped and "max_tokens" in wanted:
        wanted = {**wanted, "max_completion_tokens": wanted["max_tokens"]}
    wanted = {name: value for name, value in {**wanted, **body}.items() if name not in dropped}
    if FEW in dropped and (count := _count_of_words(wanted)):
        wanted[count] = min(wanted[count], _PLAIN_FEW)
    refused: list[str] = []
    while True:
        own = {name: value for name, value in wanted.items() if name not in body}
        besides = {name: value for name, value in wanted.items() if name in body}
        try:
            with as_our_errors(model, sender.key):
                answer = send(**needed, **own, **({"extra_body": besides} if besides else {}))
        except Refusal as error:
            name = refused_parameter(error.words, wanted) if error.status in (400, 422) else None
            if name is None or error.declined:
                raise
            refused.append(_leave_out(wanted, name))
            continue
        for name in refused:
            drop(model, name)
        return answer


def _count_of_words(wanted: dict[str, Any]) -> str | None:
    """The parameter that says how many likely words to tell: the chat has one of its own, completions have not."""
    return next((name for name in ("top_logprobs", "logprobs") if type(wanted.get(name)) is int), None)


def _leave_out(wanted: dict[str, Any], name: str) -> str:
    if name in ("logprobs", "top_logprobs"):
        count = _count_of_words(wanted)
        if count and wanted[count] > _PLAIN_FEW:
            wanted[count] = _PLAIN_FEW
            return FEW
        wanted.pop("logprobs", None)
        wanted.pop("top_logprobs", None)
        return name
    value = wanted.pop(name)
    if name == "max_tokens":  # OpenAI's newer name for the same thing
        wanted["max_completion_tokens"] = value
    return name
