"""The next token of a text, from the logits after it: the likeliest, or one drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_FIRST = 512
"""Likeliest tokens looked at before all are sorted: they hold ``top_p`` nearly always."""


def make_generator(seed: int | None, device: str = "cpu") -> torch.Generator:
    """A generator of random numbers on ``device``; without ``seed`` it begins anywhere."""
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
    """One token after ``logits`` ``[vocabulary]``, 32-bit, as a tensor ``[1]``.

    The likeliest where ``temperature`` is None or 0; else drawn, at that temperature, from the likeliest tokens that
    together hold ``top_p`` of the probability. Each call that draws moves ``generator`` on by one draw.
    """
    import torch

    if not temperature:
        return logits.argmax(dim=-1, keepdim=True)
    weights = likeliest(torch.softmax(logits / temperature, dim=-1), top_p)
    return torch.multinomial(weights, 1, generator=generator)


def likeliest(weights: torch.Tensor, top_p: float | None) -> torch.Tensor:
    """``weights`` ``[vocabulary]``, zero but for the likeliest that together hold ``top_p`` of them."""
    import torch

    if top_p is None or top_p >= 1:
        return weights
    ranked, places = weights.topk(min(_FIRST, weights.numel()))
    if float(ranked.sum()) <= top_p:
        ranked, places = weights.sort(descending=True)
    kept = ranked.cumsum(dim=-1) - ranked < top_p
    return torch.zeros_like(weights).scatter(-1, places[kept], ranked[kept])
