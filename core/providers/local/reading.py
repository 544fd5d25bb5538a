"""Reads distributions over the labels of questions from a loaded model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.cancel import CancelToken
from core.errors import BadAnswer, DataError, ProviderError, said
from core.providers.chat import Rendered, render_messages, visible
from core.providers.labels import label_token_ids
from core.providers.local.forward import read_last_logits
from core.providers.local.loader import TOO_BIG_HINT, Loaded
from core.providers.local.prefix_tree import Ids
from core.types import Call, OptionAnswer, OptionDistribution, OptionRequest, TextRequest, TopToken

if TYPE_CHECKING:
    import torch

_TOP = 10


class _Reading(NamedTuple):
    """After one prompt: the probability of each token that may be a label, the likeliest tokens, and the seconds."""

    probability: dict[int, float]
    top: tuple[TopToken, ...]
    seconds: float


def render(loaded: Loaded, request: OptionRequest | TextRequest) -> Rendered | ProviderError:
    """The prompt of ``request`` in the model's own form.

    An error where the prompt is empty or too long for the model.
    """
    try:
        rendered = render_messages(loaded.tokenizer, request.messages, request.model.chat)
    except ProviderError as error:
        return error
    if not rendered.ids:
        return BadAnswer(said("prompt_empty"))
    if loaded.context and len(rendered.ids) >= loaded.context:
        return BadAnswer(
            said("prompt_too_long", n=len(rendered.ids), model=request.model.name, most=loaded.context - 1)
        )
    return rendered


def read_options(
    loaded: Loaded, requests: Sequence[OptionRequest], cancel: CancelToken | None
) -> list[OptionAnswer | ProviderError]:
    """Next-token distributions over the labels of ``requests``, which are all for the model in ``loaded``."""
    prompts = [render(loaded, request) for request in requests]
    labels = {request.labels: _label_ids(loaded.tokenizer, request.labels) for request in requests}
    sets = [found for found in labels.values() if not isinstance(found, ProviderError)]
    wanted = sorted({token for found in sets for ids in found for token in ids})
    ready = [prompt.ids for prompt in prompts if isinstance(prompt, Rendered)]
    readings: dict[Ids, _Reading | ProviderError] = {}
    started = time.perf_counter()
    for batch, logits in read_last_logits(loaded.model, ready, loaded.tree_limit, cancel, loaded.trail):
        if isinstance(logits, RuntimeError):
            readings.update({ids: BadAnswer(said("memory_answer"), TOO_BIG_HINT) for ids in batch})
        else:
            probabilities = logits.softmax(dim=-1)
            found = probabilities[:, wanted].tolist()
            tops = top_tokens(loaded.tokenizer, probabilities)
            share = (time.perf_counter() - started) / sum(ready.count(ids) for ids in batch)
            for ids, row, top in zip(batch, found, tops, strict=True):
                readings[ids] = _Reading(dict(zip(wanted, row, strict=True)), top, share)
        started = time.perf_counter()
    return [
        prompt
        if isinstance(prompt, ProviderError)
        else _answer(request, prompt, labels[request.labels], readings[prompt.ids])
        for request, prompt in zip(requests, prompts, strict=True)
    ]


def top_tokens(tokenizer: Any, probabilities: torch.Tensor) -> list[tuple[TopToken, ...]]:
    """The likeliest tokens of each row of ``probabilities`` ``[rows, vocabulary]``."""
    best = probabilities.topk(min(_TOP, probabilities.shape[-1]))
    return [
        tuple(
            TopToken(text=visible(tokenizer.decode([token])), probability=min(value, 1.0))
            for value, token in zip(values, tokens, strict=True)
        )
        for values, tokens in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]


def _label_ids(tokenizer: Any, labels: tuple[str, ...]) -> tuple[tuple[int, ...], ...] | ProviderError:
    try:
        return label_token_ids(tokenizer, labels)
    except DataError as error:
        return BadAnswer(*error.parts)


def _answer(
    request: OptionRequest,
    prompt: Rendered,
    labels: tuple[tuple[int, ...], ...] | ProviderError,
    reading: _Reading | ProviderError,
) -> OptionAnswer | ProviderError:
    if isinstance(reading, ProviderError):
        return reading
    if isinstance(labels, ProviderError):
        return labels
    mass = tuple(sum(reading.probability[token] for token in ids) for ids in labels)
    return OptionAnswer(
        distribution=OptionDistribution(codes=request.codes, mass=mass, method="full"),
        call=Call(
            rendered_prompt=prompt.text,
            top_tokens=reading.top,
            latency_s=reading.seconds,
            tokens_in=len(prompt.ids),
        ),
    )
