"""What is told of one call beside its answer, and the answers of those that declined or were not reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.providers.hosted.capabilities import effective
from core.types import Call, Message, OptionAnswer, OptionDistribution, OptionRequest, TextAnswer, TextRequest, TopToken

_LONGEST_NAME = 200
_REASONING_TOKENS = 4096
_MOST_TOKENS = 10**9


def nothing() -> TextAnswer:
    """What a request gets that was not reached before the user stopped."""
    return TextAnswer(text="", finish="cancelled", call=Call(rendered_prompt="", latency_s=0.0))


def declined(request: OptionRequest) -> OptionAnswer:
    """The answer of a model that declined, or whose endpoint's filter did: nothing lies on any option."""
    mass = (0.0,) * len(request.codes)
    return OptionAnswer(
        distribution=OptionDistribution(codes=request.codes, mass=mass, method="top_k"),
        call=Call(rendered_prompt=readable(request.messages), latency_s=0.0),
        refused=True,
    )


def declined_text(request: TextRequest, words: str) -> TextAnswer:
    """The same for a text; ``words`` are the endpoint's."""
    call = Call(rendered_prompt=readable(request.messages), latency_s=0.0)
    return TextAnswer(text=words, finish="refusal", call=call)


def room(request: TextRequest) -> int:
    """Tokens an answer may have; a reasoning model's hidden thoughts count too, so it gets more."""
    return max(request.max_tokens, _REASONING_TOKENS if effective(request.model).reasoning else 0)


def readable(messages: Sequence[Message]) -> str:
    """The messages as one text, as the reader sees the prompt; the endpoint adds its own chat template."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def call_of(
    prompt: str, usage: Any, names: tuple[str, str], top: tuple[TopToken, ...] = (), served: Any = None
) -> Call:
    """What is told about a request: ``names`` are those of the tokens read and written in the endpoint's ``usage``.

    ``served`` is the endpoint's answer, which may tell the name and the fingerprint of what answered.

    How long it took is added by :func:`core.providers.hosted.timing.timed`.
    """
    read, written = (_count(getattr(usage, name, None)) for name in names)
    return Call(
        rendered_prompt=prompt,
        latency_s=0.0,
        tokens_in=read,
        tokens_out=written,
        top_tokens=top,
        served_model=_told(served, "model"),
        served_fingerprint=_told(served, "system_fingerprint"),
    )


def _count(told: Any) -> int | None:
    """A number of tokens that a file can hold and a reader believe; ``None`` for any other thing."""
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < _MOST_TOKENS else None


def _told(served: Any, name: str) -> str | None:
    value = getattr(served, name, None)
    return value[:_LONGEST_NAME] if isinstance(value, str) and value else None
