"""Models that run on this computer: the built-in one, a folder, or any causal model of the Hugging Face hub."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING, Any

from core.cancel import CancelToken, check_cancel
from core.errors import BadAnswer, Cancelled, DataError, ProviderError, said
from core.providers.base import OnText
from core.providers.chat import Rendered, render_messages, visible
from core.providers.labels import label_token_ids
from core.providers.local.forward import is_out_of_memory, next_tokens, read_last_logits
from core.providers.local.hub import find_revision
from core.providers.local.libraries import require_libraries
from core.providers.local.loader import TOO_BIG_HINT, Loaded, Loader
from core.providers.local.machine import processor_family
from core.providers.local.prefix_tree import Ids
from core.types import (
    Call,
    Capabilities,
    Computation,
    Model,
    OptionAnswer,
    OptionDistribution,
    OptionRequest,
    TextAnswer,
    TextRequest,
    TopToken,
)

if TYPE_CHECKING:
    import torch

_TOP = 10
_BATCH = 96
_POLL_S = 0.2
_REPLACEMENT = "\ufffd"


class LocalProvider:
    """The local provider. At most ``max_loaded`` models stay in memory; one thread at a time computes with each."""

    name = "local"
    lanes = 1

    def __init__(self, max_loaded: int = 1) -> None:
        self._loader = Loader(max_loaded)
        self._revisions: dict[tuple[str, str | None], str] = {}
        self._lock = threading.Lock()

    def capabilities(self, model: Model) -> Capabilities:
        """Weights at hand let us read every probability, whatever the catalogue says."""
        return model.capabilities.model_copy(update={"logprobs": "full", "top_k": None})

    def revision(self, model: Model) -> str:
        """The exact version, found once per process. Raises :class:`ProviderError`."""
        require_libraries()
        key = (model.remote_id, model.revision)
        if key not in self._revisions:
            found = find_revision(model)  # may wait for the network: no lock held, so that other models can answer
            with self._lock:
                self._revisions.setdefault(key, found)
        return self._revisions[key]

    def batch_size(self, model: Model) -> int:
        """96: all rotations of a question or two for several personas share most of their tokens; seconds of work."""
        return _BATCH

    def computed(self, model: Model) -> Computation | None:
        """Number format and device of ``model`` while it is in memory, and the processor; ``None`` at other times."""
        revision = self._revisions.get((model.remote_id, model.revision))
        loaded = self._loader.held(model, revision) if revision else None
        weights = loaded.model if loaded else None
        if weights is None:
            return None
        return Computation(
            number_format=str(weights.dtype).removeprefix("torch."),
            device=_device_name(weights.device),
            processor=processor_family(),
        )

    def release(self) -> None:
        """Let go of every model in memory."""
        self._loader.clear()

    def option_distribution(
        self, requests: Sequence[OptionRequest], cancel: CancelToken | None = None
    ) -> list[OptionAnswer | ProviderError]:
        """Next-token distributions over the labels, at temperature 1 (methods.md, section 2, full access)."""
        answers: list[OptionAnswer | ProviderError] = []
        for _, same in groupby(requests, key=lambda request: (request.model.remote_id, request.model.revision)):
            group = list(same)
            with self._using(group[0].model, cancel) as loaded:
                answers += _read_options(loaded, group, cancel)
        return answers

    def generate(
        self, requests: Sequence[TextRequest], on_text: OnText | None = None, cancel: CancelToken | None = None
    ) -> list[TextAnswer | ProviderError]:
        """Texts, one after the other. When cancelled, what is there comes back with finish ``cancelled``."""
        answers: list[TextAnswer | ProviderError] = []
        for position, request in enumerate(requests):
            try:
                with self._using(request.model, cancel) as loaded:
                    answers.append(_write(loaded, request, position, on_text, cancel))
            except Cancelled:
                answers.append(_nothing())
        if requests and all(answer == _nothing() for answer in answers):
            raise Cancelled(said("stopped_empty"))
        return answers

    @contextmanager
    def _using(self, model: Model, cancel: CancelToken | None) -> Iterator[Loaded]:
        """``model`` in memory, for this thread alone."""
        while True:
            check_cancel(cancel)
            loaded = self._loader.get(model, self.revision(model), cancel)
            while not loaded.lock.acquire(timeout=_POLL_S):
                check_cancel(cancel)
            try:
                if loaded.model is not None:  # it may have left the memory while we waited
                    yield loaded
                    return
            finally:
                loaded.lock.release()


def _device_name(device: Any) -> str:
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else str(device.type)


def _nothing() -> TextAnswer:
    """What a request gets that was not reached before the user stopped."""
    return TextAnswer(text="", finish="cancelled", call=Call(rendered_prompt="", latency_s=0.0))


def _render(loaded: Loaded, request: OptionRequest | TextRequest) -> Rendered | ProviderError:
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


def _read_options(
    loaded: Loaded, requests: Sequence[OptionRequest], cancel: CancelToken | None
) -> list[OptionAnswer | ProviderError]:
    prompts = [_render(loaded, request) for request in requests]
    ready = [prompt.ids for prompt in prompts if isinstance(prompt, Rendered)]
    readings: dict[Ids, tuple[torch.Tensor, float] | ProviderError] = {}
    started = time.perf_counter()
    for batch, logits in read_last_logits(loaded.model, ready, loaded.tree_limit, cancel, loaded.trail):
        if isinstance(logits, RuntimeError):
            readings.update({ids: BadAnswer(said("memory_answer"), TOO_BIG_HINT) for ids in batch})
        else:
            share = (time.perf_counter() - started) / sum(ready.count(ids) for ids in batch)
            readings.update({ids: (row, share) for ids, row in zip(batch, logits.softmax(dim=-1), strict=True)})
        started = time.perf_counter()
    return [
        prompt if isinstance(prompt, ProviderError) else _distribution(loaded, request, prompt, readings[prompt.ids])
        for request, prompt in zip(requests, prompts, strict=True)
    ]


def _distribution(
    loaded: Loaded, request: OptionRequest, prompt: Rendered, reading: tuple[torch.Tensor, float] | ProviderError
) -> OptionAnswer | ProviderError:
    if isinstance(reading, ProviderError):
        return reading
    probabilities, latency_s = reading
    try:
        sets = label_token_ids(loaded.tokenizer, request.labels)
    except DataError as error:
        return BadAnswer(*error.parts)
    mass = tuple(float(probabilities[list(ids)].double().sum()) for ids in sets)
    return OptionAnswer(
        distribution=OptionDistribution(codes=request.codes, mass=mass, method="full"),
        call=Call(
            rendered_prompt=prompt.text,
            top_tokens=_top_tokens(loaded.tokenizer, probabilities),
            latency_s=latency_s,
            tokens_in=len(prompt.ids),
        ),
    )


def _top_tokens(tokenizer: Any, probabilities: torch.Tensor) -> tuple[TopToken, ...]:
    best = probabilities.topk(min(_TOP, probabilities.numel()))
    return tuple(
        TopToken(text=visible(tokenizer.decode([token])), probability=min(value, 1.0))
        for value, token in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    )


def _write(
    loaded: Loaded, request: TextRequest, position: int, on_text: OnText | None, cancel: CancelToken | None
) -> TextAnswer | ProviderError:
    prompt = _render(loaded, request)
    if isinstance(prompt, ProviderError):
        return prompt
    limit = request.max_tokens
    if loaded.context:
        limit = min(limit, loaded.context - len(prompt.ids))
    started = time.perf_counter()
    tokens: list[int] = []
    top: tuple[TopToken, ...] = ()
    text = ""
    finish = "cancelled"
    try:
        for token, logits in next_tokens(
            loaded.model,
            prompt.ids,
            temperature=request.temperature,
            top_p=request.top_p,
            seed=request.seed,
            cancel=cancel,
        ):
            top = top or _top_tokens(loaded.tokenizer, logits.softmax(dim=-1))
            if token in loaded.end_tokens:
                finish = "stop"
                break
            tokens.append(token)
            text = loaded.tokenizer.decode(tokens, skip_special_tokens=True)
            if on_text and not text.endswith(_REPLACEMENT):  # a character of several tokens is still growing
                on_text(position, text)
            if len(tokens) >= limit:
                finish = "length"
                break
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        return BadAnswer(said("memory_answer"), TOO_BIG_HINT)
    if finish == "cancelled" and not tokens:
        return _nothing()
    call = Call(
        rendered_prompt=prompt.text,
        top_tokens=top,
        latency_s=time.perf_counter() - started,
        tokens_in=len(prompt.ids),
        tokens_out=len(tokens),
    )
    return TextAnswer.model_validate({"text": text, "finish": finish, "call": call})
