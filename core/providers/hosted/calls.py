"""What is stored of one call beside its answer, and the answers where a model declined or was not asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.providers.hosted.capabilities import effective, settings_of
from core.types import Call, Message, OptionAnswer, OptionDistribution, OptionRequest, TextAnswer, TextRequest, TopToken

_LONGEST_NAME = 200
_REASONING_TOKENS = 4096
_MOST_TOKENS = 10**9


def nothing() -> TextAnswer:
    """The answer to a request that was not sent before the user stopped."""
    return TextAnswer(text="", finish="cancelled", call=Call(rendered_prompt="", latency_s=0.0))


def declined(request: OptionRequest) -> OptionAnswer:
    """The answer where the model or a filter of its endpoint declined: no probability on any option."""
    mass = (0.0,) * len(request.codes)
    return OptionAnswer(
        distribution=OptionDistribution(codes=request.codes, mass=mass, method="top_k"),
        call=_unread(request),
        refused=True,
    )


def declined_text(request: TextRequest, words: str) -> TextAnswer:
    """The same for a text; ``words`` are the endpoint's."""
    return TextAnswer(text=words, finish="refusal", call=_unread(request))


def _unread(request: OptionRequest | TextRequest) -> Call:
    return Call(rendered_prompt=readable(request.messages), latency_s=0.0, settings=settings_of(request.model))


def room(request: TextRequest) -> int:
    """Most tokens of an answer. A reasoning model gets more, because its hidden thoughts count too."""
    return max(request.max_tokens, _REASONING_TOKENS if effective(request.model).reasoning else 0)


def readable(messages: Sequence[Message]) -> str:
    """The messages as one text, for readers. The endpoint adds its own chat template to them."""
    if len(messages) == 1:
        return messages[0].content
    return "\n\n".join(f"[{message.role}]\n{message.content}" for message in messages)


def call_of(
    prompt: str, usage: Any, names: tuple[str, str], top: tuple[TopToken, ...] = (), served: Any = None
) -> Call:
    """What is known of one call.

    ``names`` are the fields of the endpoint's ``usage`` with the tokens read and written. ``served`` is the endpoint's
    answer, which may have the name and the fingerprint of the model that answered.
    :func:`core.providers.hosted.timing.timed` adds the seconds.
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
    """``told`` where it is a plausible number of tokens, else ``None``."""
    return told if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < _MOST_TOKENS else None


def _told(served: Any, name: str) -> str | None:
    value = getattr(served, name, None)
    return value[:_LONGEST_NAME] if isinstance(value, str) and value else None
