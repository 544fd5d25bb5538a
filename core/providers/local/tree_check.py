"""Checks, when a model is loaded, whether prompts may be computed as a tree: a few tokens are computed both ways."""

from __future__ import annotations

import sys
from typing import Any

from core.providers.local.forward import forward_last_logits, forward_pack

_TOLERANCE = 1e-3
_TOLERANCE_HALF = 0.05
_STEM = (11, 12, 13, 14, 15, 16, 17, 18, 19)
_PROMPTS = (_STEM[:6], (*_STEM, 30, 31, 32, 33), (*_STEM, 30, 40, 41), (*_STEM, 50, 51, 52, 53, 54))


def tree_limit(model: Any) -> int:
    """The most tokens of a prompt that may be computed in a tree; 0 where ``model`` does not allow it.

    A few short prompts must give the same logits as a tree and side by side. They do not with models that mix
    neighbouring tokens outside of attention (state-space, linear attention, convolutions), or that take no position ids
    or no attention function. Where layers look back a limited distance without saying so, a prompt must not be longer
    than that distance.
    """
    config = model.config.get_text_config()
    if getattr(config, "vocab_size", 0) <= max(map(max, _PROMPTS)):
        return 0
    windows: dict[int, int | None] = {}
    if not _agrees(model, windows):
        return 0
    ways = [getattr(config, "attention_chunk_size", None)]
    if not _told(config, windows):
        ways.append(getattr(config, "sliding_window", None))
    return min((way for way in ways if isinstance(way, int) and way > 0), default=sys.maxsize)


def _told(config: Any, windows: dict[int, int | None]) -> bool:
    """Whether every layer passed to its attention how far it looks back, as the configuration says."""
    kinds = getattr(config, "layer_types", None)
    window = getattr(config, "sliding_window", None)
    return all(
        told == (window if kinds is None or kinds[layer] == "sliding_attention" else None)
        for layer, told in windows.items()
    )


def _agrees(model: Any, windows: dict[int, int | None]) -> bool:
    """Whether both ways give the same logits. ``windows`` is filled with how far each layer looks back."""
    import torch

    known = len(_STEM)
    try:  # in two packs, so that carrying keys and values from one to the next is checked too
        first, carried = forward_pack(model, _PROMPTS[:2], after=known)
        second, _ = forward_pack(model, _PROMPTS[2:], known, carried, windows=windows)
    except (TypeError, ValueError, LookupError, AttributeError, RuntimeError):
        return False  # whatever failed, prompts are computed side by side then
    plain = forward_last_logits(model, _PROMPTS)
    tolerance = _TOLERANCE if model.dtype == torch.float32 else _TOLERANCE_HALF
    apart = (torch.cat([first, second]) - plain).abs().max()
    return bool(apart <= tolerance * plain.std(dim=0).max())
