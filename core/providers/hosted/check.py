"""Tests a connection with one cheap call, which shows whether a model answers and what can be read from it.

Where no log-probabilities come, answers are sampled. Three more short calls then show whether samples vary at all: a
server that takes the likeliest word at any temperature would make the counts look more certain than they are.
"""

from __future__ import annotations

from core.cancel import CancelToken
from core.errors import ProviderError
from core.providers.base import Provider
from core.providers.hosted.capabilities import effective, forget, seen
from core.providers.hosted.kept_checks import forget_settings
from core.text import whole
from core.types import Capabilities, Frozen, Message, Model, TextAnswer, TextRequest

_AT_RANDOM = "Write a short sentence about anything you like."
_DRAWS = 3
_PROMPT = "Which letter comes first in the alphabet? Answer with one letter."


class Check(Frozen):
    """What the calls have shown. ``dropped`` are parameters that the endpoint refuses.

    ``alike`` is true where a model that has to be sampled wrote exactly the same each time at temperature 1.
    """

    model_id: str
    capabilities: Capabilities
    text: str
    latency_s: float
    logprobs_came: bool
    dropped: tuple[str, ...]
    tokens_in: int | None
    tokens_out: int | None
    alike: bool = False


def check_connection(provider: Provider, model: Model, cancel: CancelToken | None = None) -> Check:
    """Ask ``model`` for one word. What was seen of it before is forgotten and found again.

    Raises :class:`ProviderError` and :class:`~core.errors.Cancelled`.
    """
    forget(model)
    forget_settings(model)
    request = TextRequest(model=model, messages=(Message(role="user", content=_PROMPT),), max_tokens=4)
    (answer,) = provider.generate([request], None, cancel)
    if isinstance(answer, ProviderError):
        raise answer
    assert isinstance(answer, TextAnswer)  # noqa: S101 - the contract of generate
    came = bool(answer.call.top_tokens)
    return Check(
        model_id=model.id,
        capabilities=provider.capabilities(model) if model.endpoint is None else effective(model),
        text=whole(answer.text).strip(),
        latency_s=answer.call.latency_s,
        logprobs_came=came,
        dropped=seen(model).dropped,
        tokens_in=answer.call.tokens_in,
        tokens_out=answer.call.tokens_out,
        alike=not came and model.endpoint is not None and _writes_alike(provider, model, cancel),
    )


def _writes_alike(provider: Provider, model: Model, cancel: CancelToken | None) -> bool:
    if not effective(model).temperature:
        return False  # the maker of the model fixes its sampling
    message = Message(role="user", content=_AT_RANDOM)
    drawn = provider.generate(
        [
            TextRequest(model=model, messages=(message,), max_tokens=16, temperature=1.0, seed=seed)
            for seed in range(1, _DRAWS + 1)
        ],
        None,
        cancel,
    )
    texts = [answer.text.strip() for answer in drawn if isinstance(answer, TextAnswer) and answer.finish != "refusal"]
    return len(texts) == _DRAWS and len(set(texts)) == 1 and texts[0] != ""
