"""Chooses the next token of a text from its logits: the likeliest, or one drawn at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_FIRST = 512
"""Likeliest tokens that are looked at before all are sorted: nearly always they have ``top_p`` of the probability."""


def make_generator(seed: int | None, device: str = "cpu") -> torch.Generator:
    """A generator of random numbers on ``device``; without ``seed`` it starts in a random state."""
    import torch

    generator = torch.Generator(device)
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    return generator


def draw(
    logits: torch.Tensor, temperature: float | None, top_p: float | None, generator: torch.Generator
) -> torch.Tensor:
    """One token from ``logits`` ``[vocabulary]``, 32-bit, as a tensor ``[1]``.

    With ``temperature`` ``None`` or 0 it is the likeliest. Else it is drawn at that temperature from the likeliest
    tokens that together have ``top_p`` of the probability. Each draw advances ``generator`` by one step.
    """
    import torch

    if not temperature:
        return logits.argmax(dim=-1, keepdim=True)
    weights = likeliest(torch.softmax(logits / temperature, dim=-1), top_p)
    return torch.multinomial(weights, 1, generator=generator)


def likeliest(weights: torch.Tensor, top_p: float | None) -> torch.Tensor:
    """``weights`` ``[vocabulary]`` with 0 for all but the likeliest tokens that together have ``top_p`` of the sum."""
    import torch

    if top_p is None or top_p >= 1:
        return weights
    ranked, places = weights.topk(min(_FIRST, weights.numel()))
    if float(ranked.sum()) <= top_p:
        ranked, places = weights.sort(descending=True)
    kept = ranked.cumsum(dim=-1) - ranked < top_p
    return torch.zeros_like(weights).scatter(-1, places[kept], ranked[kept])
