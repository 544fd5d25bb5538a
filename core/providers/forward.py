"""What is computed with a loaded causal model: next-token logits in batches, and a text token by token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.providers.base import CancelToken

if TYPE_CHECKING:
    import torch

Ids = tuple[int, ...]
TOKEN_BUDGET = 2048
"""Padded tokens of one forward pass."""


def token_batches(prompts: Sequence[Ids], budget: int = TOKEN_BUDGET) -> list[list[Ids]]:
    """The distinct ``prompts``, sorted by length, in batches of at most ``budget`` padded tokens each.

    A prompt longer than the budget makes a batch of its own.
    """
    batches: list[list[Ids]] = []
    for ids in sorted(set(prompts), key=lambda ids: (len(ids), ids)):
        if batches and (len(batches[-1]) + 1) * len(ids) <= budget:
            batches[-1].append(ids)
        else:
            batches.append([ids])
    return batches


def forward_last_logits(model: Any, prompts: Sequence[Ids]) -> torch.Tensor:
    """Logits of the token after each prompt, ``[len(prompts), vocabulary]``, 32-bit on the CPU. One forward pass.

    Prompts are padded on the right, so that a causal model sees each from position 0 and no mask is needed: what
    stands after a position cannot change it. Only the last positions are projected on the vocabulary.
    """
    import torch

    lengths = [len(ids) for ids in prompts]
    ids = torch.zeros((len(prompts), max(lengths)), dtype=torch.long)
    for row, prompt in enumerate(prompts):
        ids[row, : len(prompt)] = torch.tensor(prompt)
    ends = sorted({length - 1 for length in lengths})
    with torch.inference_mode():
        kept = model(
            input_ids=ids.to(model.device),
            use_cache=False,
            logits_to_keep=torch.tensor(ends, device=model.device),
        ).logits
        column = torch.tensor([ends.index(length - 1) for length in lengths], device=model.device)
        return kept[torch.arange(len(prompts), device=model.device), column].float().cpu()


def next_tokens(
    model: Any,
    prompt: Ids,
    *,
    temperature: float | None = None,
    seed: int | None = None,
    cancel: CancelToken | None = None,
) -> Iterator[tuple[int, torch.Tensor]]:
    """Tokens after ``prompt`` without end, each with the logits ``[vocabulary]`` it was chosen from.

    Greedy where ``temperature`` is None or 0, else sampled; the same ``seed`` gives the same tokens. Stops when
    ``cancel`` is set. The caller stops at an end token or a limit.
    """
    import torch

    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    step = torch.tensor([prompt], dtype=torch.long, device=model.device)
    cache = None
    while cancel is None or not cancel.is_set():
        # Not held open over the yield: the mode belongs to the thread, and the caller runs in between.
        with torch.inference_mode():
            output = model(input_ids=step, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = output.past_key_values
            logits = output.logits[0, -1].float().cpu()
            if temperature:
                weights = torch.softmax(logits / temperature, dim=-1)
                token = int(torch.multinomial(weights, 1, generator=generator))
            else:
                token = int(logits.argmax())
            step = torch.tensor([[token]], device=model.device)
        yield token, logits


def is_out_of_memory(error: RuntimeError) -> bool:
    """Whether ``error`` tells that memory ran out, on a GPU or on the CPU."""
    import torch

    words = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or "not enough memory" in words or "can't allocate memory" in words
